#include "libs/engine/quantise/float_operators.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorShape;

// Element by element, whatever registers a machine has.
typedef float Lanes __attribute__((vector_size(16)));
constexpr int kVectors = PackedWeight::kLanes / 4;
// Pixels whose sums stay in registers.
constexpr int kPixels = 4;

Lanes Load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

// Sums of kPixels pixels and kLanes channels.
struct Tile {
  Lanes sums[kPixels][kVectors];

  void Start(const float* bias) {
    for (auto& pixel : sums) {
      for (int v = 0; v < kVectors; ++v) pixel[v] = Load(bias + 4 * v);
    }
  }

  // One tap: `channels` inputs of each pixel.
  void Add(const float* const inputs[kPixels], const float* weights, int channels) {
    // A copy keeps the sums in registers.
    Tile tile = *this;
    for (int c = 0; c < channels; ++c, weights += PackedWeight::kLanes) {
      const Lanes first = Load(weights);
      const Lanes second = Load(weights + 4);
      for (int p = 0; p < kPixels; ++p) {
        tile.sums[p][0] += inputs[p][c] * first;
        tile.sums[p][1] += inputs[p][c] * second;
      }
    }
    *this = tile;
  }

  void Store(int pixel, int channels, float* to) const {
    std::memcpy(to, sums[pixel], channels * sizeof(float));
  }
};
static_assert(kVectors == 2);

// Convolution of an image of any size; a linear layer is one of a single pixel.
class Convolution {
 public:
  Convolution(const TensorShape& in, const TensorShape& out, const Op& op,
              const PackedWeight& weight, const float* input, float* output)
      : in_(in), out_(out), op_(op), weight_(weight), input_(input), output_(output) {
    zeros_.resize(in.channels);
  }

  void Run() {
    for (int y = 0; y < out_.height; ++y) {
      for (int x = 0; x < out_.width; x += kPixels) {
        for (int c = 0; c < out_.channels; c += PackedWeight::kLanes) RunTile(y, x, c);
      }
    }
  }

 private:
  const float* Pixel(int y, int x) const {
    if (y < 0 || y >= in_.height || x < 0 || x >= in_.width) return zeros_.data();
    return input_ + (int64_t{y} * in_.width + x) * in_.channels;
  }

  void RunTile(int y, int x, int channel) {
    const int pixels = std::min(kPixels, out_.width - x);
    const int channels = std::min(PackedWeight::kLanes, out_.channels - channel);
    const float* weights = weight_.block(channel);
    Tile tile;
    tile.Start(weight_.bias() + channel);
    for (int ky = 0; ky < op_.kernel_h; ++ky) {
      const int row = y * op_.stride_h - op_.padding.top + ky;
      for (int kx = 0; kx < op_.kernel_w; ++kx) {
        const float* inputs[kPixels];
        for (int p = 0; p < kPixels; ++p) {
          // Pixels beyond the row repeat the last one; nobody reads their sums.
          const int at = std::min(x + p, out_.width - 1);
          inputs[p] = Pixel(row, at * op_.stride_w - op_.padding.left + kx);
        }
        tile.Add(inputs, weights, in_.channels);
        weights += int64_t{in_.channels} * PackedWeight::kLanes;
      }
    }
    float* out = output_ + (int64_t{y} * out_.width + x) * out_.channels + channel;
    for (int p = 0; p < pixels; ++p, out += out_.channels) tile.Store(p, channels, out);
  }

  const TensorShape in_;
  const TensorShape out_;
  const Op& op_;
  const PackedWeight& weight_;
  const float* input_;
  float* output_;
  std::vector<float> zeros_;
};

// Calls body(input pixel) for the cells of a window that are inside the input, by row and column,
// with the tap's number.
template <typename Body>
void ForEachCell(const TensorShape& in, const Op& op, int y, int x, const Body& body) {
  for (int ky = 0; ky < op.kernel_h; ++ky) {
    const int row = y * op.stride_h - op.padding.top + ky;
    if (row < 0 || row >= in.height) continue;
    for (int kx = 0; kx < op.kernel_w; ++kx) {
      const int column = x * op.stride_w - op.padding.left + kx;
      if (column < 0 || column >= in.width) continue;
      body((int64_t{row} * in.width + column) * in.channels, ky * op.kernel_w + kx);
    }
  }
}

void PoolWindow(const TensorShape& in, const Op& op, int y, int x, const float* input, float* out) {
  const bool largest = op.kind == OpKind::kMaxPool;
  std::fill_n(out, in.channels, largest ? -std::numeric_limits<float>::infinity() : 0.0F);
  int cells = 0;
  ForEachCell(in, op, y, x, [&](int64_t at, int) {
    ++cells;
    const float* values = input + at;
    for (int c = 0; c < in.channels; ++c) {
      out[c] = largest ? std::max(out[c], values[c]) : out[c] + values[c];
    }
  });
  if (largest) return;
  for (int c = 0; c < in.channels; ++c) out[c] /= static_cast<float>(cells);
}

}  // namespace

PackedWeight::PackedWeight(const arch::Graph& graph, const Op& op, const FloatWeight& weight) {
  const int channels = OutputChannels(graph, op);
  const int blocks = (channels + kLanes - 1) / kLanes;
  bias_ = weight.bias;
  bias_.resize(int64_t{blocks} * kLanes, 0.0F);
  if (op.kind == OpKind::kDepthwiseConv2d) {
    values_ = weight.values;
    return;
  }
  terms_ = static_cast<int64_t>(weight.values.size()) / channels;
  values_.assign(int64_t{blocks} * kLanes * terms_, 0.0F);
  for (int c = 0; c < channels; ++c) {
    float* block = values_.data() + int64_t{c / kLanes} * kLanes * terms_;
    for (int64_t t = 0; t < terms_; ++t) {
      block[t * kLanes + c % kLanes] = weight.values[c * terms_ + t];
    }
  }
}

void Convolve(const arch::Graph& graph, const Op& op, const PackedWeight& weight,
              absl::Span<const float> input, absl::Span<float> output) {
  TensorShape in = graph.shape(op.input);
  // A linear layer reads one pixel, whatever its input's shape.
  if (op.kind == OpKind::kLinear) in = {1, 1, static_cast<int>(in.elements())};
  Convolution(in, graph.shape(op.output), op, weight, input.data(), output.data()).Run();
}

void ConvolveDepthwise(const arch::Graph& graph, const Op& op, const PackedWeight& weight,
                       absl::Span<const float> input, absl::Span<float> output) {
  const TensorShape& in = graph.shape(op.input);
  const TensorShape& shape = graph.shape(op.output);
  float* out = output.data();
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x, out += shape.channels) {
      std::copy_n(weight.bias(), shape.channels, out);
      ForEachCell(in, op, y, x, [&](int64_t at, int tap) {
        const float* values = input.data() + at;
        const float* factors = weight.planes() + int64_t{tap} * shape.channels;
        for (int c = 0; c < shape.channels; ++c) out[c] += values[c] * factors[c];
      });
    }
  }
}

void Pool(const arch::Graph& graph, const Op& op, absl::Span<const float> input,
          absl::Span<float> output) {
  const TensorShape& in = graph.shape(op.input);
  const TensorShape& out = graph.shape(op.output);
  Op window = op;
  if (op.kind == OpKind::kGlobalAvgPool) {
    window.kernel_h = static_cast<uint16_t>(in.height);
    window.kernel_w = static_cast<uint16_t>(in.width);
    window.padding = {};
  }
  float* at = output.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x, at += out.channels) {
      PoolWindow(in, window, y, x, input.data(), at);
    }
  }
}

void Combine(OpKind kind, absl::Span<const float> first, absl::Span<const float> second,
             absl::Span<float> output) {
  for (size_t begin = 0; begin < first.size(); begin += second.size()) {
    for (size_t i = 0; i < second.size(); ++i) {
      const float a = first[begin + i];
      output[begin + i] = kind == OpKind::kAdd ? a + second[i] : a * second[i];
    }
  }
}

void Softmax(int channels, absl::Span<const float> input, absl::Span<float> output) {
  std::vector<double> powers(channels);
  for (size_t begin = 0; begin < input.size(); begin += channels) {
    const float* values = input.data() + begin;
    const double largest = *std::max_element(values, values + channels);
    double sum = 0;
    for (int c = 0; c < channels; ++c) {
      powers[c] = Exponential(values[c] - largest);
      sum += powers[c];
    }
    for (int c = 0; c < channels; ++c) output[begin + c] = static_cast<float>(powers[c] / sum);
  }
}

void Activate(OpActivation activation, absl::Span<float> values) {
  switch (activation) {
    case OpActivation::kNone:
      return;
    // In this order of operands a NaN stays one, and is found.
    case OpActivation::kRelu:
      for (float& x : values) x = x < 0.0F ? 0.0F : x;
      return;
    case OpActivation::kRelu6:
      for (float& x : values) x = x < 0.0F ? 0.0F : x > 6.0F ? 6.0F : x;
      return;
    case OpActivation::kHardSwish:
      for (float& x : values) x = x * std::clamp(x + 3.0F, 0.0F, 6.0F) / 6.0F;
      return;
    case OpActivation::kHardSigmoid:
      for (float& x : values) x = std::clamp(x + 3.0F, 0.0F, 6.0F) / 6.0F;
      return;
    case OpActivation::kLogistic:
      for (float& x : values) x = static_cast<float>(1.0 / (1.0 + Exponential(-double{x})));
      return;
  }
}

double Exponential(double x) {
  constexpr double kLog2E = 1.4426950408889634;
  // ln 2 in two parts, of which the first has zeros at its end: its multiples are exact.
  constexpr double kLn2High = 0.69314718036912381649;
  constexpr double kLn2Low = 1.9082149292705877e-10;
  constexpr int kTerms = 14;
  constexpr double kLargest = 709.0;
  if (std::isnan(x)) return x;
  x = std::clamp(x, -kLargest, kLargest);
  const double power = std::floor(x * kLog2E + 0.5);
  const double rest = (x - power * kLn2High) - power * kLn2Low;
  // Taylor's series by Horner: |rest| is at most ln 2 / 2.
  double sum = 1;
  for (int n = kTerms; n >= 1; --n) sum = 1 + rest / n * sum;
  return std::ldexp(sum, static_cast<int>(power));
}

}  // namespace niwaki::engine
