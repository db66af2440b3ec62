#include "libs/data/image/photo.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/data/image/resize.h"

namespace niwaki::data {
namespace {

struct Box {
  int y;
  int x;
  int height;
  int width;
};

double Between(double low, double high, Random& random) {
  return low + (high - low) * random.UniformDouble();
}

// After ten boxes that do not fit, the largest in the middle that has an allowed shape.
Box DrawBox(const Metadata& metadata, const PhotoOptions& options, Random& random) {
  const int height = metadata.height, width = metadata.width;
  const double log_aspect = std::log(options.max_aspect);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = Between(options.min_area, 1, random) * height * width;
    const double aspect = std::exp(Between(-log_aspect, log_aspect, random));
    const int w = static_cast<int>(std::lround(std::sqrt(area * aspect)));
    const int h = static_cast<int>(std::lround(std::sqrt(area / aspect)));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const int y = static_cast<int>(random.Uniform(height - h + 1));
    const int x = static_cast<int>(random.Uniform(width - w + 1));
    return {y, x, h, w};
  }
  const double aspect =
      std::clamp(static_cast<double>(width) / height, 1 / options.max_aspect, options.max_aspect);
  const int w = std::min(width, std::max(1, static_cast<int>(std::lround(height * aspect))));
  const int h = std::min(height, std::max(1, static_cast<int>(std::lround(width / aspect))));
  return {(height - h) / 2, (width - w) / 2, h, w};
}

// Smallest and largest value that a stored element can have.
std::pair<double, double> RangeOf(const Metadata& metadata) {
  const auto real = [&](double element) { return metadata.scale * element + metadata.offset; };
  switch (metadata.element_type) {
    case ElementType::kUint8:
      return {real(0), real(255)};
    case ElementType::kInt8:
      return {real(-128), real(127)};
    default:
      return {0, 1};
  }
}

// The picture as brightnesses from 0, black, to 1, white; changed in place.
class Colours {
 public:
  Colours(const Metadata& metadata, int64_t pixels, float* out)
      : metadata_(metadata), range_(RangeOf(metadata)), pixels_(pixels), out_(out) {
    ForEach([&](int c, float& v) {
      const double real = v * metadata_.stddev[c] + metadata_.mean[c];
      v = static_cast<float>((real - range_.first) / (range_.second - range_.first));
    });
  }

  void Brighten(double factor) {
    ForEach([&](int, float& v) { v = Clamp(v * factor); });
  }

  // Away from grey, or towards it (ITU-R BT.601 luma).
  void Saturate(double factor) {
    if (metadata_.channels != 3) return;
    float* red = out_;
    float* green = out_ + pixels_;
    float* blue = out_ + 2 * pixels_;
    for (int64_t i = 0; i < pixels_; ++i) {
      const double grey = 0.299 * red[i] + 0.587 * green[i] + 0.114 * blue[i];
      for (float* v : {red + i, green + i, blue + i}) *v = Clamp(factor * *v + (1 - factor) * grey);
    }
  }

  void Normalise() {
    ForEach([&](int c, float& v) {
      const double real = range_.first + v * (range_.second - range_.first);
      v = static_cast<float>((real - metadata_.mean[c]) / metadata_.stddev[c]);
    });
  }

 private:
  static float Clamp(double v) { return static_cast<float>(std::clamp(v, 0.0, 1.0)); }

  template <typename Change>
  void ForEach(Change change) {
    for (int c = 0; c < metadata_.channels; ++c) {
      for (int64_t i = c * pixels_; i < (c + 1) * pixels_; ++i) change(c, out_[i]);
    }
  }

  const Metadata& metadata_;
  const std::pair<double, double> range_;
  const int64_t pixels_;
  float* const out_;
};

}  // namespace

void AugmentPhoto(const Metadata& metadata, const PhotoOptions& options, uint64_t seed,
                  absl::Span<const float> example, int height, int width, float* out) {
  NIWAKI_CHECK(example.size() == static_cast<size_t>(metadata.ElementsPerExample()));
  Random random(seed);
  const Box box = DrawBox(metadata, options, random);
  Resizer resizer(box.height, box.width, height, width);
  std::vector<float> crop(int64_t{box.height} * box.width);
  const int64_t pixels = int64_t{height} * width;
  const bool mirror = options.flip && random.Bernoulli(0.5);
  for (int c = 0; c < metadata.channels; ++c) {
    const float* plane = example.data() + int64_t{c} * metadata.height * metadata.width;
    for (int y = 0; y < box.height; ++y) {
      std::copy_n(plane + int64_t{box.y + y} * metadata.width + box.x, box.width,
                  crop.data() + int64_t{y} * box.width);
    }
    float* target = out + c * pixels;
    resizer.Resize(crop.data(), target);
    if (!mirror) continue;
    for (int y = 0; y < height; ++y) {
      std::reverse(target + int64_t{y} * width, target + int64_t{y + 1} * width);
    }
  }
  const double brightness = Between(1 - options.brightness, 1 + options.brightness, random);
  const double saturation = Between(1 - options.saturation, 1 + options.saturation, random);
  const bool brightness_first = random.Bernoulli(0.5);
  if (options.brightness == 0 && options.saturation == 0) return;
  Colours colours(metadata, pixels, out);
  if (brightness_first) colours.Brighten(brightness);
  colours.Saturate(saturation);
  if (!brightness_first) colours.Brighten(brightness);
  colours.Normalise();
}

}  // namespace niwaki::data
