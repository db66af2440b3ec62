#include "libs/supernet/extract.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/scoring/recalibrate.h"

namespace niwaki::supernet {
namespace {

using arch::Graph;
using arch::Op;

struct Part {
  const char* suffix;
  at::Tensor OpTensors::*tensor;
};

constexpr Part kParts[] = {
    {".weight", &OpTensors::weight},
    {".bias", &OpTensors::bias},
    {".bn.weight", &OpTensors::norm_weight},
    {".bn.bias", &OpTensors::norm_bias},
    {".bn.running_mean", &OpTensors::norm_mean},
    {".bn.running_var", &OpTensors::norm_var},
};

bool HasPart(const Op& op, const Part& part) {
  if (part.tensor == &OpTensors::weight) return true;
  return part.tensor == &OpTensors::bias ? op.bias : op.batch_norm;
}

std::vector<int64_t> ExpectedShape(const Graph& graph, const Op& op, const Part& part) {
  if (part.tensor == &OpTensors::weight) return arch::WeightShape(graph, op);
  return {graph.shape(op.output).channels};
}

std::string ShapeText(at::IntArrayRef shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

absl::StatusOr<at::Tensor> Bind(const StandaloneTensors& tensors, const std::string& name,
                                const std::vector<int64_t>& shape) {
  const auto it = tensors.find(name);
  const std::string expected = ShapeText(shape);
  if (it == tensors.end()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(name)
        .Limit(expected)
        .Message(absl::StrCat("tensor ", name, " ", expected, " is missing"));
  }
  if (it->second.sizes() != at::IntArrayRef(shape)) {
    const std::string actual = ShapeText(it->second.sizes());
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(name)
        .Value(actual)
        .Limit(expected)
        .Message(
            absl::StrCat("tensor ", name, " has shape ", actual, ", the subnet needs ", expected));
  }
  return it->second;
}

}  // namespace

StandaloneTensors ExtractSubnet(const SharedWeights& weights, const Graph& graph,
                                const BatchNormStatistics* statistics) {
  c10::InferenceMode no_gradients;
  std::vector<OpTensors> slices = SliceWeights(weights, graph);
  if (statistics != nullptr) slices = WithStatistics(std::move(slices), *statistics);
  StandaloneTensors standalone;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.ops[i].weight < 0) continue;
    const std::string name = arch::WeightName(graph.weights[graph.ops[i].weight]);
    for (const Part& part : kParts) {
      const at::Tensor& slice = slices[i].*part.tensor;
      if (!slice.defined()) continue;
      standalone[absl::StrCat(name, part.suffix)] = slice.clone(at::MemoryFormat::Contiguous);
    }
  }
  return standalone;
}

absl::StatusOr<std::vector<OpTensors>> BindStandalone(const Graph& graph,
                                                      const StandaloneTensors& tensors) {
  std::vector<OpTensors> bound(graph.ops.size());
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (op.weight < 0) continue;
    const std::string name = arch::WeightName(graph.weights[op.weight]);
    for (const Part& part : kParts) {
      if (!HasPart(op, part)) continue;
      NIWAKI_ASSIGN_OR_RETURN(bound[i].*part.tensor, Bind(tensors, absl::StrCat(name, part.suffix),
                                                          ExpectedShape(graph, op, part)));
    }
  }
  return bound;
}

}  // namespace niwaki::supernet
