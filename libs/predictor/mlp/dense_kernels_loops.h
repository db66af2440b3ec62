// The loops of dense_kernels.h for one width of vectors: kLanes floats, tiles of kTileRows rows by
// kTilePanels panels. The including file defines the three and is compiled for its processor, so
// this header includes none with inline functions that other files share.

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_DENSE_KERNELS_LOOPS_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_DENSE_KERNELS_LOOPS_H_

#include "libs/predictor/mlp/dense_kernels.h"

namespace niwaki::predictor {
namespace {

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(4)));

constexpr int kPanelVectors = kPanel / kLanes;
// Panels whose sums of weight rows are kept in registers.
constexpr int kSumPanels = 4;

inline Vector Load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
inline void Store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }
inline Vector Relu(Vector x) {
  const Vector zero = {};
  return x > zero ? x : zero;
}

template <int panels>
void SumRows(const PackedLayer& layer, int64_t panel, const int32_t* columns, const int32_t* ends,
             int64_t rows, float* outputs) {
  constexpr int kVectors = panels * kPanelVectors;
  const int64_t panel_size = layer.inputs * kPanel;
  const float* weights = layer.weights + panel * panel_size;
  int32_t begin = 0;
  for (int64_t row = 0; row < rows; ++row) {
    Vector sum[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[v] = Load(layer.bias + panel * kPanel + v * kLanes);
    for (int32_t i = begin; i < ends[row]; ++i) {
      const float* from = weights + int64_t{columns[i]} * kPanel;
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        sum[v] += Load(from + (v / kPanelVectors) * panel_size + (v % kPanelVectors) * kLanes);
      }
    }
    begin = ends[row];
    float* to = outputs + row * layer.panels * kPanel + panel * kPanel;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) Store(to + v * kLanes, Relu(sum[v]));
  }
}

void SparseRelu(const PackedLayer& layer, const int32_t* columns, const int32_t* ends, int64_t rows,
                float* outputs) {
  int64_t panel = 0;
  for (; panel + kSumPanels <= layer.panels; panel += kSumPanels) {
    SumRows<kSumPanels>(layer, panel, columns, ends, rows, outputs);
  }
  for (; panel < layer.panels; ++panel) SumRows<1>(layer, panel, columns, ends, rows, outputs);
}

// `rows` rows by `panels` panels of outputs, all sums in registers.
template <int rows, int panels>
void Tile(const PackedLayer& layer, int64_t panel, const float* inputs, int64_t input_stride,
          float* outputs) {
  constexpr int kVectors = panels * kPanelVectors;
  const int64_t panel_size = layer.inputs * kPanel;
  const float* weights = layer.weights + panel * panel_size;
  Vector sum[rows][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[r][v] = Load(layer.bias + panel * kPanel + v * kLanes);
  }
  for (int64_t k = 0; k < layer.inputs; ++k, weights += kPanel) {
    Vector weight[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      weight[v] = Load(weights + (v / kPanelVectors) * panel_size + (v % kPanelVectors) * kLanes);
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      const float input = inputs[r * input_stride + k];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sum[r][v] += weight[v] * input;
    }
  }
  const int64_t output_stride = layer.panels * kPanel;
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      Store(outputs + r * output_stride + panel * kPanel + v * kLanes, Relu(sum[r][v]));
    }
  }
}

template <int panels>
void DensePanels(const PackedLayer& layer, int64_t panel, const float* inputs, int64_t input_stride,
                 int64_t rows, float* outputs) {
  const int64_t output_stride = layer.panels * kPanel;
  int64_t row = 0;
  for (; row + kTileRows <= rows; row += kTileRows) {
    Tile<kTileRows, panels>(layer, panel, inputs + row * input_stride, input_stride,
                            outputs + row * output_stride);
  }
  for (; row < rows; ++row) {
    Tile<1, panels>(layer, panel, inputs + row * input_stride, input_stride,
                    outputs + row * output_stride);
  }
}

void DenseRelu(const PackedLayer& layer, const float* inputs, int64_t input_stride, int64_t rows,
               float* outputs) {
  int64_t panel = 0;
  for (; panel + kTilePanels <= layer.panels; panel += kTilePanels) {
    DensePanels<kTilePanels>(layer, panel, inputs, input_stride, rows, outputs);
  }
  for (; panel < layer.panels; ++panel) {
    DensePanels<1>(layer, panel, inputs, input_stride, rows, outputs);
  }
}

}  // namespace
}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_DENSE_KERNELS_LOOPS_H_
