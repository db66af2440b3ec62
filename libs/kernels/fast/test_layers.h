// Test only: random layers in every layout, of which the plain kernels say what is right.

#ifndef NIWAKI_LIBS_KERNELS_FAST_TEST_LAYERS_H_
#define NIWAKI_LIBS_KERNELS_FAST_TEST_LAYERS_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "libs/kernels/convolution.h"
#include "libs/kernels/tensor.h"

namespace niwaki::kernels {

using Random = std::mt19937;

inline int Uniform(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

inline int8_t RandomByte(Random& random) { return static_cast<int8_t>(Uniform(random, -128, 127)); }

enum class TestLayout { kInterleaved, kPlanar, kScattered };

// Bytes of a tensor, exactly as many as its shape and ring say.
struct TestTensor {
  TestTensor(Random& random, nw_shape s, TestLayout layout, int ring = 0)
      : shape(s), ring_rows(ring), ring_turn(ring > 0 ? Uniform(random, 0, ring - 1) : 0) {
    const int rows = ring > 0 ? ring : s.height;
    if (layout == TestLayout::kInterleaved) {
      steps = {s.width * s.channels, s.channels, 1};
    } else if (layout == TestLayout::kPlanar) {
      steps = {s.width, 1, rows * s.width};
    } else {
      // Width x channels x height.
      steps = {1, s.channels * rows, rows};
    }
    bytes.resize(static_cast<size_t>(rows) * s.width * s.channels);
    for (int8_t& byte : bytes) byte = RandomByte(random);
  }

  nw_input In() const { return {bytes.data(), shape, steps, ring_rows, ring_turn}; }
  nw_output Out() { return {bytes.data(), shape, steps, ring_rows, ring_turn}; }

  nw_shape shape;
  nw_steps steps;
  int32_t ring_rows;
  int32_t ring_turn;
  std::vector<int8_t> bytes;
};

// What scalings a layer has: as trained networks have them, or anything that is allowed.
enum class TestScales { kUsual, kAny };

struct TestFilters {
  // `terms` products a sum.
  TestFilters(Random& random, size_t num_weights, int channels, int terms, TestScales scales)
      : weights(num_weights) {
    const bool extreme = Uniform(random, 0, 3) == 0;
    for (int8_t& weight : weights) {
      weight = extreme ? static_cast<int8_t>(Uniform(random, 0, 1) == 0 ? -128 : 127)
                       : RandomByte(random);
    }
    int typical = 7;
    for (int t = terms; t > 4; t /= 4) ++typical;
    for (int c = 0; c < channels; ++c) {
      const int bias_bits = Uniform(random, 1, scales == TestScales::kUsual ? 14 : 29);
      biases.push_back(Uniform(random, -(1 << bias_bits), 1 << bias_bits));
      const int kind = Uniform(random, 0, 7);
      multipliers.push_back(kind == 0   ? 1 << 30
                            : kind == 1 ? INT32_MAX
                                        : Uniform(random, 1 << 30, INT32_MAX));
      int shift = -std::max(1, typical + Uniform(random, -4, 2));
      if (Uniform(random, 0, 15) == 0) shift = -Uniform(random, 16, 31);
      if (scales == TestScales::kAny && Uniform(random, 0, 2) == 0) {
        shift = Uniform(random, -31, 8);
        if (Uniform(random, 0, 3) == 0) multipliers.back() = -multipliers.back();
        if (Uniform(random, 0, 3) == 0) multipliers.back() = 0;
      }
      shifts.push_back(static_cast<int8_t>(shift));
    }
  }

  nw_filters View() const {
    return {weights.data(), biases.data(), multipliers.data(), shifts.data()};
  }

  std::vector<int8_t> weights;
  std::vector<int32_t> biases;
  std::vector<int32_t> multipliers;
  std::vector<int8_t> shifts;
};

// With a zero point that the output is clamped at, or not, or narrower limits.
inline nw_levels RandomLevels(Random& random) {
  const int zeros[] = {-128, 127, 0, RandomByte(random), RandomByte(random)};
  nw_levels levels = {zeros[Uniform(random, 0, 4)], zeros[Uniform(random, 0, 4)], {-128, 127}};
  switch (Uniform(random, 0, 4)) {
    case 0:
      levels.output_zero = -128;
      break;
    case 1:
      levels.limits.low = levels.output_zero;
      break;
    case 2:
      levels.limits.low = Uniform(random, -128, 127);
      levels.limits.high = Uniform(random, levels.limits.low, 127);
      break;
    default:
      break;
  }
  return levels;
}

inline TestLayout RandomLayout(Random& random) {
  const int kind = Uniform(random, 0, 8);
  return kind < 4   ? TestLayout::kInterleaved
         : kind < 8 ? TestLayout::kPlanar
                    : TestLayout::kScattered;
}

// The rows of the input that rows [begin, end) of an output need.
inline int RowsNeeded(const nw_window& window, int input_height, nw_rows rows) {
  const int first = std::max(0, rows.begin * window.stride_height - window.padding_top);
  const int last = std::min(input_height, (rows.end - 1) * window.stride_height -
                                              window.padding_top + window.kernel_height);
  return std::max(1, last - first);
}

}  // namespace niwaki::kernels

#endif  // NIWAKI_LIBS_KERNELS_FAST_TEST_LAYERS_H_
