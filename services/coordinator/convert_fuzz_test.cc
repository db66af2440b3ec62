#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "services/coordinator/convert.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  v1::JobSpec spec;
  spec.set_supernet("supernets/s");
  spec.set_device("devices/d");
  spec.add_objectives(v1::METRIC_TOP1);
  v1::Constraint& constraint = *spec.add_constraints();
  constraint.set_metric(v1::METRIC_SRAM_BYTES);
  constraint.set_max(65536);
  spec.mutable_random();
  spec.set_max_candidates(3);
  spec.set_max_parallel(2);
  spec.mutable_evaluation()->set_precision("cuda-bf16");
  return {spec.SerializeAsString()};
}

bool Run(absl::string_view input) {
  v1::JobSpec message;
  if (!message.ParseFromArray(input.data(), input.size())) return false;
  const auto spec = coordinator::JobSpecFromProto(message);
  if (!spec.ok()) return false;
  NIWAKI_CHECK(coordinator::JobSpecFromProto(coordinator::ToProto(*spec)).ok());
  jobs::ValidateJobSpec(*spec).IgnoreError();
  return true;
}

}  // namespace niwaki::fuzz
