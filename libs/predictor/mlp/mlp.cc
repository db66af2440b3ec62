#include "libs/predictor/mlp/mlp.h"

#include <algorithm>
#include <cmath>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"

namespace niwaki::predictor {
namespace {

constexpr int kMaxWidth = 65536;
// Rows that pass through the layers together: a multiple of the kernels' tiles, small enough for
// the second-level cache.
constexpr int kBlockRows = 96;

absl::Status CheckFinite(const std::string& field, const std::vector<float>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return InvalidValue(absl::StrCat(field, "[", i, "]"), values[i], "a finite number");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLayer(int index, const DenseLayer& layer) {
  const std::string field = absl::StrCat("layers[", index, "]");
  const auto check_width = [&](const char* name, int width) {
    return CheckRange(absl::StrCat(field, ".", name), width, 1, kMaxWidth);
  };
  NIWAKI_RETURN_IF_ERROR(check_width("inputs", layer.inputs));
  NIWAKI_RETURN_IF_ERROR(check_width("outputs", layer.outputs));
  const size_t weights = static_cast<size_t>(layer.inputs) * layer.outputs;
  if (layer.weights.size() != weights) {
    return InvalidValue(absl::StrCat(field, ".weights"),
                        absl::StrCat(layer.weights.size(), " numbers"), weights);
  }
  if (!layer.bias.empty() && layer.bias.size() != static_cast<size_t>(layer.outputs)) {
    return InvalidValue(absl::StrCat(field, ".bias"), absl::StrCat(layer.bias.size(), " numbers"),
                        layer.outputs);
  }
  NIWAKI_RETURN_IF_ERROR(CheckFinite(absl::StrCat(field, ".weights"), layer.weights));
  return CheckFinite(absl::StrCat(field, ".bias"), layer.bias);
}

// A dot product whose order does not depend on the processor.
float Dot(const float* a, const float* b, int64_t size) {
  constexpr int kChains = 8;
  float sums[kChains] = {};
  int64_t i = 0;
  for (; i + kChains <= size; i += kChains) {
    for (int c = 0; c < kChains; ++c) sums[c] += a[i + c] * b[i + c];
  }
  for (int c = 0; i < size; ++i, ++c) sums[c] += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace

absl::StatusOr<Mlp> Mlp::Create(std::vector<DenseLayer> layers) {
  if (layers.size() < 2) return InvalidValue("layers", layers.size(), "at least 2");
  for (size_t i = 0; i < layers.size(); ++i) {
    NIWAKI_RETURN_IF_ERROR(CheckLayer(static_cast<int>(i), layers[i]));
    if (i > 0 && layers[i].inputs != layers[i - 1].outputs) {
      return InvalidValue(
          absl::StrCat("layers[", i, "].inputs"), layers[i].inputs,
          absl::StrCat(layers[i - 1].outputs, " as the outputs of the layer before"));
    }
  }
  if (layers.back().outputs != 1) {
    return InvalidValue(absl::StrCat("layers[", layers.size() - 1, "].outputs"),
                        layers.back().outputs, 1);
  }
  return Mlp(std::move(layers));
}

Mlp::Mlp(std::vector<DenseLayer> layers) : layers_(std::move(layers)) {
  for (size_t i = 0; i + 1 < layers_.size(); ++i) {
    const DenseLayer& layer = layers_[i];
    Packed packed;
    packed.panels = (layer.outputs + kPanel - 1) / kPanel;
    packed.weights.resize(packed.panels * kPanel * layer.inputs);
    packed.bias.resize(packed.panels * kPanel);
    absl::c_copy(layer.bias, packed.bias.begin());
    for (int64_t o = 0; o < layer.outputs; ++o) {
      float* const to = packed.weights.data() + (o / kPanel) * layer.inputs * kPanel + o % kPanel;
      for (int64_t k = 0; k < layer.inputs; ++k) {
        to[k * kPanel] = layer.weights[o * layer.inputs + k];
      }
    }
    widest_ = std::max(widest_, packed.panels * kPanel);
    packed_.push_back(std::move(packed));
  }
}

int64_t Mlp::MultiplyAdds(int ones) const {
  int64_t sum = int64_t{ones} * layers_[0].outputs;
  for (size_t i = 1; i < layers_.size(); ++i) {
    sum += int64_t{layers_[i].inputs} * layers_[i].outputs;
  }
  return sum;
}

PackedLayer Mlp::packed(size_t layer) const {
  const Packed& packed = packed_[layer];
  return {packed.weights.data(), packed.bias.data(), layers_[layer].inputs, packed.panels};
}

void Mlp::ForwardBlock(const SparseRows& rows, int first, int count, std::vector<float>& scratch,
                       float* outputs, const DenseKernels& kernels) const {
  float* input = scratch.data();
  float* output = scratch.data() + scratch.size() / 2;
  const int32_t begin = first == 0 ? 0 : rows.ends[first - 1];
  int32_t ends[kBlockRows];
  for (int i = 0; i < count; ++i) ends[i] = rows.ends[first + i] - begin;
  kernels.sparse_relu(packed(0), rows.columns.data() + begin, ends, count, input);
  for (size_t i = 1; i < packed_.size(); ++i) {
    kernels.dense_relu(packed(i), input, packed_[i - 1].panels * kPanel, count, output);
    std::swap(input, output);
  }
  const DenseLayer& last = layers_.back();
  const float bias = last.bias.empty() ? 0 : last.bias[0];
  const int64_t stride = packed_.back().panels * kPanel;
  for (int i = 0; i < count; ++i) {
    outputs[i] = Dot(input + i * stride, last.weights.data(), last.inputs) + bias;
  }
}

void Mlp::Forward(const SparseRows& rows, absl::Span<float> outputs,
                  const DenseKernels& kernels) const {
  NIWAKI_CHECK(rows.rows() == static_cast<int>(outputs.size()));
  const int block = std::min(kBlockRows, rows.rows());
  std::vector<float> scratch(2 * block * widest_);
  for (int first = 0; first < rows.rows(); first += block) {
    ForwardBlock(rows, first, std::min(block, rows.rows() - first), scratch, outputs.data() + first,
                 kernels);
  }
}

}  // namespace niwaki::predictor
