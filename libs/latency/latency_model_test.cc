#include "libs/latency/latency_model.h"

#include <limits>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

LatencyModel SmallModel() {
  LatencyModel model;
  model.target = "cortex-m7";
  model.source = "test";
  return model;
}

TEST(LatencyModelTest, WorkOfAConvolutionIsCounted) {
  arch::Graph graph;
  graph.tensors = {{8, 8, 3}, {4, 4, 16}};
  arch::Op op;
  op.kernel_size = 3;
  op.stride = 2;
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
  model.coefficients[static_cast<int>(CostKind::kPointwiseConv)] = {2, 0, 0, 3, 100};
  model.coefficients[static_cast<int>(CostKind::kAdd)] = {0, 5, 7, 0, 0};
  constexpr double kPixels = 4;
  constexpr double kChannels = 4;

  EXPECT_DOUBLE_EQ(PredictCycles(model, graph),
                   2 * kPixels * kChannels * kChannels + 3 * kChannels * kChannels + 100 +
                       5 * 2 * kPixels * kChannels + 7 * kPixels * kChannels);
}

TEST(LatencyModelTest, DefaultsCoverBothCores) {
  std::vector<std::string> targets;
  for (const LatencyModel& model : DefaultModels()) {
    targets.push_back(model.target);
    NIWAKI_EXPECT_OK(Validate(model));
  }

  EXPECT_THAT(targets, ::testing::ElementsAre("cortex-m4", "cortex-m7", "stm32h743"));
}

TEST(LatencyModelTest, LargerSubnetTakesLonger) {
  const LatencyModel& model = DefaultModels()[0];
  for (const char* name : {"kws", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));

    EXPECT_GT(PredictCycles(model, arch::BuildGraph(space, arch::MaxSubnet(space))),
              PredictCycles(model, arch::BuildGraph(space, arch::MinSubnet(space))));
  }
}

TEST(LatencyModelTest, WindowPoolsCostAsTheGlobalOne) {
  arch::Op pool;
  for (const arch::OpKind kind :
       {arch::OpKind::kMaxPool, arch::OpKind::kAvgPool, arch::OpKind::kGlobalAvgPool}) {
    pool.kind = kind;
    EXPECT_EQ(CostKindOf(pool), CostKind::kGlobalAvgPool);
  }
}

TEST(LatencyModelTest, JsonComesBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto models, ModelsFromJson(ModelsToJson(DefaultModels())));

  EXPECT_EQ(ModelsToJson(models), ModelsToJson(DefaultModels()));
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
  negative.coefficients[0].cycles_per_mac = -1;
  LatencyModel infinite = SmallModel();
  infinite.coefficients[2].cycles_per_call = std::numeric_limits<double>::infinity();
  LatencyModel nan = SmallModel();
  nan.interval_ratio = std::numeric_limits<double>::quiet_NaN();
  LatencyModel nameless = SmallModel();
  nameless.target = "";
  const std::pair<LatencyModel, const char*> cases[] = {
      {negative, "pointwise_conv.cycles_per_mac"},
      {infinite, "depthwise_conv.cycles_per_call"},
      {nan, "interval_ratio"},
      {nameless, "target"},
  };

  for (const auto& [model, field] : cases) {
    const absl::Status status = Validate(model);
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(GetErrorDetail(status)->field, field);
  }
}

}  // namespace
}  // namespace niwaki::latency
