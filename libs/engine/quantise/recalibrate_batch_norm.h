// Batch-norm statistics of one network, re-estimated from calibration examples by the float path
// that is the same on every machine; the rule is that of scores
// (libs/supernet/scoring/recalibrate.h).

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_RECALIBRATE_BATCH_NORM_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_RECALIBRATE_BATCH_NORM_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "libs/engine/quantise/examples.h"
#include "libs/engine/quantise/float_network.h"

namespace niwaki::engine {

// `network` with new statistics: every batch of `batch` examples is normalised with its own mean
// and biased variance, and those of all batches are averaged, weighted by their examples. A batch's
// activations are held at once. The errors of Validate, CheckExamples and reading.
absl::StatusOr<FloatNetwork> RecalibrateBatchNorm(FloatNetwork network, const Examples& examples,
                                                  int64_t batch, const Loop& loop);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_RECALIBRATE_BATCH_NORM_H_
