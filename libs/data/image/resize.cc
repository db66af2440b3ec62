#include "libs/data/image/resize.h"

#include <algorithm>
#include <cstdint>

#include "libs/base/log.h"

namespace niwaki::data {

Resizer::Resizer(int in_height, int in_width, int out_height, int out_width)
    : shape_{in_height, in_width, out_height, out_width, /*channels=*/1} {
  NIWAKI_CHECK(in_height > 0 && in_width > 0 && out_height > 0 && out_width > 0);
  scratch_.resize(NW_RESIZE_SCRATCH_BYTES(int64_t{in_height}, int64_t{in_width},
                                          int64_t{out_height}, int64_t{out_width}, 1) /
                  sizeof(float));
}

void Resizer::Resize(const float* in, float* out) {
  if (shape_.in_height == shape_.out_height && shape_.in_width == shape_.out_width) {
    std::copy(in, in + int64_t{shape_.in_height} * shape_.in_width, out);
    return;
  }
  nw_resizer resizer = nw_resize_begin(&shape_, scratch_.data());
  for (int y = 0; y < shape_.in_height; ++y, in += shape_.in_width) {
    for (int whole = nw_resize_row(&resizer, in); whole > 0; --whole) {
      out = std::copy_n(nw_resized_row(&resizer), shape_.out_width, out);
    }
  }
}

}  // namespace niwaki::data
