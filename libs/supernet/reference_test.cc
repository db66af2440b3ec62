// The supernet against the reference implementations: counts, logits before and after batch-norm
// recalibration, and the recalibrated statistics of every recorded subnet, from the same weights
// and images. The figures lie in the folder that NIWAKI_SHARED names, under ofa/vectors.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/ofa_names.h"
#include "libs/supernet/reference_vectors.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/recalibrate.h"

namespace niwaki::supernet {
namespace {

// Rounding may differ by a few times the recorded distance between float32 and float64.
constexpr double kGapFactor = 4;
// A run in double precision against the reference's own.
constexpr double kDoubleTolerance = 5e-11;
// There the reference multiplied the kernels by their matrices in float32 before.
constexpr double kDoubleToleranceWithMatrices = 1e-4;

struct VectorSet {
  const char* name;
  OfaRepository repository;
  int subnets;
};

constexpr VectorSet kSets[] = {
    {"mbv3_w035", OfaRepository::kOnceForAll, 20},
    {"proxyless_w035", OfaRepository::kOnceForAll, 20},
    {"resnet50", OfaRepository::kOnceForAll, 6},
    {"mcunet_w050", OfaRepository::kMcunet, 20},
    {"mcunet_multi", OfaRepository::kMcunet, 21},
    {"mcunet_kt", OfaRepository::kMcunet, 7},
};

struct Row {
  VectorSet set;
  int subnet;
};

std::vector<Row> Rows() {
  std::vector<Row> rows;
  for (const VectorSet& set : kSets) {
    for (int i = 0; i < set.subnets; ++i) rows.push_back({set, i});
  }
  return rows;
}

// Convolutions in double precision have no fast kernels: of the ResNets the two smallest, of the
// others every second one, whose images are small, and two with large images.
std::vector<Row> DoubleRows() {
  std::vector<Row> rows;
  for (const Row& row : Rows()) {
    const bool resnet = absl::string_view(row.set.name) == "resnet50";
    const int i = row.subnet;
    if (resnet ? i == 1 || i == 4 : i % 2 == 0 || i < 4) rows.push_back(row);
  }
  return rows;
}

std::string RowName(const ::testing::TestParamInfo<Row>& info) {
  return absl::StrCat(info.param.set.name, "_", info.param.subnet);
}

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

std::vector<OpTensors> ToDouble(std::vector<OpTensors> tensors) {
  for (OpTensors& op : tensors) {
    for (at::Tensor* tensor :
         {&op.weight, &op.bias, &op.norm_weight, &op.norm_bias, &op.norm_mean, &op.norm_var}) {
      if (tensor->defined()) *tensor = tensor->to(at::kDouble);
    }
  }
  return tensors;
}

struct Outcome {
  at::Tensor before;
  at::Tensor after;
  at::Tensor folded;
  BatchNormStatistics statistics;
};

class ReferenceTest : public ::testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    SetOperatorThreads(1);
    set_ = GetParam().set.name;
    // One after the other, because the weights of a set are large.
    static std::string loaded;
    static std::unique_ptr<ReferenceNet> net;
    if (loaded != set_) {
      net.reset();
      auto read = ReadReferenceNet(set_, GetParam().set.repository);
      NIWAKI_ASSERT_OK(read.status());
      net = std::make_unique<ReferenceNet>(*std::move(read));
      loaded = set_;
    }
    net_ = net.get();
    ASSERT_EQ(net_->figures["subnets"].size(), GetParam().set.subnets);
    figure_ = &net_->figures["subnets"][GetParam().subnet];
    id_ = absl::StrCat((*figure_)["id"].get<int>());
    Json arch = (*figure_)["arch"];
    // The reference clamps the depth of the last stage to its one block.
    if (arch.contains("ks") && arch["d"].size() == 6) arch["d"][5] = 1;
    arch["r"] = Number("image_size");
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet subnet,
                                arch::SubnetFromJson(net_->space, arch.dump()));
    graph_ = arch::BuildGraph(net_->space, subnet);
    input_ = Array(absl::StrCat("input_", Number("image_size")));
  }

  double Number(const char* key) const { return (*figure_)[key].get<double>(); }
  const at::Tensor& Array(const std::string& name) const { return net_->arrays.at(name); }

  Outcome Run(const std::vector<OpTensors>& tensors, at::ScalarType type) const {
    c10::InferenceMode no_gradients;
    ForwardOptions options;
    options.eps = net_->space.batch_norm_eps();
    const at::Tensor images =
        FormulaImages(absl::StrCat(set_, "/calib"), 20, input_.size(2)).to(type);
    const at::Tensor input = input_.to(type);
    Outcome outcome;
    outcome.statistics = RecalibrateBatchNorm(
        graph_, tensors, {images.narrow(0, 0, 8), images.narrow(0, 8, 8), images.narrow(0, 16, 4)},
        options.eps);
    const auto recalibrated = WithStatistics(tensors, outcome.statistics);
    outcome.before = Forward(graph_, tensors, input, options);
    outcome.after = Forward(graph_, recalibrated, input, options);
    outcome.folded = Forward(graph_, FoldBatchNorm(recalibrated, options.eps), input, options);
    return outcome;
  }

  // The recorded sums of every statistic, and its values where they are recorded. The reference
  // took them in float32: `share` of their size is what its logits lost.
  void ExpectStatistics(const BatchNormStatistics& statistics, double share) const {
    std::map<std::string, std::string> theirs;
    for (const OfaName& name : OfaSubnetNames(graph_, net_->repository)) {
      theirs[name.ours] = name.theirs;
    }
    const Json& sums = (*figure_)["bn_after"];
    size_t compared = 0;
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      if (!graph_.ops[i].batch_norm) continue;
      const std::string layer = arch::WeightName(graph_.weights[graph_.ops[i].weight]);
      for (const bool is_mean : {true, false}) {
        const std::string& key =
            theirs.at(absl::StrCat(layer, is_mean ? ".bn.running_mean" : ".bn.running_var"));
        const at::Tensor& ours = is_mean ? statistics.mean[i] : statistics.variance[i];
        ASSERT_EQ(ours.numel(), sums[key]["n"].get<int64_t>()) << key;
        const double size = sums[key]["abs_sum"].get<double>();
        EXPECT_NEAR(ours.sum().item<double>(), sums[key]["sum"].get<double>(), share * size) << key;
        EXPECT_NEAR(ours.abs().sum().item<double>(), size, share * size) << key;
        const auto values = net_->arrays.find(absl::StrCat("bn_after/", id_, "/", key));
        if (values != net_->arrays.end()) {
          EXPECT_LE(Distance(ours, values->second),
                    share * values->second.abs().max().item<double>())
              << key;
        }
        ++compared;
      }
    }
    EXPECT_EQ(compared, sums.size());
  }

  bool HasTransformedKernels() const {
    if (net_->space.kernel_transform() != arch::KernelTransform::kMatrix) return false;
    return std::any_of(graph_.ops.begin(), graph_.ops.end(), [](const arch::Op& op) {
      return op.kind == arch::OpKind::kDepthwiseConv2d && op.stage > 0 && op.kernel_h < 7;
    });
  }

  std::string set_;
  std::string id_;
  ReferenceNet* net_ = nullptr;
  const Json* figure_ = nullptr;
  arch::Graph graph_;
  at::Tensor input_;
};

TEST_P(ReferenceTest, CountsLogitsAndStatisticsMatch) {
  const std::vector<OpTensors> tensors = SliceWeights(net_->weights, graph_);
  const at::Tensor& before = Array("logits_before_f64/" + id_);
  const at::Tensor& after = Array("logits_after_f64/" + id_);
  const double before_gap = kGapFactor * Number("max_abs_f32_vs_f64");
  const double after_gap = kGapFactor * Number("after_bn_max_abs_f32_vs_f64");

  const Outcome single = Run(tensors, at::kFloat);

  EXPECT_EQ(arch::CountMacs(graph_), (*figure_)["macs_exact"].get<int64_t>());
  EXPECT_EQ(arch::CountParams(graph_), (*figure_)["params"].get<int64_t>());
  EXPECT_LE(Distance(single.before, before), before_gap);
  EXPECT_LE(Distance(single.after, after), after_gap);
  EXPECT_LE(Distance(single.folded, after), after_gap);
  ExpectStatistics(single.statistics, after_gap / Number("after_bn_logit_absmax"));
}

INSTANTIATE_TEST_SUITE_P(Subnets, ReferenceTest, ::testing::ValuesIn(Rows()), RowName);

class DoubleReferenceTest : public ReferenceTest {};

TEST_P(DoubleReferenceTest, LogitsMatch) {
  const double tolerance =
      HasTransformedKernels() ? kDoubleToleranceWithMatrices : kDoubleTolerance;

  const Outcome exact = Run(ToDouble(SliceWeights(net_->weights, graph_)), at::kDouble);

  EXPECT_LE(Distance(exact.before, Array("logits_before_f64/" + id_)), tolerance);
  EXPECT_LE(Distance(exact.after, Array("logits_after_f64/" + id_)), tolerance);
}

INSTANTIATE_TEST_SUITE_P(Subnets, DoubleReferenceTest, ::testing::ValuesIn(DoubleRows()), RowName);

class ReferenceNamesTest : public ::testing::TestWithParam<VectorSet> {};

// Every tensor of the reference's state dict has its counterpart, of the same shape.
TEST_P(ReferenceNamesTest, NamesAreExactlyThoseOfTheStateDict) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, ReadReferenceSpace(GetParam().name));
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto expected, ReadStateShapes(GetParam().name));
  for (auto it = expected.begin(); it != expected.end();) {
    it = absl::EndsWith(it->first, ".num_batches_tracked") ? expected.erase(it) : std::next(it);
  }

  std::map<std::string, std::vector<int64_t>> names;
  for (const OfaName& name : OfaSupernetNames(space, GetParam().repository)) {
    names[name.theirs] = name.shape;
  }

  EXPECT_EQ(names, expected);
}

INSTANTIATE_TEST_SUITE_P(Sets, ReferenceNamesTest, ::testing::ValuesIn(kSets),
                         [](const ::testing::TestParamInfo<VectorSet>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace niwaki::supernet
