#include "libs/latency/latency_model.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"

namespace niwaki::latency {
namespace {

LatencyModel SmallModel() {
  LatencyModel model;
  model.target = "cortex-m7";
  model.source = "test";
  for (const std::string& kind : CostKinds()) model.coefficients[kind] = {};
  return model;
}

TEST(LatencyModelTest, WorkOfAConvolutionIsCounted) {
  arch::Graph graph;
  graph.tensors = {{8, 8, 3}, {4, 4, 16}};
  arch::Op op;
  op.SetWindow(/*kernel_size=*/3, /*stride=*/2);
  op.input = 0;
  op.output = 1;
  op.weight = 0;

  const Work work = WorkOf(graph, op);

  EXPECT_EQ(work.macs, 4 * 4 * 16 * 9 * 3);
  EXPECT_EQ(work.input_bytes, 8 * 8 * 3);
  EXPECT_EQ(work.output_bytes, 4 * 4 * 16);
  EXPECT_EQ(work.weight_bytes, 16 * 9 * 3);
}

TEST(LatencyModelTest, CyclesAddUpOverOperators) {
  arch::Graph graph;
  graph.tensors = {{2, 2, 4}, {2, 2, 4}, {2, 2, 4}};
  arch::Op pointwise;
  pointwise.input = 0;
  pointwise.output = 1;
  pointwise.weight = 0;
  arch::Op add;
  add.kind = arch::OpKind::kAdd;
  add.input = 1;
  add.second_input = 0;
  add.output = 2;
  graph.ops = {pointwise, add};
  LatencyModel model = SmallModel();
  model.coefficients["pointwise_conv"] = {2, 0, 0, 3, 100};
  model.coefficients["add"] = {0, 5, 7, 0, 0};
  constexpr double kPixels = 4;
  constexpr double kChannels = 4;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, PredictCycles(model, graph));
  EXPECT_DOUBLE_EQ(cycles, 2 * kPixels * kChannels * kChannels + 3 * kChannels * kChannels + 100 +
                               5 * 2 * kPixels * kChannels + 7 * kPixels * kChannels);
}

TEST(LatencyModelTest, CoefficientsOfAClassGoBeforeThoseOfItsKind) {
  arch::Graph graph;
  graph.tensors = {{8, 8, 4}, {8, 8, 4}, {8, 8, 4}};
  arch::Op depthwise;
  depthwise.kind = arch::OpKind::kDepthwiseConv2d;
  depthwise.SetWindow(/*kernel_size=*/5, /*stride=*/1);
  depthwise.input = 0;
  depthwise.output = 1;
  arch::Op other = depthwise;
  other.SetWindow(/*kernel_size=*/9, /*stride=*/1);
  other.input = 1;
  other.output = 2;
  graph.ops = {depthwise, other};
  LatencyModel model = SmallModel();
  model.coefficients["depthwise_conv"] = {0, 0, 0, 0, 100};
  model.coefficients["depthwise_conv2d_5x5"] = {0, 0, 0, 0, 7};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, PredictCycles(model, graph));

  // Windows of 9 have no class.
  EXPECT_EQ(cycles, 7 + 100);
}

TEST(LatencyModelTest, ClassAloneIsEnough) {
  arch::Graph graph;
  graph.tensors = {{4, 4, 8}, {4, 4, 8}};
  arch::Op softmax;
  softmax.kind = arch::OpKind::kSoftmax;
  softmax.input = 0;
  softmax.output = 1;
  graph.ops = {softmax};
  LatencyModel model;
  model.target = "cortex-m7";
  model.coefficients["softmax"] = {0, 0, 3, 0, 0};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, PredictCycles(model, graph));
  EXPECT_EQ(cycles, 3 * 4 * 4 * 8);
}

TEST(LatencyModelTest, TableBehindAConvolutionCostsAsAnOperatorOfItsOwn) {
  constexpr double kOutputs = 4 * 4 * 8;
  arch::Graph fused;
  fused.tensors = {{4, 4, 2}, {4, 4, 8}, {4, 4, 8}};
  arch::Op pointwise;
  pointwise.input = 0;
  pointwise.output = 1;
  pointwise.weight = 0;
  pointwise.activation = arch::OpActivation::kHardSwish;
  fused.ops = {pointwise};
  arch::Graph split = fused;
  split.ops[0].activation = arch::OpActivation::kNone;
  arch::Op table;
  table.kind = arch::OpKind::kActivation;
  table.activation = arch::OpActivation::kHardSwish;
  table.input = 1;
  table.output = 2;
  split.ops.push_back(table);
  LatencyModel model = SmallModel();
  model.coefficients["conv2d_1x1"] = {2, 0, 0, 0, 0};
  model.coefficients["activation"] = {0, 1, 10, 0, 30};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, PredictCycles(model, fused));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const double of_both, PredictCycles(model, split));

  EXPECT_EQ(cycles, 2 * kOutputs * 2 + 11 * kOutputs + 30);
  EXPECT_EQ(of_both, cycles);
  // Models of older databases know nothing of tables.
  model.coefficients.erase("activation");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const double without, PredictCycles(model, fused));
  EXPECT_EQ(without, 2 * kOutputs * 2);
}

TEST(LatencyModelTest, OneTableServesManyNetworks) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const CycleTable table(DefaultModels()[0]);
  for (const arch::Subnet& subnet : {arch::MinSubnet(space), arch::MaxSubnet(space)}) {
    const arch::Graph graph = arch::BuildGraph(space, subnet);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, table.Cycles(graph));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const double predicted, PredictCycles(DefaultModels()[0], graph));
    EXPECT_EQ(cycles, predicted);
  }
}

TEST(LatencyModelTest, CyclesAndInstructionsBecomeMicroseconds) {
  LatencyModel model = SmallModel();
  model.interval_ratio = 2;
  const cost::Figure cycles = LatencyOfCycles(model, 4800, /*clock_mhz=*/480);
  EXPECT_EQ(cycles, cost::Figure::Of(10, 5, 20, cost::Provenance::kPredicted));
  EXPECT_FALSE(LatencyOfInstructions(model, 4800, 480).known());
  model.cycles_per_instruction = 0.5;
  EXPECT_EQ(LatencyOfInstructions(model, 9600, 480), cycles);
}

TEST(LatencyModelTest, DefaultsCoverCores) {
  std::vector<std::string> targets;
  for (const LatencyModel& model : DefaultModels()) {
    targets.push_back(model.target);
    NIWAKI_EXPECT_OK(Validate(model));
    // Their counts are of emulated boards.
    EXPECT_THAT(model.source, ::testing::HasSubstr("EMULATED"));
    EXPECT_GT(model.cycles_per_instruction, 0.5);
    EXPECT_LT(model.cycles_per_instruction, 2);
    for (const std::string& kind : CostKinds())
      EXPECT_EQ(model.coefficients.count(kind), 1) << kind;
  }

  EXPECT_THAT(targets, ::testing::ElementsAre("cortex-m3", "cortex-m33", "cortex-m4", "cortex-m7",
                                              "stm32h743"));
}

TEST(LatencyModelTest, LargerSubnetTakesLonger) {
  const LatencyModel& model = DefaultModels()[0];
  for (const char* name : {"kws", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));

    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const double most, PredictCycles(model, arch::BuildGraph(space, arch::MaxSubnet(space))));
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const double least, PredictCycles(model, arch::BuildGraph(space, arch::MinSubnet(space))));
    EXPECT_GT(most, least);
  }
}

TEST(LatencyModelTest, WindowPoolsCostAsTheGlobalOne) {
  arch::Op pool;
  for (const arch::OpKind kind :
       {arch::OpKind::kMaxPool, arch::OpKind::kAvgPool, arch::OpKind::kGlobalAvgPool}) {
    pool.kind = kind;
    EXPECT_EQ(CostKindOf(pool), "global_avg_pool");
  }
}

TEST(LatencyModelTest, EveryKindOfOperatorHasACost) {
  for (const arch::OpFacts& facts : arch::kOpFacts) {
    arch::Graph graph;
    graph.tensors = {{4, 4, 8}, {4, 4, 8}};
    arch::Op op;
    op.kind = facts.kind;
    op.input = 0;
    op.output = 1;
    graph.ops = {op};
    LatencyModel model = SmallModel();
    model.coefficients[std::string(CostKindOf(op))].cycles_per_call = 7;
    NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, PredictCycles(model, graph));
    EXPECT_EQ(cycles, 7) << facts.name;
  }
}

TEST(LatencyModelTest, MissingKindIsNamedWithItsOperator) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  LatencyModel model = DefaultModels()[0];
  model.coefficients.erase("global_avg_pool");
  NIWAKI_EXPECT_OK(Validate(model));

  const absl::Status status = PredictCycles(model, graph).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kLatencyUnknown));
  EXPECT_EQ(GetErrorDetail(status)->value, "global_avg_pool");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "no coefficients for global_avg_pool (head.pool)"));
}

TEST(LatencyModelTest, KindsOfAnotherBuildAreKept) {
  LatencyModel model = SmallModel();
  model.coefficients["group_conv"] = {1, 2, 3, 4, 5};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto models, ModelsFromJson(ModelsToJson({model})));

  EXPECT_EQ(models[0].coefficients.at("group_conv").cycles_per_call, 5);
}

TEST(LatencyModelTest, JsonComesBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto models, ModelsFromJson(ModelsToJson(DefaultModels())));

  EXPECT_EQ(ModelsToJson(models), ModelsToJson(DefaultModels()));
  EXPECT_EQ(models[0].cycles_per_instruction, DefaultModels()[0].cycles_per_instruction);
  // Files of before it was written.
  LatencyModel old = SmallModel();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto read, ModelsFromJson(ModelsToJson({old})));
  EXPECT_EQ(read[0].cycles_per_instruction, 0);
}

TEST(LatencyModelTest, MalformedJsonIsRefused) {
  for (const char* text : {"", "{}", "[1]", "[{}]", "[{\"target\": \"a\"}]",
                           "[{\"target\": \"a\", \"source\": \"b\", \"interval_ratio\": 1,"
                           " \"coefficients\": {}}]"}) {
    EXPECT_THAT(ModelsFromJson(text), StatusIs(absl::StatusCode::kInvalidArgument, "")) << text;
  }
}

TEST(LatencyModelTest, AbsurdModelsNameTheField) {
  LatencyModel negative = SmallModel();
  negative.coefficients["pointwise_conv"].cycles_per_mac = -1;
  LatencyModel infinite = SmallModel();
  infinite.coefficients["depthwise_conv"].cycles_per_call = std::numeric_limits<double>::infinity();
  LatencyModel nan = SmallModel();
  nan.interval_ratio = std::numeric_limits<double>::quiet_NaN();
  LatencyModel nameless = SmallModel();
  nameless.target = "";
  LatencyModel timeless = SmallModel();
  timeless.cycles_per_instruction = -1;
  LatencyModel misspelt = SmallModel();
  misspelt.coefficients["Conv 2d"] = {};
  LatencyModel empty = SmallModel();
  empty.coefficients.clear();
  const std::pair<LatencyModel, const char*> cases[] = {
      {negative, "pointwise_conv.cycles_per_mac"},
      {infinite, "depthwise_conv.cycles_per_call"},
      {nan, "interval_ratio"},
      {timeless, "cycles_per_instruction"},
      {nameless, "target"},
      {misspelt, "coefficients"},
      {empty, "coefficients"},
  };

  for (const auto& [model, field] : cases) {
    const absl::Status status = Validate(model);
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(GetErrorDetail(status)->field, field);
  }
}

}  // namespace
}  // namespace niwaki::latency
