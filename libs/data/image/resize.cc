#include "libs/data/image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "libs/base/log.h"

namespace niwaki::data {

std::vector<Resizer::Taps> Resizer::MakeTaps(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double radius = std::max(1.0, scale);
  std::vector<Taps> all(out_size);
  for (int o = 0; o < out_size; ++o) {
    const double centre = (o + 0.5) * scale - 0.5;
    const int first = std::max(0, static_cast<int>(std::ceil(centre - radius)));
    const int last = std::min(in_size - 1, static_cast<int>(std::floor(centre + radius)));
    std::vector<double> weights;
    double sum = 0;
    for (int i = first; i <= last; ++i) {
      weights.push_back(std::max(0.0, 1 - std::abs(i - centre) / radius));
      sum += weights.back();
    }
    all[o].first = first;
    for (double weight : weights) all[o].weights.push_back(static_cast<float>(weight / sum));
  }
  return all;
}

Resizer::Resizer(int in_height, int in_width, int out_height, int out_width)
    : in_height_(in_height),
      in_width_(in_width),
      out_width_(out_width),
      identity_(in_height == out_height && in_width == out_width) {
  NIWAKI_CHECK(in_height > 0 && in_width > 0 && out_height > 0 && out_width > 0);
  if (identity_) return;
  rows_ = MakeTaps(in_height, out_height);
  columns_ = MakeTaps(in_width, out_width);
  narrowed_.resize(int64_t{in_height} * out_width);
}

void Resizer::Resize(const float* in, float* out) {
  if (identity_) {
    std::copy(in, in + int64_t{in_height_} * in_width_, out);
    return;
  }
  float* narrow = narrowed_.data();
  for (int y = 0; y < in_height_; ++y, in += in_width_) {
    for (const Taps& taps : columns_) {
      float sum = 0;
      for (size_t k = 0; k < taps.weights.size(); ++k) sum += taps.weights[k] * in[taps.first + k];
      *narrow++ = sum;
    }
  }
  for (const Taps& taps : rows_) {
    std::fill(out, out + out_width_, 0.0f);
    for (size_t k = 0; k < taps.weights.size(); ++k) {
      const float* row = narrowed_.data() + int64_t{taps.first + static_cast<int>(k)} * out_width_;
      for (int x = 0; x < out_width_; ++x) out[x] += taps.weights[k] * row[x];
    }
    out += out_width_;
  }
}

}  // namespace niwaki::data
