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
  // One has left: of those that stay, the last to call did so at `last`; InfinitePast where none
  // stays.
  void Left(absl::string_view precision, absl::Time last);

  // Whether one has asked within kPatience.
  bool IsPresent(absl::string_view precision, absl::Time now) const;
  // Whether one has listened for long enough to miss those who were there before the start.
  bool IsSettled(absl::Time now) const { return now - start_ >= kPatience; }

 private:
  const absl::Time start_;
  std::map<std::string, absl::Time, std::less<>> asked_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_ATTENDANCE_H_
