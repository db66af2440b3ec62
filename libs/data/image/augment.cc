#include "libs/data/image/augment.h"

#include <algorithm>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/random.h"

namespace niwaki::data {
namespace {

struct Plane {
  float* at;
  int height;
  int width;
};

// Uniform in [-limit, limit].
int Offset(int limit, Random& random) {
  return static_cast<int>(random.Uniform(2 * std::max(0, limit) + 1)) - std::max(0, limit);
}

// plane[y][x] = plane[y + dy][x + dx], 0 beyond the edges.
void Shift(const Plane& plane, int dy, int dx) {
  const std::vector<float> old(plane.at, plane.at + plane.height * plane.width);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      const int from_y = y + dy, from_x = x + dx;
      const bool inside =
          from_y >= 0 && from_y < plane.height && from_x >= 0 && from_x < plane.width;
      plane.at[y * plane.width + x] = inside ? old[from_y * plane.width + from_x] : 0.0f;
    }
  }
}

void Mirror(const Plane& plane) {
  for (int y = 0; y < plane.height; ++y) {
    std::reverse(plane.at + y * plane.width, plane.at + (y + 1) * plane.width);
  }
}

// A stretch of 0 to `max_length` positions within [0, size).
struct Stretch {
  int first;
  int last;
};
Stretch DrawStretch(int size, int max_length, Random& random) {
  const int length = static_cast<int>(random.Uniform(std::clamp(max_length, 0, size) + 1));
  const int first = static_cast<int>(random.Uniform(size - length + 1));
  return {first, first + length};
}

void AugmentPicture(const Metadata& metadata, const AugmentOptions& options, Random& random,
                    float* example) {
  const int dy = Offset(options.crop_padding, random);
  const int dx = Offset(options.crop_padding, random);
  const bool mirror = options.flip && random.Bernoulli(0.5);
  for (int c = 0; c < metadata.channels; ++c) {
    const Plane plane = {example + c * metadata.height * metadata.width, metadata.height,
                         metadata.width};
    if (dy != 0 || dx != 0) Shift(plane, dy, dx);
    if (mirror) Mirror(plane);
  }
}

void AugmentLogMel(const Metadata& metadata, const AugmentOptions& options, Random& random,
                   float* example) {
  const Plane plane = {example, metadata.height, metadata.width};
  const int shift = Offset(options.max_shift_frames, random);
  if (shift != 0) {
    // The frames that come in repeat the edge: silence sounds like the silence beside it, not like
    // the mean.
    const std::vector<float> old(plane.at, plane.at + plane.height * plane.width);
    for (int y = 0; y < plane.height; ++y) {
      const int from = std::clamp(y + shift, 0, plane.height - 1);
      std::copy_n(old.data() + from * plane.width, plane.width, plane.at + y * plane.width);
    }
  }
  const double gain_db = options.max_gain_db * (2 * random.UniformDouble() - 1);
  const float gain = static_cast<float>(gain_db / metadata.stddev[0]);
  std::for_each(plane.at, plane.at + plane.height * plane.width, [gain](float& v) { v += gain; });
  for (int m = 0; m < options.time_masks; ++m) {
    const Stretch t = DrawStretch(plane.height, options.max_time_mask_frames, random);
    std::fill(plane.at + t.first * plane.width, plane.at + t.last * plane.width, 0.0f);
  }
  for (int m = 0; m < options.frequency_masks; ++m) {
    const Stretch f = DrawStretch(plane.width, options.max_frequency_mask_bins, random);
    for (int y = 0; y < plane.height; ++y) {
      float* row = plane.at + y * plane.width;
      std::fill(row + f.first, row + f.last, 0.0f);
    }
  }
}

}  // namespace

void Augment(const Metadata& metadata, const AugmentOptions& options, uint64_t seed,
             absl::Span<float> example) {
  NIWAKI_CHECK(example.size() == metadata.ElementsPerExample());
  Random random(seed);
  if (metadata.front_end.has_value()) {
    AugmentLogMel(metadata, options, random, example.data());
  } else {
    AugmentPicture(metadata, options, random, example.data());
  }
}

}  // namespace niwaki::data
