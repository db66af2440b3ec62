// OFA's own search problem, as its tutorial poses it: the published accuracy predictor, the latency
// tables of a Samsung Note10, and its table of MACs, for the MobileNetV3 space at width 1.2 and
// resolutions 160, 176, 192, 208 and 224.
//
// The data are published by their authors and are no part of the project: they are read from a
// folder.

#ifndef NIWAKI_TESTS_BENCH_OFA_PROBLEM_H_
#define NIWAKI_TESTS_BENCH_OFA_PROBLEM_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/latency/space_table.h"
#include "libs/predictor/accuracy_predictor.h"

namespace niwaki::bench {

struct OfaProblem {
  arch::SearchSpace space;
  std::shared_ptr<const predictor::AccuracyPredictor> predictor;
  // Note10, microseconds.
  latency::SpaceTable latency_us;
  // As the tutorial counts them: 6 to 17 % below the network's.
  latency::SpaceTable reference_macs;
  latency::SpaceTable true_macs;
};

// `folder` holds predictors/ofa_tutorial_acc_predictor.{index.json,bin},
// lut_note10/{160…224}_lookup_table.yaml and reference_macs_table.json. NotFound names the file
// that is not there; the errors of reading them.
absl::StatusOr<std::unique_ptr<const OfaProblem>> LoadOfaProblem(const std::string& folder);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_OFA_PROBLEM_H_
