#include "libs/interchange/tflite/model_builder.h"

#include <cstdint>
#include <string>

#include "flatbuffers/flatbuffers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/model_generated.h"
#include "libs/interchange/tflite/operator_names.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;

TEST(ModelBuilderTest, BiasesAreInUnitsOfInputTimesWeight) {
  ModelBuilder builder("description", "name");
  const engine::QuantisedWeight weight = {{1, 2}, {0.5F, 4}, {10, -20}};
  const int weights = builder.AddWeights({2, 1, 1, 1}, weight, 0, "w");
  const int biases = builder.AddBiases(weight, 0.25F, "b");
  EXPECT_EQ(weights, 0);
  EXPECT_EQ(biases, 1);
  const auto& tensors = builder.subgraph().tensors;
  EXPECT_THAT(tensors[0]->quantization->scale, ElementsAre(0.5F, 4));
  EXPECT_THAT(tensors[1]->quantization->scale, ElementsAre(0.125F, 1));
  EXPECT_THAT(tensors[1]->shape, ElementsAre(2));
  // Two int8 and two int32.
  EXPECT_EQ(builder.data_bytes(), 10);
}

TEST(ModelBuilderTest, CodesAreSharedByKindAndVersion) {
  ModelBuilder builder("", "");
  const int a = builder.AddInt8({1, 1}, {1, 0}, "a");
  const int b = builder.AddInt8({1, 1}, {1, 0}, "b");
  builder.AddOperator(TfliteOperator::kRelu, 2, {a}, b, {});
  builder.AddOperator(TfliteOperator::kRelu, 2, {a}, b, {});
  builder.AddOperator(TfliteOperator::kRelu, 1, {a}, b, {});
  EXPECT_EQ(builder.operator_count(), 3);
  std::string file = builder.Pack();
  const auto& model = *schema::GetModel(file.data());
  ASSERT_EQ(model.operator_codes()->size(), 2);
  EXPECT_EQ(model.operator_codes()->Get(1)->version(), 1);
  EXPECT_EQ(model.subgraphs()->Get(0)->operators()->Get(1)->opcode_index(), 0);
  EXPECT_EQ(model.subgraphs()->Get(0)->operators()->Get(2)->opcode_index(), 1);
}

TEST(ModelBuilderTest, EqualCallsGiveEqualBytes) {
  const auto file = [] {
    ModelBuilder builder("description", "name");
    builder.AddConstant({1, 2}, {0.5F, 1}, {3, 4}, "c");
    builder.AddIntegers({1}, {7}, "i");
    builder.AddFloat({1, 2}, "f");
    return builder.Pack();
  };
  EXPECT_TRUE(file() == file());
}

}  // namespace
}  // namespace niwaki::interchange
