// Resizing pictures of floats, with antialiasing when they shrink.

#ifndef NIWAKI_LIBS_DATA_IMAGE_RESIZE_H_
#define NIWAKI_LIBS_DATA_IMAGE_RESIZE_H_

#include <vector>

#include "libs/kernels/frontend/resize.h"

namespace niwaki::data {

// The filter of libs/kernels/frontend/resize.h: the same input gives the same output everywhere, on
// devices too. Equal sizes copy. Holds scratch: not thread-safe, cheap to make.
class Resizer {
 public:
  // All sizes positive.
  Resizer(int in_height, int in_width, int out_height, int out_width);

  // One plane: `in` [in_height, in_width] → `out` [out_height, out_width]; they do not overlap.
  void Resize(const float* in, float* out);

 private:
  const nw_resize_shape shape_;
  std::vector<float> scratch_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_RESIZE_H_
