#include "libs/supernet/weights.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/base/random.h"

namespace niwaki::supernet {
namespace {

using arch::Graph;
using arch::Op;
using arch::OpKind;

// A stream of its own for each tensor, so that adding a layer leaves the others' values alone.
niwaki::Random StreamFor(uint64_t seed, const std::string& name) {
  return niwaki::Random(DeriveSeed(seed, FingerprintOf(name.data(), name.size()).low));
}

at::Tensor RandomNormal(at::IntArrayRef shape, double deviation, niwaki::Random random) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(deviation * random.Normal());
  }
  return tensor;
}

at::Tensor RandomUniform(at::IntArrayRef shape, double bound, niwaki::Random random) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(bound * (2.0 * random.UniformDouble() - 1.0));
  }
  return tensor;
}

void InitKernel(const Graph& graph, const Op& op, niwaki::Random random, LayerWeights& layer) {
  const int64_t in = graph.shape(op.input).channels;
  const int64_t out = graph.shape(op.output).channels;
  const int64_t taps = op.taps();
  const std::vector<int64_t> shape = arch::WeightShape(graph, op);
  switch (arch::FactsOf(op.kind).weight) {
    case arch::WeightForm::kDense:
      layer.weight = RandomNormal(shape, std::sqrt(2.0 / (taps * out)), random);
      break;
    case arch::WeightForm::kPerChannel:
      layer.weight = RandomNormal(shape, std::sqrt(2.0 / taps), random);
      break;
    case arch::WeightForm::kMatrix:
      layer.weight = RandomUniform(shape, 1.0 / std::sqrt(in), random);
      break;
    case arch::WeightForm::kNone:
      NIWAKI_CHECK(false);
  }
}

void InitMatrices(const arch::SearchSpace& space, const Op& op, LayerWeights& layer) {
  if (op.kind != OpKind::kDepthwiseConv2d || op.stage < 0) return;
  if (space.kernel_transform() != arch::KernelTransform::kMatrix) return;
  const int smallest = space.stages()[op.stage].kernel_sizes.front();
  // The kernels of spaces are square.
  if (op.kernel_h >= 7 && smallest < 7) layer.matrix_7to5 = at::eye(25, at::kFloat);
  if (op.kernel_h >= 5 && smallest < 5) layer.matrix_5to3 = at::eye(9, at::kFloat);
}

LayerWeights InitLayer(const arch::SearchSpace& space, const Graph& graph, const Op& op,
                       niwaki::Random random) {
  LayerWeights layer;
  const int64_t out = graph.shape(op.output).channels;
  InitKernel(graph, op, random, layer);
  InitMatrices(space, op, layer);
  if (op.bias) layer.bias = at::zeros({out}, at::kFloat);
  if (op.batch_norm) {
    layer.norm_weight = at::ones({out}, at::kFloat);
    layer.norm_bias = at::zeros({out}, at::kFloat);
    layer.norm_mean = at::zeros({out}, at::kFloat);
    layer.norm_var = at::ones({out}, at::kFloat);
  }
  return layer;
}

struct Part {
  const char* suffix;
  at::Tensor LayerWeights::*tensor;
  TensorUse use;
};

constexpr Part kParts[] = {
    {".weight", &LayerWeights::weight, TensorUse::kDecayed},
    {".bias", &LayerWeights::bias, TensorUse::kNotDecayed},
    {".bn.weight", &LayerWeights::norm_weight, TensorUse::kNotDecayed},
    {".bn.bias", &LayerWeights::norm_bias, TensorUse::kNotDecayed},
    {".bn.running_mean", &LayerWeights::norm_mean, TensorUse::kStatistic},
    {".bn.running_var", &LayerWeights::norm_var, TensorUse::kStatistic},
    {".7to5_matrix", &LayerWeights::matrix_7to5, TensorUse::kNotDecayed},
    {".5to3_matrix", &LayerWeights::matrix_5to3, TensorUse::kNotDecayed},
};

}  // namespace

int32_t SharedWeights::KeyOf(const arch::Weight& weight) {
  return (static_cast<int32_t>(weight.role) << 24) | ((weight.stage + 1) << 12) |
         (weight.block + 1);
}

int SharedWeights::IndexOf(const arch::Weight& weight) const {
  const auto it = index_.find(KeyOf(weight));
  NIWAKI_CHECK(it != index_.end());
  return it->second;
}

SharedWeights SharedWeights::Random(const arch::SearchSpace& space, uint64_t seed) {
  const Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  SharedWeights weights;
  for (const Op& op : graph.ops) {
    if (op.weight < 0) continue;
    const arch::Weight& weight = graph.weights[op.weight];
    weights.index_[KeyOf(weight)] = static_cast<int>(weights.layers_.size());
    weights.order_.push_back(weight);
    weights.layers_.push_back(InitLayer(space, graph, op, StreamFor(seed, WeightName(weight))));
  }
  return weights;
}

SharedWeights SharedWeights::Alias() const {
  SharedWeights alias;
  alias.order_ = order_;
  alias.index_ = index_;
  alias.layers_ = layers_;
  alias.ForEach(
      [](const std::string&, at::Tensor& tensor, TensorUse) { tensor = tensor.detach(); });
  return alias;
}

SharedWeights SharedWeights::Clone() const {
  SharedWeights copy = Alias();
  copy.ForEach([](const std::string&, at::Tensor& tensor, TensorUse) { tensor = tensor.clone(); });
  return copy;
}

void SharedWeights::To(const at::Device& device, at::ScalarType type) {
  ForEach([&](const std::string&, at::Tensor& tensor, TensorUse) {
    tensor = tensor.detach().to(device, type);
  });
}

void SharedWeights::ForEach(const Visitor& visit) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::string name = arch::WeightName(order_[i]);
    for (const Part& part : kParts) {
      at::Tensor& tensor = layers_[i].*part.tensor;
      if (tensor.defined()) visit(absl::StrCat(name, part.suffix), tensor, part.use);
    }
  }
}

void SharedWeights::ForEach(
    const std::function<void(const std::string&, const at::Tensor&)>& visit) const {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::string name = arch::WeightName(order_[i]);
    for (const Part& part : kParts) {
      const at::Tensor& tensor = layers_[i].*part.tensor;
      if (tensor.defined()) visit(absl::StrCat(name, part.suffix), tensor);
    }
  }
}

}  // namespace niwaki::supernet
