#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/jobs/job_spec.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  jobs::JobSpec spec;
  spec.supernet = "kws";
  spec.device = "stm32f746";
  spec.constraints = {{search::Metric::kSramBytes, 65536}};
  std::vector<std::string> seeds = {jobs::JobSpecToJson(spec)};
  spec.objectives = {search::Metric::kTop1};
  spec.algorithm = search::EvolutionOptions();
  seeds.push_back(jobs::JobSpecToJson(spec));
  return seeds;
}

bool Run(absl::string_view input) {
  const auto spec = jobs::JobSpecFromJson(input);
  if (!spec.ok()) return false;
  const auto again = jobs::JobSpecFromJson(jobs::JobSpecToJson(*spec));
  NIWAKI_CHECK(again.ok());
  jobs::ValidateJobSpec(*spec).IgnoreError();
  return true;
}

}  // namespace niwaki::fuzz
