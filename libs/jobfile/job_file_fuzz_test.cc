#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/jobfile/job_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {R"(name: keywords-on-f746
supernet: kws
device: stm32f746
objectives: [top1, latency]
constraints: {sram: 64kB, flash: 256kB, latency: 100ms, energy_mj: 5, macs: 5M, params: 200k}
algorithm: {nsga2: {population: 40, crossover_probability: 0.5}}
max_candidates: 200
max_parallel: 16
seed: 18446744073709551615
evaluation: {calibration_images: 512, evaluation_images: 100, precision: cpu-f32}
)",
          R"({"supernet": "kws", "device": "stm32f746", "algorithm": "random"})"};
}

bool Run(absl::string_view input) {
  const auto spec = jobfile::ParseJobSpec(input, "input");
  if (spec.ok()) return true;
  NIWAKI_CHECK(spec.status().code() == absl::StatusCode::kInvalidArgument);
  return false;
}

}  // namespace niwaki::fuzz
