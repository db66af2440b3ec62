// Resizing pictures of floats, with antialiasing when they shrink.

#ifndef NIWAKI_LIBS_DATA_IMAGE_RESIZE_H_
#define NIWAKI_LIBS_DATA_IMAGE_RESIZE_H_

#include <vector>

namespace niwaki::data {

// Separable triangle filter (bilinear; widened to the area an output pixel covers when shrinking),
// pixel centres at half integers, weights summing to 1 also at the edges. The same input gives the
// same output everywhere. Equal sizes copy. Holds tables and scratch: not thread-safe, cheap to
// make.
class Resizer {
 public:
  // All sizes positive.
  Resizer(int in_height, int in_width, int out_height, int out_width);

  // One plane: `in` [in_height, in_width] → `out` [out_height, out_width]; they do not overlap.
  void Resize(const float* in, float* out);

 private:
  // The input positions that make one output position, and their weights.
  struct Taps {
    int first;
    std::vector<float> weights;
  };
  static std::vector<Taps> MakeTaps(int in_size, int out_size);

  const int in_height_;
  const int in_width_;
  const int out_width_;
  const bool identity_;
  std::vector<Taps> rows_;
  std::vector<Taps> columns_;
  // [in_height, out_width]
  std::vector<float> narrowed_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_RESIZE_H_
