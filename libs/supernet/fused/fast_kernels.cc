// This file alone is compiled for AVX2, so it includes no header with inline functions that other
// files share.

#include "libs/supernet/fused/fast_kernels.h"

namespace niwaki::supernet {
namespace {

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(4)));

// Channels worked on at once: two vectors, one cache line.
constexpr int kVectors = 2;
constexpr int kBlock = kVectors * kLanes;
// Outputs of a row that share the load of a filter.
constexpr int kRowOutputs = 4;
constexpr int64_t kMomentRows = 32;

inline Vector Load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void Store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }
inline Vector Splat(float value) {
  return Vector{value, value, value, value, value, value, value, value};
}
inline Vector Clamp(Vector x, Vector low, Vector high) {
  x = x > low ? x : low;
  return x < high ? x : high;
}

inline Vector Activate(Vector z, const FastActivation& activation) {
  if (activation.hard_swish) return z * Clamp(z + Splat(3), Splat(0), Splat(6)) / Splat(6);
  return Clamp(z, Splat(activation.low), Splat(activation.high));
}

// d activation(z) / dz times `gradient`.
inline Vector ActivateBackward(Vector z, Vector gradient, const FastActivation& activation) {
  const Vector zero = Splat(0);
  if (activation.hard_swish) {
    const Vector slope = (z + z + Splat(3)) / Splat(6);
    const Vector inner = z > Splat(-3) ? slope : zero;
    return gradient * (z < Splat(3) ? inner : Splat(1));
  }
  const Vector above = z > Splat(activation.low) ? gradient : zero;
  return z < Splat(activation.high) ? above : zero;
}

inline int64_t RoundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// A plane of one image and one block of channels: [rows][columns][kBlock], zero where nothing was
// put.
struct Plane {
  float* values;
  int64_t rows;
  int64_t columns;

  float* at(int64_t row, int64_t column) const {
    return values + (row * columns + column) * kBlock;
  }
  void Clear() const {
    for (int64_t i = 0; i < rows * columns * kBlock; i += kLanes) Store(values + i, Splat(0));
  }
};

// Copies `vectors` vectors of channels of an image [height, width, channels] to (margin + row,
// margin + column * step).
template <int vectors>
void Pack(const float* image, int64_t height, int64_t width, int64_t channels, int64_t margin,
          int64_t step, const Plane& plane) {
  for (int64_t y = 0; y < height; ++y) {
    float* to = plane.at(margin + y, margin);
    const float* from = image + y * width * channels;
    for (int64_t x = 0; x < width; ++x, to += step * kBlock, from += channels) {
      for (int v = 0; v < vectors; ++v) Store(to + v * kLanes, Load(from + v * kLanes));
    }
  }
}

// The planes of a convolution's two sides. The input's has its padding around it and room for
// outputs beyond the last.
struct Planes {
  Plane input;
  Plane output;
};

int64_t PaddedWidth(const DepthwiseShape& shape) {
  return (RoundUp(shape.out_width(), kRowOutputs) - 1) * shape.stride + shape.kernel_size;
}

Plane InputPlane(const DepthwiseShape& shape, float* scratch) {
  const int64_t columns = PaddedWidth(shape);
  const int64_t needed = shape.width + shape.kernel_size - 1;
  return {scratch, shape.height + shape.kernel_size - 1, columns > needed ? columns : needed};
}

// The output's gradient, its columns `stride` apart, with the margin that a convolution back to the
// input needs.
Plane GradientPlane(const DepthwiseShape& shape, float* scratch) {
  const int64_t columns = RoundUp(shape.width, kRowOutputs) + shape.kernel_size - 1;
  const int64_t needed = shape.out_width() * shape.stride + shape.kernel_size;
  return {scratch, shape.out_height() + shape.kernel_size - 1, columns > needed ? columns : needed};
}

// kRowOutputs neighbouring outputs of one row: sum over the given filter rows.
template <int k, int vectors>
struct RowSum {
  Vector sum[kRowOutputs][kVectors];

  explicit RowSum(const float* bias) {
    for (auto& output : sum) {
      for (int v = 0; v < vectors; ++v)
        output[v] = bias != nullptr ? Load(bias + v * kLanes) : Splat(0);
    }
  }

  // Adds one row of filters; `flip` reads it from right to left.
  template <bool flip>
  void Add(const float* input, int64_t stride, const float* filters, int64_t channels) {
    for (int i = 0; i < k; ++i) {
      const float* filter = filters + (flip ? k - 1 - i : i) * channels;
      Vector weight[kVectors];
      for (int v = 0; v < vectors; ++v) weight[v] = Load(filter + v * kLanes);
      for (int o = 0; o < kRowOutputs; ++o) {
        const float* from = input + (o * stride + i) * kBlock;
        for (int v = 0; v < vectors; ++v) sum[o][v] += Load(from + v * kLanes) * weight[v];
      }
    }
  }

  void Write(int64_t count, const FastActivation* activation, float* output,
             int64_t channels) const {
    for (int64_t o = 0; o < count; ++o) {
      for (int v = 0; v < vectors; ++v) {
        const Vector z = sum[o][v];
        Store(output + o * channels + v * kLanes,
              activation != nullptr ? Activate(z, *activation) : z);
      }
    }
  }
};

inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

template <int k, int vectors>
void ForwardBlock(const DepthwiseShape& shape, const Plane& input, const float* filters,
                  const float* bias, const FastActivation* activation, float* output) {
  const int64_t channels = shape.channels;
  for (int64_t y = 0; y < shape.out_height(); ++y) {
    for (int64_t x = 0; x < shape.out_width(); x += kRowOutputs) {
      RowSum<k, vectors> row(bias);
      for (int j = 0; j < k; ++j) {
        row.template Add<false>(input.at(y * shape.stride + j, x * shape.stride), shape.stride,
                                filters + j * k * channels, channels);
      }
      row.Write(Least(kRowOutputs, shape.out_width() - x), activation,
                output + (y * shape.out_width() + x) * channels, channels);
    }
  }
}

// The input's gradient is a convolution of the output's with the filters turned round; rows that
// the stride skips are left out, columns that it skips are zeros of the plane.
template <int k, int vectors>
void InputGradientBlock(const DepthwiseShape& shape, const Plane& gradient, const float* filters,
                        float* input_gradient) {
  const int64_t channels = shape.channels;
  const int64_t margin = k / 2;
  for (int64_t y = 0; y < shape.height; ++y) {
    for (int64_t x = 0; x < shape.width; x += kRowOutputs) {
      RowSum<k, vectors> row(nullptr);
      for (int j = 0; j < k; ++j) {
        const int64_t reached = y + margin - j;
        if (reached < 0 || reached % shape.stride != 0 ||
            reached / shape.stride >= shape.out_height())
          continue;
        row.template Add<true>(gradient.at(margin + reached / shape.stride, x), 1,
                               filters + j * k * channels, channels);
      }
      row.Write(Least(kRowOutputs, shape.width - x), nullptr,
                input_gradient + (y * shape.width + x) * channels, channels);
    }
  }
}

// One row of filters at a time, whose gradients stay in registers over the whole image.
template <int k, int vectors>
void FilterGradientBlock(const DepthwiseShape& shape, const Plane& input, const Plane& gradient,
                         float* filter_gradient) {
  const int64_t margin = k / 2;
  for (int j = 0; j < k; ++j) {
    Vector sum[k][kVectors];
    for (auto& filter : sum) {
      for (int v = 0; v < vectors; ++v) filter[v] = Splat(0);
    }
    for (int64_t y = 0; y < shape.out_height(); ++y) {
      const float* from = input.at(y * shape.stride + j, 0);
      const float* upstream = gradient.at(margin + y, margin);
      for (int64_t x = 0; x < shape.out_width(); ++x) {
        for (int v = 0; v < vectors; ++v) {
          const Vector g = Load(upstream + v * kLanes);
          for (int i = 0; i < k; ++i) sum[i][v] += Load(from + i * kBlock + v * kLanes) * g;
        }
        from += shape.stride * kBlock;
        upstream += shape.stride * kBlock;
      }
    }
    for (int i = 0; i < k; ++i) {
      float* to = filter_gradient + (j * k + i) * shape.channels;
      for (int v = 0; v < vectors; ++v) Store(to + v * kLanes, Load(to + v * kLanes) + sum[i][v]);
    }
  }
}

template <int k, int vectors>
void ForwardChannels(const DepthwiseShape& shape, int64_t first, const float* input,
                     const float* filters, const float* bias, const FastActivation* activation,
                     float* scratch, float* output) {
  const Plane plane = InputPlane(shape, scratch);
  plane.Clear();
  for (int64_t n = 0; n < shape.images; ++n) {
    Pack<vectors>(input + n * shape.height * shape.width * shape.channels + first, shape.height,
                  shape.width, shape.channels, k / 2, 1, plane);
    ForwardBlock<k, vectors>(
        shape, plane, filters + first, bias != nullptr ? bias + first : nullptr, activation,
        output + n * shape.out_height() * shape.out_width() * shape.channels + first);
  }
}

template <int k, int vectors>
void BackwardChannels(const DepthwiseShape& shape, int64_t first, const float* input,
                      const float* filters, const float* output_gradient, float* scratch,
                      float* input_gradient, float* filter_gradient) {
  const Plane plane = InputPlane(shape, scratch);
  const Plane gradient = GradientPlane(shape, scratch + plane.rows * plane.columns * kBlock);
  plane.Clear();
  gradient.Clear();
  const int64_t in_size = shape.height * shape.width * shape.channels;
  const int64_t out_size = shape.out_height() * shape.out_width() * shape.channels;
  for (int64_t n = 0; n < shape.images; ++n) {
    Pack<vectors>(input + n * in_size + first, shape.height, shape.width, shape.channels, k / 2, 1,
                  plane);
    Pack<vectors>(output_gradient + n * out_size + first, shape.out_height(), shape.out_width(),
                  shape.channels, k / 2, shape.stride, gradient);
    FilterGradientBlock<k, vectors>(shape, plane, gradient, filter_gradient + first);
    InputGradientBlock<k, vectors>(shape, gradient, filters + first,
                                   input_gradient + n * in_size + first);
  }
}

template <int k>
void ForwardKernel(const DepthwiseShape& shape, const float* input, const float* filters,
                   const float* bias, const FastActivation* activation, float* scratch,
                   float* output) {
  int64_t first = 0;
  for (; first + kBlock <= shape.channels; first += kBlock) {
    ForwardChannels<k, kVectors>(shape, first, input, filters, bias, activation, scratch, output);
  }
  if (first < shape.channels) {
    ForwardChannels<k, 1>(shape, first, input, filters, bias, activation, scratch, output);
  }
}

template <int k>
void BackwardKernel(const DepthwiseShape& shape, const float* input, const float* filters,
                    const float* output_gradient, float* scratch, float* input_gradient,
                    float* filter_gradient) {
  int64_t first = 0;
  for (; first + kBlock <= shape.channels; first += kBlock) {
    BackwardChannels<k, kVectors>(shape, first, input, filters, output_gradient, scratch,
                                  input_gradient, filter_gradient);
  }
  if (first < shape.channels) {
    BackwardChannels<k, 1>(shape, first, input, filters, output_gradient, scratch, input_gradient,
                           filter_gradient);
  }
}

}  // namespace

int64_t DepthwiseScratch(const DepthwiseShape& shape) {
  const Plane input = InputPlane(shape, nullptr);
  const Plane gradient = GradientPlane(shape, nullptr);
  return (input.rows * input.columns + gradient.rows * gradient.columns) * kBlock;
}

void DepthwiseForward(const DepthwiseShape& shape, const float* input, const float* filters,
                      const float* bias, const FastActivation* activation, float* scratch,
                      float* output) {
  switch (shape.kernel_size) {
    case 3:
      return ForwardKernel<3>(shape, input, filters, bias, activation, scratch, output);
    case 5:
      return ForwardKernel<5>(shape, input, filters, bias, activation, scratch, output);
    default:
      return ForwardKernel<7>(shape, input, filters, bias, activation, scratch, output);
  }
}

void DepthwiseBackward(const DepthwiseShape& shape, const float* input, const float* filters,
                       const float* output_gradient, float* scratch, float* input_gradient,
                       float* filter_gradient) {
  const int64_t taps = shape.kernel_size * shape.kernel_size;
  for (int64_t i = 0; i < taps * shape.channels; ++i) filter_gradient[i] = 0;
  switch (shape.kernel_size) {
    case 3:
      return BackwardKernel<3>(shape, input, filters, output_gradient, scratch, input_gradient,
                               filter_gradient);
    case 5:
      return BackwardKernel<5>(shape, input, filters, output_gradient, scratch, input_gradient,
                               filter_gradient);
    default:
      return BackwardKernel<7>(shape, input, filters, output_gradient, scratch, input_gradient,
                               filter_gradient);
  }
}

void ColumnMoments(const float* input, int64_t rows, int64_t channels, float* scratch, double* mean,
                   double* variance) {
  float* sum = scratch;
  float* squares = scratch + channels;
  for (int64_t c = 0; c < channels; ++c) mean[c] = variance[c] = 0;
  for (int64_t first = 0; first < rows; first += kMomentRows) {
    const int64_t count = Least(kMomentRows, rows - first);
    const float* block = input + first * channels;
    const float share = 1.0f / static_cast<float>(count);
    for (int64_t c = 0; c < channels; c += kLanes) {
      Vector total = Splat(0);
      for (int64_t r = 0; r < count; ++r) total += Load(block + r * channels + c);
      const Vector centre = total * Splat(share);
      Vector deviation = Splat(0);
      for (int64_t r = 0; r < count; ++r) {
        const Vector difference = Load(block + r * channels + c) - centre;
        deviation += difference * difference;
      }
      Store(sum + c, centre);
      Store(squares + c, deviation);
    }
    // Merge the block's moments into those of the rows before it; `variance` holds the sum of
    // squares until the end.
    const double before = static_cast<double>(first);
    const double both = before + static_cast<double>(count);
    const double weight = static_cast<double>(count) / both;
    for (int64_t c = 0; c < channels; ++c) {
      const double delta = sum[c] - mean[c];
      mean[c] += delta * weight;
      variance[c] += squares[c] + delta * delta * before * weight;
    }
  }
  for (int64_t c = 0; c < channels; ++c) variance[c] /= static_cast<double>(rows);
}

void ScaleShiftActivate(const float* input, int64_t rows, int64_t channels, const float* scale,
                        const float* shift, const FastActivation& activation, float* output) {
  for (int64_t r = 0; r < rows; ++r, input += channels, output += channels) {
    for (int64_t c = 0; c < channels; c += kLanes) {
      Store(output + c, Activate(Load(input + c) * Load(scale + c) + Load(shift + c), activation));
    }
  }
}

void NormActivateBackward(const NormBackwardArguments& a) {
  const int64_t channels = a.channels;
  float* bias_sum = a.bias_gradient;
  float* weight_sum = a.weight_gradient;
  for (int64_t c = 0; c < channels; ++c) bias_sum[c] = weight_sum[c] = 0;
  for (int64_t first = 0; first < a.rows; first += kMomentRows) {
    const int64_t count = Least(kMomentRows, a.rows - first);
    for (int64_t c = 0; c < channels; c += kLanes) {
      const Vector scale = Load(a.scale + c), shift = Load(a.shift + c);
      const Vector mean = Load(a.mean + c), inverse = Load(a.inverse_deviation + c);
      Vector bias = Splat(0), weight = Splat(0);
      const float* x = a.input + first * channels + c;
      const float* g = a.output_gradient + first * channels + c;
      for (int64_t r = 0; r < count; ++r, x += channels, g += channels) {
        const Vector value = Load(x);
        const Vector gradient = ActivateBackward(value * scale + shift, Load(g), a.activation);
        bias += gradient;
        weight += gradient * ((value - mean) * inverse);
      }
      Store(bias_sum + c, Load(bias_sum + c) + bias);
      Store(weight_sum + c, Load(weight_sum + c) + weight);
    }
  }
  // dx = scale * (g - mean(g) - normalised * mean(g * normalised)), as g * scale + (x - mean) *
  // slope + offset: with the mean in the offset, a mean far from 0 would cancel to rounding errors.
  float* slope = a.scratch;
  float* offset = a.scratch + channels;
  const float share = 1.0f / static_cast<float>(a.rows);
  for (int64_t c = 0; c < channels; ++c) {
    slope[c] = -a.scale[c] * a.inverse_deviation[c] * weight_sum[c] * share;
    offset[c] = -a.scale[c] * bias_sum[c] * share;
  }
  const float* x = a.input;
  const float* g = a.output_gradient;
  float* dx = a.input_gradient;
  for (int64_t r = 0; r < a.rows; ++r, x += channels, g += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c += kLanes) {
      const Vector value = Load(x + c), scale = Load(a.scale + c);
      const Vector gradient =
          ActivateBackward(value * scale + Load(a.shift + c), Load(g + c), a.activation);
      Store(dx + c,
            gradient * scale + (value - Load(a.mean + c)) * Load(slope + c) + Load(offset + c));
    }
  }
}

}  // namespace niwaki::supernet
