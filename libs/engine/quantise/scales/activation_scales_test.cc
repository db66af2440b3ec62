#include "libs/engine/quantise/scales/activation_scales.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;
using arch::OpKind;
using ::testing::ElementsAre;

// Tensors of 1x1x1 with these ranges; tensor 0 is the input.
struct Case {
  arch::Graph graph;
  Statistics statistics;

  explicit Case(const std::vector<Range>& ranges) {
    for (const Range& range : ranges) {
      graph.tensors.push_back({1, 1, 1});
      statistics.histograms.emplace_back(range);
      statistics.histograms.back().Add({range.low, range.high});
    }
    graph.output = static_cast<arch::TensorId>(ranges.size()) - 1;
  }

  void Add(OpKind kind, arch::TensorId input, arch::TensorId output,
           OpActivation activation = OpActivation::kNone) {
    arch::Op op;
    op.kind = kind;
    op.activation = activation;
    op.input = input;
    op.output = output;
    graph.ops.push_back(op);
  }

  std::vector<Quantisation> Scales(RangeMethod method = RangeMethod::kMinMax) {
    QuantiseOptions options;
    options.ranges = method;
    const auto scales = ActivationScales(graph, statistics, options);
    EXPECT_THAT(scales, IsOk());
    return scales.value_or(std::vector<Quantisation>(graph.tensors.size()));
  }
};

TEST(ActivationScalesTest, PoolTakesItsInputsScale) {
  Case pooled({{-1, 1}, {0, 6}, {1, 2}});
  pooled.Add(OpKind::kConv2d, 0, 1, OpActivation::kRelu6);
  pooled.Add(OpKind::kGlobalAvgPool, 1, 2);
  EXPECT_THAT(pooled.Scales(),
              ElementsAre(QuantisationOf({-1, 1}), QuantisationOf({0, 6}), QuantisationOf({0, 6})));
}

TEST(ActivationScalesTest, ConcatenationHoldsAllItsInputs) {
  Case joined({{-1, 1}, {0, 6}, {-2, 3}, {-2, 6}});
  joined.Add(OpKind::kConv2d, 0, 1);
  joined.Add(OpKind::kConv2d, 0, 2);
  joined.Add(OpKind::kConcat, -1, 3);
  joined.graph.ops.back().extra = 0;
  joined.graph.extras.push_back({});
  joined.graph.extras[0].inputs = {1, 2};
  const Quantisation all = QuantisationOf({-2, 6});
  EXPECT_THAT(joined.Scales(), ElementsAre(QuantisationOf({-1, 1}), all, all, all));
  // A gate's scale cannot be another's.
  joined.graph.ops[0].kind = OpKind::kActivation;
  joined.graph.ops[0].activation = OpActivation::kLogistic;
  EXPECT_THAT(ActivationScales(joined.graph, joined.statistics, {}),
              StatusIs(absl::StatusCode::kUnimplemented, "must have the scale of a softmax"));
}

TEST(ActivationScalesTest, GatesAndSoftmaxHaveFixedScales) {
  Case gates({{-1, 1}, {0, 1}, {0.1F, 0.2F}, {0, 1}});
  gates.Add(OpKind::kActivation, 0, 1, OpActivation::kLogistic);
  gates.Add(OpKind::kActivation, 1, 2, OpActivation::kHardSigmoid);
  gates.Add(OpKind::kSoftmax, 2, 3);
  const Quantisation unit = {1.0F / 256, -128};
  EXPECT_THAT(gates.Scales(), ElementsAre(QuantisationOf({-1, 1}), unit, unit, unit));
}

TEST(ActivationScalesTest, NetworksEndsKeepTheirWholeRange) {
  Case ends({{0, 2000}, {0, 2000}, {0, 2000}});
  ends.Add(OpKind::kConv2d, 0, 1);
  ends.Add(OpKind::kConv2d, 1, 2);
  for (Histogram& histogram : ends.statistics.histograms) {
    histogram.Add(std::vector<float>(1000000, 10.0F));
  }
  const std::vector<Quantisation> scales = ends.Scales(RangeMethod::kPercentile);
  EXPECT_EQ(scales[0], QuantisationOf({0, 2000}));
  EXPECT_LT(scales[1].scale, QuantisationOf({0, 20}).scale);
  EXPECT_EQ(scales[2], QuantisationOf({0, 2000}));
}

TEST(UsefulRangesTest, FlatPartsOfActivationsAreLeftOut) {
  Case flat({{-9, 9}, {-9, 9}, {-9, -5}, {0, 1}});
  flat.Add(OpKind::kActivation, 0, 1, OpActivation::kHardSwish);
  flat.Add(OpKind::kActivation, 1, 2, OpActivation::kHardSigmoid);
  flat.Add(OpKind::kActivation, 2, 3, OpActivation::kHardSwish);
  const ChannelRanges ranges = {{{-9, 9}}, {{-9, 9}}, {{-9, -5}}, {{0, 1}}};
  EXPECT_THAT(UsefulRanges(flat.graph, ranges),
              ElementsAre(Range{-3, 9}, Range{-3, 3}, Range{-3, -3}, Range{0, 1}));
  // Another reader needs the rest.
  flat.Add(OpKind::kSoftmax, 0, 1);
  EXPECT_EQ(UsefulRanges(flat.graph, ranges)[0], (Range{-9, 9}));
}

}  // namespace
}  // namespace niwaki::engine
