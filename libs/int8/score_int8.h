// How good a quantised network is: its accuracy by the kernels that a device runs.

#ifndef NIWAKI_LIBS_INT8_SCORE_INT8_H_
#define NIWAKI_LIBS_INT8_SCORE_INT8_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/prepared.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::int8 {

struct Int8Score {
  // Fraction of images whose label is the largest output, or among the five largest; of equal
  // outputs the first counts as larger.
  double top1 = 0;
  double top5 = 0;
  int64_t images = 0;
};

// Values as levels of `q`, clamped to int8.
std::vector<int8_t> LevelsOf(const std::vector<float>& values, const engine::Quantisation& q);

// On the first `images` of a split (0: all), resized to what the network reads; progress counts
// images. FailedPrecondition for an empty split; InvalidArgument where the network has not an
// output for each class of `data`, or not its channels.
absl::StatusOr<Int8Score> ScoreInt8(const engine::QuantisedNetwork& network,
                                    const data::PreparedData& data, data::Split split,
                                    int64_t images, const data::ParallelOptions& parallel);

}  // namespace niwaki::int8

#endif  // NIWAKI_LIBS_INT8_SCORE_INT8_H_
