#include "services/boards/operators_run.h"

#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/config/board_config.h"
#include "libs/board/protocol/message.h"
#include "libs/board/session/scripted_device_for_test.h"
#include "libs/engine/emit/operators_c.h"
#include "libs/engine/plan/layouts.h"
#include "libs/latency/op_form.h"
#include "libs/latency/signature.h"
#include "services/boards/lone_operator.h"

namespace niwaki::boards {
namespace {

using ::testing::HasSubstr;

BoardSetup SetupOf(const std::string& emulator) {
  const auto config = board::ParseBoardConfig(
      absl::StrCat("name: lab\nport: {emulator: ", emulator, "}\ntimeouts: {identify: 60s}\n"),
      "test");
  EXPECT_TRUE(config.ok()) << config.status();
  BoardSetup setup;
  setup.config = *config;
  setup.compiler_digest = Sha256Hex("compiler");
  return setup;
}

void Add(v1::OperatorsMeasurement& wanted, const std::string& signature, const std::string& form) {
  v1::OperatorToMeasure& op = *wanted.add_operators();
  op.set_signature(signature);
  op.set_form(form);
}

TEST(OperatorsRunTest, OperatorsOfANetworkAreCountedAndTheSameInEveryRun) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("cifar32"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  engine::WholeLayouts layouts;
  v1::OperatorsMeasurement wanted;
  std::set<std::string> seen;
  for (const arch::Op& op : graph.ops) {
    const std::string signature = latency::OpSignature::Of(graph, op).ToText();
    const std::string form(latency::OpFormText(latency::FormOf(op, layouts.Of(graph))));
    if (seen.insert(signature + form).second) Add(wanted, signature, form);
  }
  wanted.set_samples(3);
  const BoardSetup setup = SetupOf("m7");

  const RunOutcome first = RunOperators(setup, wanted);
  const RunOutcome second = RunOperators(setup, wanted);

  ASSERT_EQ(first.failed_phase, "") << first.status;
  ASSERT_EQ(second.failed_phase, "") << second.status;
  ASSERT_EQ(first.result.measured_size(), wanted.operators_size());
  for (int i = 0; i < wanted.operators_size(); ++i) {
    const v1::MeasuredOperator& one = first.result.measured(i);
    EXPECT_EQ(one.problem(), "");
    EXPECT_EQ(one.samples(), 3);
    EXPECT_GT(one.count(), 0) << one.DebugString();
    EXPECT_LT(one.spread(), 0.2 * one.count()) << one.DebugString();
    EXPECT_EQ(one.count(), second.result.measured(i).count());
  }
  EXPECT_EQ(first.result.outputs_digest(), second.result.outputs_digest());
  EXPECT_EQ(first.result.unit(), "instructions");
  for (const v1::MeasurementPhase& phase : first.result.phases()) {
    std::cout << phase.name() << " " << phase.seconds() << " s\n";
  }
}

// On the paths that kernels take in trained networks: an output that is clamped at its zero point
// is rounded in fewer instructions, and two operands of different scales are added in 17 an
// element.
TEST(OperatorsRunTest, CountsAreThoseOfTheUsualPathsOfKernels) {
  v1::OperatorsMeasurement wanted;
  for (const char* activation : {"none", "relu", "relu6"}) {
    Add(wanted, absl::StrCat("conv2d 8x8x16 8x8x32 k1 s1 ", activation, " int8"), "whole");
    Add(wanted, absl::StrCat("depthwise_conv2d 8x8x16 8x8x16 k3 s1 ", activation, " int8"),
        "whole planar");
  }
  Add(wanted, "add 8x8x32 8x8x32 k1 s1 none int8", "whole");

  const RunOutcome outcome = RunOperators(SetupOf("m7"), wanted);

  ASSERT_EQ(outcome.failed_phase, "") << outcome.status;
  const auto count = [&outcome](int index) { return outcome.result.measured(index).count(); };
  for (int clamped = 1; clamped < 3; ++clamped) {
    EXPECT_GT(count(2 * clamped), 0);
    EXPECT_LT(count(2 * clamped), count(0));
    EXPECT_GT(count(2 * clamped + 1), 0);
    EXPECT_LT(count(2 * clamped + 1), count(1));
  }
  EXPECT_GT(count(6), 0);
  EXPECT_LT(count(6), 20 * 8 * 8 * 32);
}

TEST(OperatorsRunTest, WhatCannotRunIsSaidAndNothingElseFails) {
  v1::OperatorsMeasurement wanted;
  Add(wanted, "concat 4x4x8 4x4x16 k1 s1 none int8", "whole");
  Add(wanted, "add 4x4x8 4x4x8 k1 s1 none int8", "whole");
  Add(wanted, "add 4x4x8 4x4x8 k1 s1 none int8", "rows 1");
  Add(wanted, "conv2d 512x512x16 512x512x16 k1 s1 none int8", "whole");

  const RunOutcome outcome = RunOperators(SetupOf("m4"), wanted);

  ASSERT_EQ(outcome.failed_phase, "") << outcome.status;
  EXPECT_THAT(outcome.result.measured(0).problem(), HasSubstr("no kernel"));
  EXPECT_EQ(outcome.result.measured(1).samples(), 2);
  EXPECT_THAT(outcome.result.measured(2).problem(), HasSubstr("rows 1"));
  EXPECT_THAT(outcome.result.measured(3).problem(), HasSubstr("bytes of RAM"));
  v1::OperatorsMeasurement none;
  *none.add_operators() = wanted.operators(0);
  const RunOutcome nothing = RunOperators(SetupOf("m4"), none);
  EXPECT_EQ(nothing.failed_phase, "emit");
  EXPECT_EQ(FailureOf("emit", nothing.status).failure_class(), "candidate");
}

TEST(OperatorsRunTest, BoardThatComputesSomethingElseGivesNoFigures) {
  v1::OperatorsMeasurement wanted;
  Add(wanted, "add 4x4x8 4x4x8 k1 s1 none int8", "whole");
  const auto setup = [](const std::string& path) {
    const auto config =
        board::ParseBoardConfig(absl::StrCat("name: bench\ntarget: stm32f4\nport: {serial: ", path,
                                             "}\ntimeouts: {identify: 500ms, run: 500ms}\n"),
                                "test");
    EXPECT_TRUE(config.ok()) << config.status();
    BoardSetup made;
    made.config = *config;
    return made;
  };
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto signature,
                              latency::OpSignature::FromText(wanted.operators(0).signature()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto lone,
                              MakeLoneOperator({signature, latency::OpForm::kWhole}, Mix64(0)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto emitted,
                              engine::EmitOperators({lone}, EmitOptionsOfBoards()));
  // It says that it is what was built, and answers as it likes.
  board::BoardIdentity identity = board::ScriptedIdentity();
  NIWAKI_ASSERT_OK_AND_ASSIGN(identity.firmware_digest, FirmwareDigestOf(setup("/dev/null")));
  identity.network_digest = emitted.digest;
  identity.input_bytes = engine::kSeedBytes;
  identity.output_bytes = engine::kCheckBytes;
  identity.operators = 1;
  const board::ScriptedDevice liar({}, identity);

  const RunOutcome outcome = RunOperators(setup(liar.path()), wanted);

  EXPECT_NE(outcome.failed_phase, "");
  EXPECT_EQ(liar.runs() > 0, true) << outcome.status;
  EXPECT_EQ(FailureOf(outcome.failed_phase, outcome.status).failure_class(), "board")
      << outcome.failed_phase << " " << outcome.status;
  EXPECT_EQ(outcome.result.measured_size(), 0);
}

}  // namespace
}  // namespace niwaki::boards
