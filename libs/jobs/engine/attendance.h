// Attendance: when workers of each precision last asked for candidates.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_ATTENDANCE_H_
#define NIWAKI_LIBS_JOBS_ENGINE_ATTENDANCE_H_

#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace niwaki::jobs {

// Not thread-safe.
class Attendance {
 public:
  // An idle worker asks again well before this is over: a call waits for 30 s at most.
  static constexpr absl::Duration kPatience = absl::Minutes(1);

  // Nobody has asked yet; one listens from `start`.
  explicit Attendance(absl::Time start) : start_(start) {}

  // A worker that computes in `precision` asks.
  void Asked(absl::string_view precision, absl::Time now);

  // Whether one has asked within kPatience.
  bool IsPresent(absl::string_view precision, absl::Time now) const;
  // Whether none has, while there was somebody to ask. Right after the start a class is neither
  // present nor absent.
  bool IsAbsent(absl::string_view precision, absl::Time now) const;

 private:
  const absl::Time start_;
  std::map<std::string, absl::Time, std::less<>> asked_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_ATTENDANCE_H_
