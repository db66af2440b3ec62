// Tensors with memory, for tests of kernels.

#ifndef NIWAKI_LIBS_KERNELS_TEST_TENSOR_H_
#define NIWAKI_LIBS_KERNELS_TEST_TENSOR_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "libs/kernels/tensor.h"

namespace niwaki::kernels {

// Dense, channels innermost; the values are borrowed.
inline nw_input In(const std::vector<int8_t>& values, nw_shape shape) {
  return {values.data(), shape, nw_channels_innermost(shape), 0};
}

inline nw_output Out(std::vector<int8_t>& values, nw_shape shape) {
  values.assign(shape.height * shape.width * shape.channels, 99);
  return {values.data(), shape, nw_channels_innermost(shape), 0};
}

// All rows of an output.
inline nw_rows All(const nw_output& output) { return {0, output.shape.height}; }

inline constexpr nw_limits kInt8 = {-128, 127};
// A factor of 1: 2^30 / 2^31 * 2^1.
inline constexpr nw_factor kOne = {1 << 30, 1};
inline constexpr nw_factor kHalf = {1 << 30, 0};

}  // namespace niwaki::kernels

#endif  // NIWAKI_LIBS_KERNELS_TEST_TENSOR_H_
