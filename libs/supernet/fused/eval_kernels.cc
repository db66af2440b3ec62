// This file is compiled once for each instruction set, with NIWAKI_KERNELS the name of what it
// defines, so it includes no header with inline functions that other files share.
//
// What holds: an output is one chain in one lane, bias first, then the weights in their order, in
// tiles and half vectors of every shape; partial sums would make scores depend on processor and
// batch. Packing and multiplying cut panels by the same NextPanel. Padded columns are computed and
// never stored; results have no padding, so their last vector goes by LoadPart and StorePart.

#include "libs/supernet/fused/eval_kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace niwaki::supernet {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr char kName[] = "AVX-512";
#else
constexpr int kLanes = 8;
constexpr char kName[] = "AVX2";
#endif

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
// What the accumulators of a tile leave of the register file decides its shape: most vectors of a
// panel, and rows by the number of vectors.
constexpr int kPanelVectors = kLanes == 16 ? 3 : 2;
constexpr int TileRows(int vectors) {
  return kLanes == 16 ? (vectors == 3 ? 8 : vectors == 2 ? 12 : 16) : (vectors == 2 ? 6 : 8);
}
// Of the planes that depthwise convolutions read: half of a core's second-level cache.
constexpr int64_t kPlaneFloats = 64 << 10;

inline Vector Load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void Store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }
inline Vector Splat(float value) { return Vector{} + value; }

// Of two numbers; the second operand where one is not a number.
#if defined(__AVX512F__)
inline Vector Max(Vector a, Vector b) { return (Vector)_mm512_max_ps((__m512)a, (__m512)b); }
inline Vector Min(Vector a, Vector b) { return (Vector)_mm512_min_ps((__m512)a, (__m512)b); }
#elif defined(__AVX2__)
inline Vector Max(Vector a, Vector b) { return (Vector)_mm256_max_ps((__m256)a, (__m256)b); }
inline Vector Min(Vector a, Vector b) { return (Vector)_mm256_min_ps((__m256)a, (__m256)b); }
#else
inline Vector Max(Vector a, Vector b) { return a > b ? a : b; }
inline Vector Min(Vector a, Vector b) { return a < b ? a : b; }
#endif

inline Vector LoadPart(const float* from, int64_t count) {
  Vector value = Splat(0);
  for (int64_t i = 0; i < count; ++i) value[i] = from[i];
  return value;
}
inline void StorePart(float* to, Vector value, int64_t count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), (__m512)value);
#else
  for (int64_t i = 0; i < count; ++i) to[i] = value[i];
#endif
}

inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t Most(int64_t a, int64_t b) { return a > b ? a : b; }

inline Vector Activate(Vector z, const EvalActivation& activation) {
  if (activation.function == EvalFunction::kClamp) {
    return Min(Splat(activation.high), Max(Splat(activation.low), z));
  }
  const Vector gate = Min(Splat(6), Max(Splat(0), z + 3)) * (1.0f / 6.0f);
  return activation.function == EvalFunction::kHardSwish ? z * gate : gate;
}

// Panels: a matrix's columns cut into strips of up to kPanelVectors vectors, each stored as its
// bias and then row by row, padded with zeros.
inline int NextPanel(int64_t columns_left) {
  const int64_t vectors = (columns_left + kLanes - 1) / kLanes;
  if (vectors == kPanelVectors + 1) return 2;
  return static_cast<int>(Least(vectors, kPanelVectors));
}

int64_t PackedSize(int64_t depth, int64_t columns) {
  return (columns + kLanes - 1) / kLanes * kLanes * (depth + 1);
}

// Packs value(row, column) for `depth` rows, bias first.
template <typename Value>
void PackPanels(const float* bias, int64_t depth, int64_t columns, const Value& value,
                float* packed) {
  for (int64_t first = 0; first < columns;) {
    const int64_t width = NextPanel(columns - first) * kLanes;
    for (int64_t c = 0; c < width; ++c) {
      const bool inside = first + c < columns;
      packed[c] = inside && bias != nullptr ? bias[first + c] : 0.0f;
      for (int64_t d = 0; d < depth; ++d) {
        packed[(d + 1) * width + c] = inside ? value(d, first + c) : 0.0f;
      }
    }
    packed += width * (depth + 1);
    first += width;
  }
}

// Rows of a matrix's transpose and filters of channels alike: what makes one output lies together.
void PackRows(const float* weight, const float* bias, int64_t depth, int64_t columns,
              float* packed) {
  PackPanels(
      bias, depth, columns, [&](int64_t d, int64_t c) { return weight[c * depth + d]; }, packed);
}

// Where a tile's results go: row r to `to[r]`, the last vector cut to `last_lanes`.
struct TileOutput {
  float* to[16];
  // Null, or as `to`.
  const float* residual[16];
  bool add_residual;
  int64_t last_lanes;
};

// What a tile reads: row r starts at `a` + r * stride and consists of `segments` runs of `depth`
// values, `segment_stride` apart.
struct TileInput {
  const float* a;
  int64_t stride;
  int64_t segments;
  int64_t segment_stride;
  int64_t depth;
};

// Half a vector at a panel's end costs half the arithmetic of a whole one.
#if defined(__AVX512F__)
typedef float HalfVector __attribute__((vector_size(32), aligned(4), may_alias));
inline HalfVector LowHalf(Vector v) { return (HalfVector)_mm512_castps512_ps256((__m512)v); }
inline Vector Widen(HalfVector v) { return (Vector)_mm512_castps256_ps512((__m256)v); }
inline HalfVector LoadHalf(const float* from) { return *reinterpret_cast<const HalfVector*>(from); }
#else
using HalfVector = Vector;
inline HalfVector LowHalf(Vector v) { return v; }
inline Vector Widen(HalfVector v) { return v; }
inline HalfVector LoadHalf(const float* from) { return Load(from); }
#endif

inline void Finish(Vector sum, const EvalActivation& activation, const TileOutput& output, int r,
                   int64_t column, int64_t lanes) {
  Vector y = Activate(sum, activation);
  if (output.add_residual) {
    const float* from = output.residual[r] + column;
    y += lanes == kLanes ? Load(from) : LoadPart(from, lanes);
  }
  if (lanes == kLanes) {
    Store(output.to[r] + column, y);
  } else {
    StorePart(output.to[r] + column, y, lanes);
  }
}

// `vectors` vectors, the last of which is a half one where `half`.
template <int rows, int vectors, bool half>
inline void Tile(const TileInput& input, const float* panel, const EvalActivation& activation,
                 const TileOutput& output) {
  constexpr int kWidth = vectors * kLanes;
  constexpr int kWhole = half ? vectors - 1 : vectors;
  Vector sum[rows][kWhole + 1];
  HalfVector half_sum[rows];
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kWhole; ++v) sum[r][v] = Load(panel + v * kLanes);
    if (half) half_sum[r] = LoadHalf(panel + kWhole * kLanes);
  }
  const float* b = panel + kWidth;
  for (int64_t s = 0; s < input.segments; ++s) {
    const float* a = input.a + s * input.segment_stride;
    for (int64_t d = 0; d < input.depth; ++d, b += kWidth) {
      Vector weight[kWhole + 1];
#pragma GCC unroll 4
      for (int v = 0; v < kWhole; ++v) weight[v] = Load(b + v * kLanes);
      HalfVector half_weight = {};
      if (half) half_weight = LoadHalf(b + kWhole * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r) {
        const Vector x = Splat(a[r * input.stride + d]);
#pragma GCC unroll 4
        for (int v = 0; v < kWhole; ++v) sum[r][v] += x * weight[v];
        if (half) half_sum[r] += LowHalf(x) * half_weight;
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kWhole; ++v) {
      const int64_t lanes = !half && v + 1 == kWhole ? output.last_lanes : kLanes;
      Finish(sum[r][v], activation, output, r, v * kLanes, lanes);
    }
    if (half) {
      Finish(Widen(half_sum[r]), activation, output, r, kWhole * kLanes, output.last_lanes);
    }
  }
}

// Rows are taken in tiles of the largest of these that is left.
template <int vectors>
inline int64_t NextRows(int64_t left) {
  constexpr int kMost = TileRows(vectors);
  if (left >= kMost) return kMost;
  return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

template <int vectors, bool half>
inline void RunTileRows(int64_t rows, const TileInput& input, const float* panel,
                        const EvalActivation& activation, const TileOutput& output) {
  constexpr int kMost = TileRows(vectors);
  if (rows == kMost) return Tile<kMost, vectors, half>(input, panel, activation, output);
  switch (rows) {
    case 8:
      return Tile<(kMost > 8 ? 8 : 4), vectors, half>(input, panel, activation, output);
    case 4:
      return Tile<4, vectors, half>(input, panel, activation, output);
    case 2:
      return Tile<2, vectors, half>(input, panel, activation, output);
    default:
      return Tile<1, vectors, half>(input, panel, activation, output);
  }
}

template <int vectors>
inline void RunTile(int64_t rows, const TileInput& input, const float* panel,
                    const EvalActivation& activation, const TileOutput& output) {
  if (kLanes > 8 && output.last_lanes <= kLanes / 2) {
    return RunTileRows<vectors, (kLanes > 8)>(rows, input, panel, activation, output);
  }
  RunTileRows<vectors, false>(rows, input, panel, activation, output);
}

template <int vectors>
void MultiplyPanel(const MatrixProduct& p, const float* panel, int64_t first_column,
                   int64_t first_row, int64_t last_row) {
  TileOutput output;
  output.add_residual = p.residual != nullptr;
  output.last_lanes = Least(kLanes, p.columns - first_column - (vectors - 1) * kLanes);
  TileInput input = {nullptr, p.a_stride, p.segments, p.segment_stride, p.depth};
  for (int64_t row = first_row; row < last_row;) {
    const int64_t rows = NextRows<vectors>(last_row - row);
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t offset = (row + r) * p.c_stride + first_column;
      output.to[r] = p.c + offset;
      if (output.add_residual) output.residual[r] = p.residual + offset;
    }
    input.a = p.a + row * p.a_stride;
    RunTile<vectors>(rows, input, panel, p.activation, output);
    row += rows;
  }
}

void MultiplyRows(const MatrixProduct& p, int64_t first_row, int64_t last_row) {
  const float* panel = p.packed;
  for (int64_t column = 0; column < p.columns;) {
    const int vectors = NextPanel(p.columns - column);
    switch (vectors) {
      case 1:
        MultiplyPanel<1>(p, panel, column, first_row, last_row);
        break;
      case 2:
        MultiplyPanel<2>(p, panel, column, first_row, last_row);
        break;
      default:
        MultiplyPanel<kPanelVectors>(p, panel, column, first_row, last_row);
    }
    panel += vectors * kLanes * (p.segments * p.depth + 1);
    column += vectors * kLanes;
  }
}

// Blocks of rows of `a` that stay in the first-level cache while every panel passes by.
void Multiply(const MatrixProduct& p) {
  constexpr int64_t kBlockFloats = 6 << 10;
  constexpr int64_t kRowUnit = kLanes == 16 ? 48 : 24;
  const int64_t block = Most(1, kBlockFloats / (p.segments * p.depth * kRowUnit)) * kRowUnit;
  for (int64_t row = 0; row < p.rows; row += block) {
    MultiplyRows(p, row, Least(p.rows, row + block));
  }
}

// A strip of padded input rows of one panel's channels: [rows][columns][channels].
struct Plane {
  float* values;
  int64_t columns;
  int64_t channels;

  float* at(int64_t row, int64_t column) const {
    return values + (row * columns + column) * channels;
  }
  void Clear(int64_t first_row, int64_t last_row) const {
    float* end = at(last_row, 0);
    for (float* to = at(first_row, 0); to < end; to += kLanes) Store(to, Splat(0));
  }
};

// Outputs of a row worked on at once: the fewest that do not fit the width.
constexpr int kMostOutputs = 8;
inline int RowOutputs(int64_t width) {
  int best = kMostOutputs;
  int64_t least = (width + best - 1) / best * best;
  for (int outputs = kMostOutputs - 1; outputs >= 4; --outputs) {
    const int64_t covered = (width + outputs - 1) / outputs * outputs;
    if (covered < least) {
      least = covered;
      best = outputs;
    }
  }
  return best;
}

inline int64_t PlaneColumns(const ExpandDepthwise& t) {
  const int outputs = RowOutputs(t.out_width());
  const int64_t covered = (t.out_width() + outputs - 1) / outputs * outputs;
  return Most((covered - 1) * t.stride + t.kernel_size, t.width + t.kernel_size - 1);
}

// Output rows of a strip, and input rows that it needs.
inline int64_t StripRows(const ExpandDepthwise& t) {
  const int64_t row = PlaneColumns(t) * kPanelVectors * kLanes;
  const int64_t fitting = (kPlaneFloats / row - t.kernel_size) / t.stride + 1;
  return Most(4, Least(fitting, t.out_height()));
}
inline int64_t PlaneRows(const ExpandDepthwise& t) {
  return (StripRows(t) - 1) * t.stride + t.kernel_size;
}

int64_t PlaneSize(const ExpandDepthwise& t) {
  return PlaneRows(t) * PlaneColumns(t) * kPanelVectors * kLanes;
}

// `outputs` neighbouring outputs of one row and one vector of channels. Each input is loaded once
// for all outputs that it reaches.
template <int k, int stride, int outputs>
inline void DepthwiseRow(const Plane& plane, int64_t row, int64_t column, int64_t lane,
                         const float* filters, const EvalActivation& activation, int64_t count,
                         int64_t lanes, float* to, int64_t to_stride) {
  Vector sum[outputs];
  const Vector bias = Load(filters + lane);
#pragma GCC unroll 8
  for (int o = 0; o < outputs; ++o) sum[o] = bias;
  const float* filter = filters + plane.channels + lane;
  for (int j = 0; j < k; ++j) {
    Vector weight[k];
#pragma GCC unroll 8
    for (int i = 0; i < k; ++i) weight[i] = Load(filter + (j * k + i) * plane.channels);
    const float* from = plane.at(row + j, column) + lane;
#pragma GCC unroll 32
    for (int x = 0; x < (outputs - 1) * stride + k; ++x) {
      const Vector value = Load(from + x * plane.channels);
#pragma GCC unroll 8
      for (int o = 0; o < outputs; ++o) {
        const int i = x - o * stride;
        if (i >= 0 && i < k) sum[o] += value * weight[i];
      }
    }
  }
#pragma GCC unroll 8
  for (int o = 0; o < outputs; ++o) {
    if (o >= count) return;
    const Vector y = Activate(sum[o], activation);
    if (lanes == kLanes) {
      Store(to + o * to_stride, y);
    } else {
      StorePart(to + o * to_stride, y, lanes);
    }
  }
}

// Rows [first, last) of one image's outputs, whose first input row is the plane's first.
template <int k, int stride, int outputs>
void DepthwiseStrip(const ExpandDepthwise& t, const Plane& plane, const float* filters,
                    int64_t first_channel, int64_t first, int64_t last, float* image_output) {
  for (int64_t lane = 0; lane < plane.channels && first_channel + lane < t.channels;
       lane += kLanes) {
    const int64_t lanes = Least(kLanes, t.channels - first_channel - lane);
    for (int64_t y = first; y < last; ++y) {
      float* to = image_output + y * t.out_width() * t.channels + first_channel + lane;
      for (int64_t x = 0; x < t.out_width(); x += outputs) {
        DepthwiseRow<k, stride, outputs>(plane, (y - first) * stride, x * stride, lane, filters,
                                         t.activation, t.out_width() - x, lanes,
                                         to + x * t.channels, t.channels);
      }
    }
  }
}

using StripFunction = void (*)(const ExpandDepthwise&, const Plane&, const float*, int64_t, int64_t,
                               int64_t, float*);

template <int k, int stride>
StripFunction StripFor(int outputs) {
  switch (outputs) {
    case 4:
      return DepthwiseStrip<k, stride, 4>;
    case 5:
      return DepthwiseStrip<k, stride, 5>;
    case 6:
      return DepthwiseStrip<k, stride, 6>;
    case 7:
      return DepthwiseStrip<k, stride, 7>;
    default:
      return DepthwiseStrip<k, stride, 8>;
  }
}

template <int k>
StripFunction StripFor(int stride, int outputs) {
  return stride == 1 ? StripFor<k, 1>(outputs) : StripFor<k, 2>(outputs);
}

StripFunction StripFor(const ExpandDepthwise& t) {
  const int outputs = RowOutputs(t.out_width());
  if (t.kernel_size == 3) return StripFor<3>(t.stride, outputs);
  if (t.kernel_size == 5) return StripFor<5>(t.stride, outputs);
  return StripFor<7>(t.stride, outputs);
}

// Input rows [first, last) of one image into the plane, whose first row is input row `plane_row`.
template <int vectors>
void ExpandRows(const ExpandDepthwise& t, const float* image, const float* panel,
                int64_t channels_left, const Plane& plane, int64_t plane_row, int64_t first,
                int64_t last) {
  TileOutput output;
  output.add_residual = false;
  // Lanes beyond the last channel stay as the plane was cleared.
  output.last_lanes = Least(kLanes, channels_left - (vectors - 1) * kLanes);
  TileInput input = {nullptr, t.depth, 1, 0, t.depth};
  const int64_t margin = t.kernel_size / 2;
  int64_t y = first;
  int64_t x = 0;
  float* to = plane.at(first - plane_row, margin);
  for (int64_t pixel = first * t.width; pixel < last * t.width;) {
    const int64_t rows = NextRows<vectors>(last * t.width - pixel);
    for (int64_t r = 0; r < rows; ++r) {
      output.to[r] = to;
      to += vectors * kLanes;
      if (++x == t.width) {
        x = 0;
        to = plane.at(++y - plane_row, margin);
      }
    }
    input.a = image + pixel * t.depth;
    RunTile<vectors>(rows, input, panel, t.expand_activation, output);
    pixel += rows;
  }
}

void CopyRows(const ExpandDepthwise& t, const float* image, int64_t first_channel,
              const Plane& plane, int64_t plane_row, int64_t first, int64_t last) {
  for (int64_t y = first; y < last; ++y) {
    float* to = plane.at(y - plane_row, t.kernel_size / 2);
    const float* from = image + y * t.width * t.channels + first_channel;
    for (int64_t x = 0; x < t.width; ++x, to += plane.channels, from += t.channels) {
      for (int64_t lane = 0; lane < plane.channels; lane += kLanes) {
        const int64_t lanes = Most(0, Least(kLanes, t.channels - first_channel - lane));
        Store(to + lane, lanes == kLanes ? Load(from + lane) : LoadPart(from + lane, lanes));
      }
    }
  }
}

// One panel of channels.
struct PanelTask {
  int64_t first_channel;
  int vectors;
  const float* expand;
  const float* filters;
};

void FillRows(const ExpandDepthwise& t, const PanelTask& panel, const float* image,
              const Plane& plane, int64_t plane_row, int64_t first, int64_t last) {
  if (t.expand == nullptr) {
    return CopyRows(t, image, panel.first_channel, plane, plane_row, first, last);
  }
  const int64_t left = t.channels - panel.first_channel;
  switch (panel.vectors) {
    case 1:
      return ExpandRows<1>(t, image, panel.expand, left, plane, plane_row, first, last);
    case 2:
      return ExpandRows<2>(t, image, panel.expand, left, plane, plane_row, first, last);
    default:
      return ExpandRows<kPanelVectors>(t, image, panel.expand, left, plane, plane_row, first, last);
  }
}

// One image in strips; the rows that the next strip needs again move to the plane's top.
void RunImage(const ExpandDepthwise& t, const PanelTask& panel, StripFunction strip,
              const float* image, float* output) {
  const Plane plane = {t.plane, PlaneColumns(t), int64_t{panel.vectors} * kLanes};
  const int64_t margin = t.kernel_size / 2;
  const int64_t step = StripRows(t);
  int64_t plane_row = -margin;
  int64_t filled = -margin;
  for (int64_t y = 0; y < t.out_height(); y += step) {
    const int64_t end = Least(y + step, t.out_height());
    const int64_t from = y * t.stride - margin;
    const int64_t to = (end - 1) * t.stride + t.kernel_size - margin;
    if (filled > from) {
      const int64_t floats = (filled - from) * plane.columns * plane.channels;
      const float* source = plane.at(from - plane_row, 0);
      if (source != plane.values) {
        for (int64_t i = 0; i < floats; i += kLanes) Store(plane.values + i, Load(source + i));
      }
    }
    plane_row = from;
    filled = Most(filled, from);
    if (filled < 0) {
      plane.Clear(filled - plane_row, -plane_row);
      filled = 0;
    }
    const int64_t real = Least(to, t.height);
    if (filled < real) FillRows(t, panel, image, plane, plane_row, filled, real);
    filled = Most(filled, real);
    if (filled < to) plane.Clear(filled - plane_row, to - plane_row);
    filled = to;
    strip(t, plane, panel.filters, panel.first_channel, y, end, output);
  }
}

void RunExpandDepthwise(const ExpandDepthwise& t) {
  const StripFunction strip = StripFor(t);
  const int64_t taps = t.kernel_size * t.kernel_size;
  PanelTask panel = {0, 0, t.expand, t.filters};
  int cleared = 0;
  while (panel.first_channel < t.channels) {
    panel.vectors = NextPanel(t.channels - panel.first_channel);
    const int64_t width = int64_t{panel.vectors} * kLanes;
    // The margins left and right are written by nothing else.
    if (panel.vectors != cleared) Plane{t.plane, PlaneColumns(t), width}.Clear(0, PlaneRows(t));
    cleared = panel.vectors;
    for (int64_t n = 0; n < t.images; ++n) {
      RunImage(t, panel, strip, t.input + n * t.height * t.width * t.depth,
               t.output + n * t.out_height() * t.out_width() * t.channels);
    }
    if (panel.expand != nullptr) panel.expand += width * (t.depth + 1);
    panel.filters += width * (taps + 1);
    panel.first_channel += width;
  }
}

void PadImage(const PaddedImage& p) {
  const int64_t row = (p.width + 2 * p.margin) * p.channels;
  const int64_t inner = p.width * p.channels;
  float* to = p.padded;
  for (int64_t y = -p.margin; y < p.height + p.margin; ++y) {
    const bool inside = y >= 0 && y < p.height;
    const int64_t before = inside ? p.margin * p.channels : row;
    for (int64_t i = 0; i < before; ++i) *to++ = 0.0f;
    if (!inside) continue;
    const float* from = p.image + y * inner;
    int64_t i = 0;
    for (; i + kLanes <= inner; i += kLanes) Store(to + i, Load(from + i));
    for (; i < inner; ++i) to[i] = from[i];
    to += inner;
    for (int64_t x = 0; x < p.margin * p.channels; ++x) *to++ = 0.0f;
  }
}

void ColumnMeans(const float* values, int64_t rows, int64_t columns, float* means) {
  const float share = 1.0f / static_cast<float>(rows);
  for (int64_t c = 0; c < columns; c += kLanes) {
    const int64_t lanes = Least(kLanes, columns - c);
    Vector sum = Splat(0);
    for (int64_t r = 0; r < rows; ++r) {
      const float* from = values + r * columns + c;
      sum += lanes == kLanes ? Load(from) : LoadPart(from, lanes);
    }
    StorePart(means + c, sum * share, lanes);
  }
}

void ScaleColumns(const float* factors, int64_t rows, int64_t columns, float* values) {
  for (int64_t r = 0; r < rows; ++r, values += columns) {
    for (int64_t c = 0; c < columns; c += kLanes) {
      const int64_t lanes = Least(kLanes, columns - c);
      if (lanes == kLanes) {
        Store(values + c, Load(values + c) * Load(factors + c));
      } else {
        StorePart(values + c, LoadPart(values + c, lanes) * LoadPart(factors + c, lanes), lanes);
      }
    }
  }
}

constexpr EvalKernels kKernels = {kName,       PackedSize,  PackRows,  PackRows,
                                  Multiply,    PadImage,    PlaneSize, RunExpandDepthwise,
                                  ColumnMeans, ScaleColumns};

}  // namespace

const EvalKernels* NIWAKI_KERNELS() { return &kKernels; }

}  // namespace niwaki::supernet
