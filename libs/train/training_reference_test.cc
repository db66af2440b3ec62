// Training against OFA's released code, from the same weights and images: channel sorting, losses,
// gradients and weights of recorded steps. The figures lie in the folder that NIWAKI_SHARED names,
// under ofa/vectors.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <map>
#include <memory>
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
#include "libs/supernet/reference_vectors.h"
#include "libs/supernet/runtime.h"
#include "libs/train/step/channel_sort.h"
#include "libs/train/step/sgd.h"
#include "libs/train/step/train_step.h"

namespace niwaki::train {
namespace {

using arch::WeightRole;
using Tensors = std::map<std::string, at::Tensor>;

constexpr char kSet[] = "mbv3_w035";
constexpr int kClasses = 100;
constexpr int kImages = 8;
constexpr int kSide = 64;
arch::SearchSpace Space() {
  std::string text = arch::CatalogueSpace("ofa_mbv3_w10")->ToTextproto();
  for (size_t begin; (begin = text.find("resolutions {")) != std::string::npos;) {
    text.erase(begin, text.find('}', begin) + 1 - begin);
  }
  text = absl::StrReplaceAll(text, {{"width_mults: [1]", "width_mults: 0.35"}});
  absl::StrAppend(&text, "resolutions { value: 64 } resolutions { value: 96 }\n");
  const auto space = arch::SearchSpace::FromTextproto(text);
  EXPECT_THAT(space.status(), IsOk());
  return space->WithNumClasses(kClasses);
}

// Name in OFA's state dict of a layer's module; "$" stands where "conv" or "bn" does.
std::string Module(const arch::Weight& weight, int block, bool is_static) {
  const std::string start = absl::StrCat("blocks.", block, ".conv.");
  const std::string leaf = is_static ? "$." : "$.$.";
  switch (weight.role) {
    case WeightRole::kStem:
      return "first_conv.$.";
    case WeightRole::kExpand:
      return absl::StrCat(start, "inverted_bottleneck.", leaf);
    case WeightRole::kDepthwise:
      return absl::StrCat(start, "depth_conv.", leaf);
    case WeightRole::kProject:
      return absl::StrCat(start, "point_linear.", leaf);
    case WeightRole::kSqueezeReduce:
      return absl::StrCat(start, "depth_conv.se.fc.reduce.");
    case WeightRole::kSqueezeExpand:
      return absl::StrCat(start, "depth_conv.se.fc.expand.");
    case WeightRole::kFinalExpand:
      return "final_expand_layer.$.";
    case WeightRole::kFeatureMix:
      return "feature_mix_layer.$.";
    default:
      return "classifier.linear.";
  }
}

std::string OfaName(const std::string& module, absl::string_view part) {
  if (absl::StartsWith(part, ".bn.")) {
    return absl::StrCat(absl::StrReplaceAll(module, {{"$", "bn"}}), part.substr(4));
  }
  if (absl::EndsWith(part, "_matrix")) {
    return absl::StrCat(absl::StrReplaceAll(module, {{"$.$.", "conv."}}), part.substr(1));
  }
  return absl::StrCat(absl::StrReplaceAll(module, {{"$", "conv"}}), part.substr(1));
}

// Our tensor names → OFA's.
std::map<std::string, std::string> OfaNames(const arch::SearchSpace& space,
                                            const supernet::SharedWeights& weights) {
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  std::vector<int> first_block = {0};
  for (const arch::Stage& stage : space.stages()) {
    first_block.push_back(first_block.back() + stage.max_depth());
  }
  std::map<std::string, std::string> names;
  weights.ForEach([&](const std::string& name, const at::Tensor&) {
    for (const arch::Weight& weight : graph.weights) {
      const std::string ours = arch::WeightName(weight);
      if (!absl::StartsWith(name, ours + ".")) continue;
      const bool is_static = weight.stage >= 0 && space.stages()[weight.stage].is_static();
      const int block = weight.stage >= 0 ? first_block[weight.stage] + weight.block : 0;
      names[name] =
          OfaName(Module(weight, block, is_static), absl::string_view(name).substr(ours.size()));
    }
  });
  return names;
}

struct Net {
  arch::SearchSpace space = Space();
  supernet::SharedWeights weights = supernet::SharedWeights::Random(space, 0);
  std::map<std::string, std::string> names = OfaNames(space, weights);

  Net() {
    const auto state = supernet::ReadVectors(absl::StrCat(kSet, ".state"));
    EXPECT_THAT(state.status(), IsOk());
    weights.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
      tensor.copy_(state->at(names.at(name)).reshape(tensor.sizes()));
    });
  }

  // Of one of the 20 dynamic blocks, numbered from 1 as in the reference.
  arch::Weight Layer(int block, WeightRole role) const {
    int16_t stage = 1;
    int left = block - 1;
    for (; left >= space.stages()[stage].max_depth(); ++stage)
      left -= space.stages()[stage].max_depth();
    return {role, stage, static_cast<int16_t>(left)};
  }

  at::Tensor LogitsOf(const arch::Subnet& subnet, const at::Tensor& input) const {
    c10::InferenceMode no_gradients;
    const arch::Graph graph = arch::BuildGraph(space, subnet);
    return supernet::Forward(graph, supernet::SliceWeights(weights, graph), input, {});
  }
};

at::Tensor Labels(const std::string& tag) {
  const at::Tensor uniform = supernet::FormulaUniform(tag + "/labels", {kImages}, 0, 1);
  return (uniform.to(at::kDouble) * kClasses).floor().to(at::kLong);
}

TEST(ChannelSortReferenceTest, PermutationsEqualTheRecordedOnes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json figures, supernet::ReadVectorsJson("extra_ops.json"));
  for (const int stage : {0, 1, 2}) {
    const Json& figure = figures[absl::StrCat("channel_sort_stage", stage)];
    Net net;
    const Net before;
    const at::Tensor input = supernet::FormulaImages(absl::StrCat(kSet, "/input"), 4, kSide);

    SortExpansionChannels(net.space, stage, net.weights);

    for (int block = 1; block <= 20; ++block) {
      SCOPED_TRACE(absl::StrCat("stage ", stage, " block ", block));
      const std::vector<int64_t> order = figure["perm"][absl::StrCat("block", block)];
      const at::Tensor perm = at::tensor(order, at::kLong);
      const auto role = WeightRole::kProject;
      const at::Tensor expected =
          before.weights.layer(before.Layer(block, role)).weight.index_select(1, perm);
      EXPECT_TRUE(at::equal(net.weights.layer(net.Layer(block, role)).weight, expected));
    }
    const arch::Subnet largest = arch::MaxSubnet(net.space);
    const double moved =
        (net.LogitsOf(largest, input) - before.LogitsOf(largest, input)).abs().max().item<double>();
    EXPECT_LE(moved, 4 * figure["max_abs_change_of_max_net"].get<double>());
  }
}

// A narrow subnet after the sort: every tensor of its blocks, squeeze-excite's inner channels
// included.
TEST(ChannelSortReferenceTest, NarrowSubnetComputesTheRecordedLogits) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Tensors arrays, supernet::ReadVectors("extra_ops.arrays"));
  for (const int stage : {0, 1, 2}) {
    Net net;
    SortExpansionChannels(net.space, stage, net.weights);
    arch::Subnet narrow = arch::MaxSubnet(net.space);
    const arch::GeneLayout& layout = net.space.layout();
    narrow.genes[layout.resolution] = 0;
    for (int block = 0; block < layout.num_blocks; ++block) {
      // Kernel 5, ratio 3.
      narrow.genes[layout.kernel_sizes + 2 * block] = 1;
      narrow.genes[layout.kernel_sizes + 2 * block + 1] = 0;
    }
    const at::Tensor input = supernet::FormulaImages(absl::StrCat(kSet, "/input"), 4, kSide);

    const at::Tensor logits = net.LogitsOf(narrow, input);

    const at::Tensor expected = arrays.at(absl::StrCat("sort/", stage, "/logits_e3_after"));
    EXPECT_LE((logits - expected).abs().max().item<double>(), 2e-5) << "stage " << stage;
  }
}

Phase PhaseOf(const Json& figure) {
  Phase phase;
  phase.name = "recorded";
  phase.kd_ratio = figure["kd_ratio"];
  phase.teacher = phase.kd_ratio > 0 ? kStartTeacher : kNoTeacher;
  return phase;
}

StepPlan PlanOf(const Net& net, const Json& step) {
  StepPlan plan;
  for (const Json& recorded : step["subnets"]) {
    Json arch = recorded["arch"];
    arch["r"] = kSide;
    const auto subnet = arch::SubnetFromJson(net.space, arch.dump());
    EXPECT_THAT(subnet.status(), IsOk());
    plan.subnets.push_back(*subnet);
  }
  plan.largest = arch::MaxSubnet(net.space);
  plan.largest.genes[net.space.layout().resolution] = 0;
  return plan;
}

// A training of the recorded net in one type of number.
class Run {
 public:
  Run(const Json& figure, at::ScalarType type)
      : phase_(PhaseOf(figure)), rate_(figure["lr"]), net_(OfType(type)) {
    teacher_ = std::make_unique<supernet::SharedWeights>(net_.weights.Clone());
    SgdOptions options;
    options.momentum = figure["momentum"];
    options.weight_decay = figure["weight_decay"];
    sgd_ = std::make_unique<Sgd>(&net_.weights, options);
    recipe_.label_smoothing = figure["label_smoothing"];
    input_.shards = ShardsOf(kImages, 0, 0, 1);
    input_.teacher = teacher_.get();
    input_.compute_type = type;
  }

  // Losses, label losses, then the sums of absolute gradients by OFA's names.
  struct Figures {
    StepResult result;
    std::map<std::string, double> gradients;
  };
  Figures Step(const Json& step) {
    const std::string tag = absl::StrCat(kSet, "/train", step["step"].get<int>());
    input_.images = supernet::FormulaImages(tag, kImages, kSide);
    input_.labels = Labels(tag);
    input_.plan = PlanOf(net_, step);
    Figures figures;
    auto result = AccumulateGradients(net_.space, net_.weights, recipe_, phase_, input_, single_);
    EXPECT_THAT(result.status(), IsOk());
    figures.result = *result;
    net_.weights.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
      if (!tensor.grad().defined()) return;
      figures.gradients[net_.names.at(name)] =
          tensor.grad().to(at::kDouble).abs().sum().item<double>();
    });
    sgd_->Step(rate_);
    return figures;
  }

 private:
  static Net OfType(at::ScalarType type) {
    Net net;
    net.weights.To(at::kCPU, type);
    return net;
  }

  const Phase phase_;
  const double rate_;
  Net net_;
  std::unique_ptr<supernet::SharedWeights> teacher_;
  std::unique_ptr<Sgd> sgd_;
  Recipe recipe_;
  StepInput input_;
  SingleProcess single_;
};

// Relative, of losses and of sums of absolute gradients.
struct Tolerance {
  double loss;
  double gradient;
};
constexpr Tolerance kFloatTolerance = {1e-5, 1e-2};
// The recorded figures are float32 ones: how far they are from exact ones grows from step to step.
constexpr Tolerance kDouble[] = {{1e-6, 1e-4}, {1e-4, 1e-2}, {2e-3, 0.4}};
// Gradients that are 0 but for rounding.
constexpr double kNothing = 1e-3;

// Those that the reference had no gradient for have none.
void ExpectFigures(const Json& step, const Run::Figures& figures, const Tolerance& tolerance) {
  for (size_t i = 0; i < step["subnets"].size(); ++i) {
    const double loss = step["subnets"][i]["loss"];
    const double label_loss = step["subnets"][i]["ce"];
    EXPECT_NEAR(figures.result.losses[i], loss, tolerance.loss * loss);
    EXPECT_NEAR(figures.result.label_losses[i], label_loss, 2 * tolerance.loss * label_loss);
  }
  EXPECT_EQ(figures.gradients.size(), step["grad_abs_sum"].size());
  double distance = 0, total = 0;
  for (const auto& [name, sum] : step["grad_abs_sum"].items()) {
    const auto ours = figures.gradients.find(name);
    ASSERT_NE(ours, figures.gradients.end()) << name;
    const double wanted = sum.get<double>();
    EXPECT_NEAR(ours->second, wanted, tolerance.gradient * wanted + kNothing) << name;
    distance += std::abs(ours->second - wanted);
    total += wanted;
  }
  EXPECT_LE(distance / total, tolerance.gradient / 10);
}

void ExpectRecordedSteps(const std::string& key, size_t steps) {
  supernet::SetOperatorThreads(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json figures, supernet::ReadVectorsJson("extra_ops.json"));
  const Json& figure = figures[key];
  ASSERT_EQ(figure["steps"].size(), steps);
  Run single(figure, at::kFloat);
  Run precise(figure, at::kDouble);
  for (const Json& step : figure["steps"]) {
    SCOPED_TRACE(absl::StrCat(key, " step ", step["step"].get<int>()));
    const Run::Figures f32 = single.Step(step);
    const Run::Figures f64 = precise.Step(step);
    ExpectFigures(step, f64, kDouble[step["step"].get<int>()]);
    // Rounding moves the later steps of this net, whose weights change by tenths of their size a
    // step, too far to compare: the double run shows that they are right.
    if (step["step"] == 0) ExpectFigures(step, f32, kFloatTolerance);
  }
}

TEST(TrainStepReferenceTest, FourDistilledSubnetsMatch) {
  ExpectRecordedSteps("train_kd1_4subnets", 3);
}

TEST(TrainStepReferenceTest, OnePlainSubnetMatches) { ExpectRecordedSteps("train_kd0_1subnet", 2); }

}  // namespace
}  // namespace niwaki::train
