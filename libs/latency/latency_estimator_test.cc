#include "libs/latency/latency_estimator.h"

#include <cmath>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/device/catalogue.h"
#include "libs/engine/emit/engine_version.h"
#include "libs/engine/plan/layouts.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/op_form.h"
#include "libs/latency/row_build.h"

namespace niwaki::latency {
namespace {

constexpr double kOpMicros = 10;
constexpr double kOpSpread = 0.5;

class LatencyEstimatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK_AND_ASSIGN(device_, device::FindDevice("stm32f746"));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
    graph_ = arch::BuildGraph(space, arch::MinSubnet(space));
  }

  std::string FormOfOp(const arch::Op& op) {
    engine::WholeLayouts layouts;
    return std::string(OpFormText(FormOf(op, layouts.Of(graph_))));
  }

  // The same of rows that name a build.
  void AddBuilt(double latency_us, size_t first = 0) {
    for (size_t i = first; i < graph_.ops.size(); ++i) {
      LookupEntry entry;
      entry.device = device_.name;
      entry.signature = OpSignature::Of(graph_, graph_.ops[i]).ToText();
      entry.form = FormOfOp(graph_.ops[i]);
      entry.build = {"ram/flash", "niwaki", std::string(64, 'f'), std::string(64, 'c'),
                     engine::EngineVersion()};
      entry.latency_us = latency_us;
      entry.provenance = cost::Provenance::kEmulated;
      editor_.Put(entry);
    }
  }

  // Default models, and the graph's operators from `first` on at `latency_us` each.
  void Add(cost::Provenance provenance, double latency_us, size_t first = 0) {
    for (size_t i = first; i < graph_.ops.size(); ++i) {
      LookupEntry entry;
      entry.device = device_.name;
      entry.signature = OpSignature::Of(graph_, graph_.ops[i]).ToText();
      entry.latency_us = latency_us;
      entry.spread_us = kOpSpread;
      entry.provenance = provenance;
      editor_.Put(entry);
    }
  }

  cost::Figure Estimate() {
    for (const LatencyModel& model : DefaultModels()) editor_.PutModel(model);
    return LatencyEstimator(device_, editor_.Finish(1)).LatencyUs(graph_);
  }

  device::Device device_;
  arch::Graph graph_;
  SnapshotEditor editor_{LatencySnapshot()};
};

TEST_F(LatencyEstimatorTest, EmptyTableIsPredictedWithAnInterval) {
  const cost::Figure figure = Estimate();

  EXPECT_EQ(figure.provenance(), cost::Provenance::kPredicted);
  EXPECT_GT(figure.low(), 0);
  EXPECT_LT(figure.low(), figure.value());
  EXPECT_GT(figure.high(), figure.value());
}

TEST_F(LatencyEstimatorTest, CompleteTableIsSummedUp) {
  Add(cost::Provenance::kMeasured, kOpMicros);
  const double ops = static_cast<double>(graph_.ops.size());

  const cost::Figure figure = Estimate();

  EXPECT_EQ(figure.provenance(), cost::Provenance::kMeasured);
  EXPECT_DOUBLE_EQ(figure.value(), ops * kOpMicros);
  EXPECT_NEAR(figure.high() - figure.value(), 1.645 * kOpSpread * std::sqrt(ops), 1e-9);
}

TEST_F(LatencyEstimatorTest, ModelWithoutAKindOfTheNetworkSaysSo) {
  LatencyModel model = DefaultModels()[0];
  model.target = device_.name;
  // The kind, and the classes of its operators.
  for (auto it = model.coefficients.begin(); it != model.coefficients.end();) {
    const bool depthwise = absl::StartsWith(it->first, "depthwise_conv");
    it = depthwise ? model.coefficients.erase(it) : std::next(it);
  }
  editor_.PutModel(model);
  const LatencyEstimator estimator(device_, editor_.Finish(1));

  EXPECT_FALSE(estimator.LatencyUs(graph_).known());
  EXPECT_THAT(estimator.WhyUnknown(graph_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kLatencyUnknown));
  EXPECT_THAT(estimator.WhyUnknown(graph_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "and the latency table has no entries of the device"));
}

TEST_F(LatencyEstimatorTest, WhatTheTableLacksIsSaid) {
  device_.core = "cortex-a76";
  Add(cost::Provenance::kMeasured, kOpMicros);
  const auto full = editor_.Finish(1);
  NIWAKI_EXPECT_OK(LatencyEstimator(device_, full).WhyUnknown(graph_));
  SnapshotEditor editor(*full);
  editor.Erase({device_.name, OpSignature::Of(graph_, graph_.ops[0]).ToText(),
                cost::Provenance::kMeasured, "", RowBuild()});

  const LatencyEstimator estimator(device_, editor.Finish(2));

  EXPECT_THAT(estimator.WhyUnknown(graph_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "or its core 'cortex-a76', and the latency table lacks a part of the "
                       "network"));
}

TEST_F(LatencyEstimatorTest, OneMissingOperatorMeansAPrediction) {
  const cost::Figure predicted = Estimate();
  Add(cost::Provenance::kMeasured, kOpMicros);
  editor_.Erase({device_.name, OpSignature::Of(graph_, graph_.ops[0]).ToText(),
                 cost::Provenance::kMeasured, "", RowBuild()});

  const cost::Figure figure = Estimate();

  EXPECT_EQ(figure.provenance(), cost::Provenance::kPredicted);
  EXPECT_DOUBLE_EQ(figure.value(), predicted.value());
}

TEST_F(LatencyEstimatorTest, OperatorsWithoutARowAreCounted) {
  const auto coverage = [this] {
    return LatencyEstimator(device_, editor_.Finish(1)).Coverage(graph_);
  };
  EXPECT_FALSE(LatencyEstimator(device_, DefaultSnapshot()).Coverage(graph_).has_value());
  Add(cost::Provenance::kMeasured, kOpMicros, /*first=*/graph_.ops.size() - 1);
  const auto last = coverage();
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->operators, static_cast<int>(graph_.ops.size()));
  EXPECT_EQ(last->missing, last->operators - 1);
}

TEST_F(LatencyEstimatorTest, RowsThatComeNearestAreTheOnesCounted) {
  Add(cost::Provenance::kMeasured, kOpMicros, /*first=*/graph_.ops.size() - 1);
  AddBuilt(kOpMicros, /*first=*/1);

  const auto coverage = LatencyEstimator(device_, editor_.Finish(1)).Coverage(graph_);

  // The first operator is the only stem.
  EXPECT_EQ(coverage->missing, 1);
}

TEST_F(LatencyEstimatorTest, ProvenancesAreNeverMixed) {
  Add(cost::Provenance::kMeasured, kOpMicros, /*first=*/1);
  Add(cost::Provenance::kEmulated, 2 * kOpMicros);

  const cost::Figure figure = Estimate();

  EXPECT_EQ(figure.provenance(), cost::Provenance::kEmulated);
  EXPECT_DOUBLE_EQ(figure.value(), 2 * kOpMicros * graph_.ops.size());
}

TEST_F(LatencyEstimatorTest, MeasuredComesFirst) {
  Add(cost::Provenance::kEmulated, 2 * kOpMicros);
  Add(cost::Provenance::kMeasured, kOpMicros);

  EXPECT_EQ(Estimate().provenance(), cost::Provenance::kMeasured);
}

TEST_F(LatencyEstimatorTest, FasterClockPredictsLess) {
  const double slow = Estimate().value();
  device_.clock_hz *= 2;

  EXPECT_DOUBLE_EQ(Estimate().value(), slow / 2);
}

TEST_F(LatencyEstimatorTest, WithoutModelAndEntriesNothingIsKnown) {
  const LatencyEstimator estimator(device_, std::make_shared<const LatencySnapshot>());

  EXPECT_FALSE(estimator.LatencyUs(graph_).known());
  EXPECT_FALSE(estimator.PredictUs(graph_).known());
}

TEST_F(LatencyEstimatorTest, BlocksThatCoverTheNetworkComeBeforeOperators) {
  Add(cost::Provenance::kMeasured, kOpMicros);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto blocks, BlocksOf(graph_));
  for (const BlockOfGraph& block : blocks) {
    LookupEntry entry;
    entry.device = device_.name;
    entry.signature = block.signature.ToText();
    entry.latency_us = 100;
    entry.spread_us = 1;
    editor_.Put(entry);
  }

  const cost::Figure figure = Estimate();

  EXPECT_EQ(figure.provenance(), cost::Provenance::kMeasured);
  EXPECT_DOUBLE_EQ(figure.value(), 100.0 * blocks.size());
  EXPECT_NEAR(figure.high() - figure.value(), 1.645 * std::sqrt(blocks.size()), 1e-9);
}

TEST_F(LatencyEstimatorTest, BlocksWithAGapAreNotUsed) {
  Add(cost::Provenance::kMeasured, kOpMicros);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto blocks, BlocksOf(graph_));
  for (size_t i = 1; i < blocks.size(); ++i) {
    LookupEntry entry;
    entry.device = device_.name;
    entry.signature = blocks[i].signature.ToText();
    entry.latency_us = 100;
    editor_.Put(entry);
  }

  EXPECT_DOUBLE_EQ(Estimate().value(), kOpMicros * graph_.ops.size());
}

TEST_F(LatencyEstimatorTest, WithoutAModelAGapIsUnknown) {
  device_.name = "phone";
  device_.core = "cortex-a76";
  Add(cost::Provenance::kMeasured, kOpMicros, /*first=*/1);

  const cost::Figure figure = Estimate();

  EXPECT_FALSE(figure.known());
}

TEST_F(LatencyEstimatorTest, OperatorsOfABuildAreSummedUpAsTheyAreEmitted) {
  AddBuilt(kOpMicros);

  const cost::Figure figure = Estimate();

  EXPECT_EQ(figure.provenance(), cost::Provenance::kEmulated);
  EXPECT_DOUBLE_EQ(figure.value(), kOpMicros * graph_.ops.size());
}

TEST_F(LatencyEstimatorTest, GapOfABuildIsNotFilledWithRowsThatNameNone) {
  AddBuilt(kOpMicros, /*first=*/1);
  Add(cost::Provenance::kEmulated, 2 * kOpMicros);

  EXPECT_DOUBLE_EQ(Estimate().value(), 2 * kOpMicros * graph_.ops.size());

  Add(cost::Provenance::kEmulated, 2 * kOpMicros);
  AddBuilt(kOpMicros);
  EXPECT_DOUBLE_EQ(Estimate().value(), kOpMicros * graph_.ops.size());
}

}  // namespace
}  // namespace niwaki::latency
