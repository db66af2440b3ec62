#include "libs/jobs/engine/attendance.h"

namespace niwaki::jobs {

void Attendance::Asked(absl::string_view precision, absl::Time now) {
  asked_.insert_or_assign(std::string(precision), now);
}

void Attendance::Left(absl::string_view precision, absl::Time last) { Asked(precision, last); }

bool Attendance::IsPresent(absl::string_view precision, absl::Time now) const {
  const auto it = asked_.find(precision);
  return it != asked_.end() && now - it->second < kPatience;
}

}  // namespace niwaki::jobs
