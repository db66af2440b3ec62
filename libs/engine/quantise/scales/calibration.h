// What the tensors of a network hold on calibration examples.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_CALIBRATION_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_CALIBRATION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "libs/engine/floats/examples.h"
#include "libs/engine/floats/float_network.h"
#include "libs/engine/quantise/scales/histogram.h"

namespace niwaki::engine {

// By tensor, of each channel the least and the largest value.
using ChannelRanges = std::vector<std::vector<Range>>;

// FailedPrecondition with reason SCORE_NOT_FINITE names the operator whose output holds a value
// that is not a finite number; the errors of Validate, CheckExamples and reading.
absl::StatusOr<ChannelRanges> ObserveRanges(const FloatNetwork& network, const Examples& examples,
                                            const Loop& loop);

// Of all channels together.
Range WholeRange(const std::vector<Range>& channels);

struct Statistics {
  // By tensor.
  std::vector<Histogram> histograms;
  // By tensor, of each channel the mean value.
  std::vector<std::vector<double>> means;
};

// Over `ranges`, one a tensor; values beyond one count at its end. The result does not depend on
// `loop`. The errors of ObserveRanges but that of values that are not finite.
absl::StatusOr<Statistics> ObserveStatistics(const FloatNetwork& network,
                                             const std::vector<Range>& ranges,
                                             const Examples& examples, const Loop& loop);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_CALIBRATION_H_
