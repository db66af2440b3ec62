// Adaptation: the latency table of a device that is known, and some operators measured on a new
// one, give a table of the new one.
//
// How much slower the new device is differs by operator, but little: the logarithm of the ratio is
// fitted by ridge regression on the logarithm of the known latency and on the kind of operator,
// with the penalty that predicts left-out operators best. Ten operators give a scale, from a
// hundred the kinds have their own.

#ifndef NIWAKI_LIBS_LATENCY_TRANSFER_ADAPTATION_H_
#define NIWAKI_LIBS_LATENCY_TRANSFER_ADAPTATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/latency/snapshot.h"

namespace niwaki::latency {

// Operators that both devices have, at the least.
inline constexpr int kMinAdaptationSamples = 3;

struct Adaptation {
  // Operators (or blocks) that both tables have, from kMinAdaptationSamples.
  int64_t samples = 0;
  // How many there are in the known table only, and in the new one only.
  int64_t adapted = 0;
  int64_t measured_only = 0;
  // The new device's latency over the known one's, geometric mean over the samples.
  double ratio = 1;
  // Mean and largest relative error on samples that were left out: one by one, or in twenty folds
  // where there are more.
  double cross_validated_error = 0;
  double worst_error = 0;
  // At least 1: nine of ten operators are expected within [prediction / ratio, prediction * ratio].
  double interval_ratio = 1;
  // The new device's whole table, PREDICTED, in the order of signatures: what was measured as it
  // was measured, the rest adapted with the spread that cross-validation shows. A network's sum
  // takes errors of its operators as independent; the scale's own is common to all, but smaller by
  // the root of the samples. `count` is the number of samples, or of the measurement's runs.
  std::vector<LookupEntry> entries;
};

// `known` are entries of one device and provenance, `measured` those of another device; signatures
// of each are distinct. Entries of 0 us stay 0 and are no samples. InvalidArgument with reason
// ARGUMENT_INVALID, naming the number, where both have less than kMinAdaptationSamples in common;
// for several devices in one list, or a signature that is there twice.
absl::StatusOr<Adaptation> AdaptTable(const std::vector<LookupEntry>& known,
                                      const std::vector<LookupEntry>& measured);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_TRANSFER_ADAPTATION_H_
