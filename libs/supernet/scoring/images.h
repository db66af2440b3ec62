// Examples of a prepared data set as tensors.

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_IMAGES_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_IMAGES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::supernet {

struct LabelledImages {
  at::Tensor images;            // [N, C, H, W] float32, normalised, channels last, on the CPU
  std::vector<int64_t> labels;  // [N]

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  // `count` images from `first` on; shares memory.
  at::Tensor Slice(int64_t first, int64_t count) const { return images.narrow(0, first, count); }
};

// The examples `indices` of a split, resized to `resolution`.
absl::StatusOr<LabelledImages> LoadImages(const data::PreparedData& data, data::Split split,
                                          absl::Span<const int64_t> indices,
                                          const arch::Resolution& resolution);

// The first `count` examples of a split (0: all of them; at most as many as there are).
absl::StatusOr<LabelledImages> LoadFirstImages(const data::PreparedData& data, data::Split split,
                                               int64_t count, const arch::Resolution& resolution);

// FailedPrecondition with reason SUPERNET_MISMATCH unless channels and classes of `data` are those
// of `space`.
absl::Status CheckDataFits(const arch::SearchSpace& space, const data::PreparedData& data);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_IMAGES_H_
