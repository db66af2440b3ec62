// The supernet against MCUNet's released code: logits of every recorded subnet before and after
// batch-norm recalibration, from the same weights and images. The figures lie in the folder that
// NIWAKI_SHARED names, under ofa/vectors.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/recalibrate.h"
#include "libs/supernet/reference_vectors.h"
#include "libs/supernet/runtime.h"

namespace niwaki::supernet {
namespace {

// Rounding may differ by a few times the recorded distance between float32 and float64.
constexpr double kGapFactor = 4;
// A run in double precision against the reference's. Where kernel matrices are, the reference had
// already applied them in float32.
constexpr double kDoubleTolerance = 1e-9;
constexpr double kDoubleToleranceWithMatrices = 1e-4;

using Tensors = std::map<std::string, at::Tensor>;

arch::SearchSpace Space(arch::KernelTransform transform) {
  std::string text = arch::CatalogueSpace("mcunet")->ToTextproto();
  const size_t begin = text.find("width_mults");
  text.erase(begin, text.rfind("width_mults") - begin);
  text = absl::StrReplaceAll(
      text, {{text.substr(begin, text.find('\n', begin) - begin), "width_mults: 0.5"}});
  if (transform == arch::KernelTransform::kMatrix) {
    text = absl::StrReplaceAll(text, {{"KERNEL_TRANSFORM_CROP", "KERNEL_TRANSFORM_MATRIX"}});
    if (!absl::StrContains(text, "KERNEL_TRANSFORM_MATRIX"))
      text += "kernel_transform: KERNEL_TRANSFORM_MATRIX\n";
  }
  const auto space = arch::SearchSpace::FromTextproto(text);
  EXPECT_THAT(space.status(), IsOk());
  return space->WithNumClasses(100);
}

struct Net {
  arch::SearchSpace space;
  SharedWeights weights;
};

// `state` gives the tensor of a reference name and shape.
template <typename State>
Net NetWith(arch::KernelTransform transform, State state) {
  Net net{Space(transform), SharedWeights::Random(Space(transform), 0)};
  const auto names = ReferenceNames(net.space, net.weights);
  net.weights.ForEach([&](const std::string& name, at::Tensor& tensor, TensorUse) {
    const at::Tensor value = state(names.at(name), tensor.sizes());
    ASSERT_EQ(value.numel(), tensor.numel()) << name;
    tensor.copy_(value.reshape(tensor.sizes()));
  });
  return net;
}

std::vector<at::Tensor> CalibrationBatches(const std::string& set, int64_t side,
                                           at::ScalarType type) {
  const at::Tensor images = FormulaImages(set + "/calib", 20, side).to(type);
  return {images.narrow(0, 0, 8), images.narrow(0, 8, 8), images.narrow(0, 16, 4)};
}

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

struct Logits {
  at::Tensor before;
  at::Tensor after;
  at::Tensor folded;
};

Logits LogitsOf(const Net& net, const arch::Graph& graph, const std::string& set,
                const at::Tensor& input) {
  c10::InferenceMode no_gradients;
  const auto tensors = SliceWeights(net.weights, graph);
  ForwardOptions options;
  options.eps = net.space.batch_norm_eps();
  const auto batches = CalibrationBatches(set, input.size(2), input.scalar_type());
  const BatchNormStatistics statistics = RecalibrateBatchNorm(graph, tensors, batches, options.eps);
  const auto recalibrated = WithStatistics(tensors, statistics);
  return {Forward(graph, tensors, input, options), Forward(graph, recalibrated, input, options),
          Forward(graph, FoldBatchNorm(recalibrated, options.eps), input, options)};
}

void ExpectReferenceLogits(const std::string& set, Net net, size_t count, double tolerance) {
  SetOperatorThreads(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json figures, ReadVectorsJson(set + ".json"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Tensors arrays, ReadVectors(set + ".arrays"));
  ASSERT_EQ(figures["subnets"].size(), count);
  Net exact{net.space, net.weights.Clone()};
  exact.weights.To(at::kCPU, at::kDouble);
  for (const Json& figure : figures["subnets"]) {
    const std::string id = absl::StrCat(figure["id"].get<int>());
    SCOPED_TRACE(absl::StrCat(set, " subnet ", id));
    Json arch = figure["arch"];
    arch["d"][5] = 1;
    arch["r"] = figure["image_size"];
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet subnet,
                                arch::SubnetFromJson(net.space, arch.dump()));
    const arch::Graph graph = arch::BuildGraph(net.space, subnet);
    const at::Tensor input = arrays.at(absl::StrCat("input_", figure["image_size"].get<int>()));
    const at::Tensor before = arrays.at("logits_before_f64/" + id);
    const at::Tensor after = arrays.at("logits_after_f64/" + id);

    const Logits single = LogitsOf(net, graph, set, input);
    EXPECT_LE(Distance(single.before, before),
              kGapFactor * figure["max_abs_f32_vs_f64"].get<double>());
    const double after_gap = kGapFactor * figure["after_bn_max_abs_f32_vs_f64"].get<double>();
    EXPECT_LE(Distance(single.after, after), after_gap);
    EXPECT_LE(Distance(single.folded, after), after_gap);

    const Logits precise = LogitsOf(exact, graph, set, input.to(at::kDouble));
    EXPECT_LE(Distance(precise.before, before), tolerance);
    EXPECT_LE(Distance(precise.after, after), tolerance);
  }
}

TEST(ReferenceTest, McunetLogitsMatch) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Tensors state, ReadVectors("mcunet_w050.state"));

  ExpectReferenceLogits(
      "mcunet_w050",
      NetWith(arch::KernelTransform::kCrop,
              [&](const std::string& name, at::IntArrayRef) { return state.at(name); }),
      20, kDoubleTolerance);
}

TEST(ReferenceTest, KernelMatrixLogitsMatch) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Tensors arrays, ReadVectors("mcunet_kt.arrays"));

  ExpectReferenceLogits("mcunet_kt",
                        NetWith(arch::KernelTransform::kMatrix,
                                [&](const std::string& name, at::IntArrayRef shape) {
                                  const auto stored = arrays.find("bn_init/" + name);
                                  return stored != arrays.end()
                                             ? stored->second
                                             : FormulaState("mcunet_kt", name, shape);
                                }),
                        7, kDoubleToleranceWithMatrices);
}

}  // namespace
}  // namespace niwaki::supernet
