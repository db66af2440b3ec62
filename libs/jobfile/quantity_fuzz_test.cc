#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/jobfile/quantity.h"
#include "libs/jobfile/resource_name.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {"5M",   "1.5G", "1e6", "2.5E+3k", "200 k", "12mJ", "0.5 J", "jobs/abc/candidates/7",
          "abc/7"};
}

bool Run(absl::string_view input) {
  const auto count = jobfile::ParseCount(input);
  const auto energy = jobfile::ParseMillijoules(input);
  const auto name = jobfile::ParseCandidateName(input);
  NIWAKI_CHECK(!count.ok() || *count >= 0);
  NIWAKI_CHECK(!energy.ok() || *energy >= 0);
  NIWAKI_CHECK(!name.ok() || name->slot >= 0);
  return count.ok() || energy.ok() || name.ok();
}

}  // namespace niwaki::fuzz
