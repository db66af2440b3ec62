// All networks of the fit counted on one core, and what coefficients make of others.

#ifndef NIWAKI_TESTS_LATENCY_CORE_COUNTS_H_
#define NIWAKI_TESTS_LATENCY_CORE_COUNTS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/latency/latency_model.h"
#include "tests/latency/counted_layers.h"
#include "tests/latency/operator_fit.h"

namespace niwaki::latency {

struct NetworkCount {
  std::string name;
  double counted = 0;
  double predicted = 0;

  double ratio() const { return predicted / counted; }
};

// Counts every operator of `cases` on the emulated board of `core`; those that compute nothing are
// left out. The errors of CountInstructions. Blocks for minutes.
absl::StatusOr<std::vector<CountedOperator>> CountOperators(const std::vector<CountedCase>& cases,
                                                            absl::string_view core);

// Counts each of `cases` as a whole, and what `model` says, whose coefficients times `scale` are
// instructions.
absl::StatusOr<std::vector<NetworkCount>> CountNetworks(const std::vector<CountedCase>& cases,
                                                        absl::string_view core,
                                                        const LatencyModel& model,
                                                        double scale = 1);

// The published networks below `shared`/models as an export has them.
absl::StatusOr<std::vector<CountedCase>> PublishedCases(const std::string& shared);

}  // namespace niwaki::latency

#endif  // NIWAKI_TESTS_LATENCY_CORE_COUNTS_H_
