#include "libs/interchange/tflite/write_model.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "flatbuffers/flatbuffers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/small_networks.h"
#include "libs/interchange/tflite/model_generated.h"
#include "libs/interchange/tflite/read_model.h"

namespace niwaki::interchange {
namespace {

namespace schema = niwaki::tflite::schema;

using arch::OpActivation;
using arch::OpKind;
using engine::QuantisedNetwork;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int8_t> Outputs(const QuantisedNetwork& network, uint64_t seed) {
  auto runner = engine::HostRunner::Create(&network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  Random random(seed);
  const auto output =
      runner->Run(RandomLevels(random, network.graph.shape(runner->input()).elements()));
  EXPECT_TRUE(output.ok()) << output.status();
  return output.ok() ? std::vector<int8_t>(output->begin(), output->end()) : std::vector<int8_t>();
}

// What is written, read back.
QuantisedNetwork Reread(const QuantisedNetwork& network) {
  const auto file = WriteModel(network);
  EXPECT_TRUE(file.ok()) << file.status();
  if (!file.ok()) return {};
  auto read = ReadTflite(*file);
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? *std::move(read) : QuantisedNetwork();
}

std::string Refusal(const QuantisedNetwork& network) {
  return std::string(WriteModel(network).status().message());
}

TEST(WriteModelTest, EveryKindComesBackWithItsOutputs) {
  std::set<OpKind> seen;
  for (const auto& [name, network] : SmallNetworks()) {
    SCOPED_TRACE(name);
    for (const arch::Op& op : network.graph.ops) seen.insert(op.kind);
    const QuantisedNetwork read = Reread(network);
    if (read.graph.ops.empty()) continue;
    const QuantisedNetwork fused = engine::FusePads(read);
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      const std::vector<int8_t> expected = Outputs(network, seed);
      EXPECT_EQ(Outputs(read, seed), expected) << "seed " << seed;
      EXPECT_EQ(Outputs(fused, seed), expected) << "seed " << seed;
    }
  }
  EXPECT_EQ(seen.size(), arch::kNumOpKinds);
}

TEST(WriteModelTest, WhatIsReadIsWrittenAgainByteForByte) {
  for (const auto& [name, network] : SmallNetworks()) {
    SCOPED_TRACE(name);
    const auto once = WriteModel(network);
    NIWAKI_ASSERT_OK(once);
    const auto read = ReadTflite(*once);
    NIWAKI_ASSERT_OK(read);
    const auto twice = WriteModel(*read);
    NIWAKI_ASSERT_OK(twice);
    EXPECT_TRUE(*once == *twice);
  }
}

TEST(WriteModelTest, NetworksOfAQuantiserComeBackOperatorByOperator) {
  const QuantisedNetwork network = SqueezeExciteNetwork();
  const QuantisedNetwork read = engine::FusePads(Reread(network));
  ASSERT_EQ(read.graph.ops.size(), network.graph.ops.size());
  for (size_t i = 0; i < read.graph.ops.size(); ++i) {
    const arch::Op& op = read.graph.ops[i];
    const arch::Op& expected = network.graph.ops[i];
    EXPECT_EQ(op.kind, expected.kind) << i;
    EXPECT_EQ(op.activation, expected.activation) << i;
    EXPECT_EQ(op.kernel_h, expected.kernel_h) << i;
    EXPECT_EQ(op.padding, expected.padding) << i;
    EXPECT_EQ(read.tensors[op.output], network.tensors[expected.output]) << i;
  }
  ASSERT_EQ(read.weights.size(), network.weights.size());
  for (size_t i = 0; i < read.weights.size(); ++i) {
    EXPECT_EQ(read.weights[i].values, network.weights[i].values) << i;
    EXPECT_EQ(read.weights[i].scales, network.weights[i].scales) << i;
    EXPECT_EQ(read.weights[i].biases, network.weights[i].biases) << i;
  }
}

class WrittenFile {
 public:
  explicit WrittenFile(const QuantisedNetwork& network, const WriteOptions& options = {})
      : bytes_(WriteModel(network, options).value_or("")) {
    // Vectors of 16 bytes are aligned to where the file starts.
    aligned_.resize(bytes_.size() / 16 + 1);
    std::copy(bytes_.begin(), bytes_.end(), reinterpret_cast<char*>(aligned_.data()));
  }
  const uint8_t* start() const { return reinterpret_cast<const uint8_t*>(aligned_.data()); }
  size_t size() const { return bytes_.size(); }
  const schema::Model& model() const { return *schema::GetModel(start()); }
  const schema::SubGraph& subgraph() const { return *model().subgraphs()->Get(0); }
  const schema::Tensor& tensor(int index) const { return *subgraph().tensors()->Get(index); }

 private:
  struct alignas(16) Block {
    char bytes[16];
  };
  std::string bytes_;
  std::vector<Block> aligned_;
};

TEST(WriteModelTest, FileHoldsWhatTensorFlowExpects) {
  const WrittenFile file(SqueezeExciteNetwork());
  flatbuffers::Verifier verifier(file.start(), file.size());
  ASSERT_TRUE(schema::VerifyModelBuffer(verifier));
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(file.start()) + 4, 4), "TFL3");
  const schema::Model& model = file.model();
  EXPECT_EQ(model.version(), 3);
  EXPECT_EQ(model.description()->str(), "niwaki");
  const auto* empty = model.buffers()->Get(0)->data();
  EXPECT_TRUE(empty == nullptr || empty->size() == 0);
  for (uint32_t i = 1; i < model.buffers()->size(); ++i) {
    const auto* data = model.buffers()->Get(i)->data();
    ASSERT_GT(data->size(), 0) << i;
    EXPECT_EQ((data->data() - file.start()) % 16, 0) << i;
  }
  for (const schema::OperatorCode* code : *model.operator_codes()) {
    EXPECT_EQ(code->deprecated_builtin_code(), code->builtin_code());
    // HARD_SWISH has had int8 from the start; the others here since a later version.
    EXPECT_EQ(code->version() == 1, code->builtin_code() == 117) << code->builtin_code();
  }
  const schema::SubGraph& subgraph = file.subgraph();
  EXPECT_THAT(*subgraph.inputs(), ElementsAre(0));
  const schema::Tensor& input = file.tensor(0);
  EXPECT_THAT(*input.shape(), ElementsAre(1, 8, 8, 3));
  EXPECT_EQ(input.name()->str(), "input");
  const schema::Tensor& output = file.tensor(subgraph.outputs()->Get(0));
  EXPECT_THAT(*output.shape(), ElementsAre(1, 5));
  EXPECT_EQ(output.name()->str(), "output");
  EXPECT_THAT(*output.quantization()->scale(), ElementsAre(1.0F / 256));
  EXPECT_THAT(*output.quantization()->zero_point(), ElementsAre(-128));
}

TEST(WriteModelTest, WeightsAndBiasesHaveTheirScales) {
  QuantisedNetwork network =
      WindowNetwork(OpKind::kDepthwiseConv2d, {4, 4, 2}, {4, 4, 2}, 3, 1, {1, 1, 1, 1});
  network.weights[0].scales = {0.5F, 0.25F};
  const WrittenFile file(network);
  const auto* inputs = file.subgraph().operators()->Get(0)->inputs();
  const schema::Tensor& weights = file.tensor(inputs->Get(1));
  EXPECT_THAT(*weights.shape(), ElementsAre(1, 3, 3, 2));
  EXPECT_THAT(*weights.quantization()->scale(), ElementsAre(0.5F, 0.25F));
  EXPECT_THAT(*weights.quantization()->zero_point(), ElementsAre(0, 0));
  EXPECT_EQ(weights.quantization()->quantized_dimension(), 3);
  const schema::Tensor& biases = file.tensor(inputs->Get(2));
  EXPECT_EQ(biases.type(), schema::TensorType_INT32);
  EXPECT_THAT(*biases.quantization()->scale(), ElementsAre(0.5F / 32, 0.25F / 32));
}

TEST(WriteModelTest, PaddingIsSameWhereTensorFlowPadsSo) {
  const WrittenFile same(WindowNetwork(OpKind::kConv2d, {8, 8, 1}, {4, 4, 1}, 3, 2, {0, 1, 0, 1}));
  ASSERT_EQ(same.subgraph().operators()->size(), 1);
  EXPECT_EQ(same.subgraph().operators()->Get(0)->builtin_options_as_Conv2DOptions()->padding(),
            schema::Padding_SAME);
  const WrittenFile halves(
      WindowNetwork(OpKind::kConv2d, {8, 8, 1}, {4, 4, 1}, 3, 2, {1, 1, 1, 1}));
  const auto* operators = halves.subgraph().operators();
  ASSERT_EQ(operators->size(), 2);
  EXPECT_EQ(operators->Get(1)->builtin_options_as_Conv2DOptions()->padding(),
            schema::Padding_VALID);
  const schema::Tensor& padded = halves.tensor(operators->Get(0)->outputs()->Get(0));
  EXPECT_THAT(*padded.shape(), ElementsAre(1, 10, 10, 1));
}

TEST(WriteModelTest, NamesAreTheCallersOrNumbers) {
  WriteOptions options;
  options.description = "made by a test";
  options.operator_names = {"stem"};
  options.input_name = "image";
  options.output_name = "scores";
  QuantisedNetwork network = NetworkOf(OpKind::kMaxPool, {2, 2, 1}, {2, 2, 1});
  Append(network, OpKind::kPad, {3, 2, 1}, network.tensors[1]).padding = {1, 0, 0, 0};
  Append(network, OpKind::kMaxPool, {3, 2, 1}, network.tensors[1]);
  const WrittenFile file(network, options);
  EXPECT_EQ(file.model().description()->str(), "made by a test");
  std::vector<std::string> names;
  for (const schema::Tensor* tensor : *file.subgraph().tensors()) {
    names.push_back(tensor->name()->str());
  }
  EXPECT_THAT(names, ElementsAre("image", "stem", "1/PAD/paddings", "1/PAD", "scores"));
}

TEST(WriteModelTest, WhatTheFormatCannotSayIsNamed) {
  QuantisedNetwork network = WindowNetwork(OpKind::kConv2d, {4, 4, 1}, {4, 4, 1}, 1, 1, {});
  network.graph.ops[0].activation = OpActivation::kHardSwish;
  EXPECT_EQ(Refusal(network),
            "operator 0 (conv2d): the format fuses no such activation: make it an operator of its "
            "own (activation hard_swish, written: none, relu, relu6)");
  EXPECT_THAT(
      Refusal(WindowNetwork(OpKind::kAvgPool, {4, 4, 1}, {4, 4, 1}, 2, 1, {1, 0, 1, 0})),
      HasSubstr("operator 0 (avg_pool): the format cannot pad so (padding 1 above, 1 left"));
  // Padding with -3 would be larger than what it stands beside.
  EXPECT_THAT(Refusal(WindowNetwork(OpKind::kMaxPool, {8, 8, 1}, {4, 4, 1}, 3, 2, {1, 1, 1, 1})),
              HasSubstr("operator 0 (max_pool): the format cannot pad so"));
  EXPECT_THAT(Refusal(NetworkOf(OpKind::kSoftmax, {1, 1, 4}, {1, 1, 4})),
              HasSubstr("operator 0 (softmax): the format has one scale for it"));
  network = NetworkOf(OpKind::kActivation, {1, 1, 4}, {1, 1, 4});
  network.graph.ops[0].activation = OpActivation::kHardSigmoid;
  EXPECT_THAT(Refusal(network), HasSubstr("operator 0 (activation): the format has one scale"));
}

TEST(WriteModelTest, WrongNetworksAreRefused) {
  QuantisedNetwork network =
      WindowNetwork(OpKind::kConv2d, {4, 4, 1}, {4, 4, 1}, 3, 1, {1, 1, 1, 1});
  network.tensors[1].scale = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Refusal(network), HasSubstr("a tensor needs a scale (output scale nan"));
  network.tensors[1].scale = 1;
  network.graph.tensors[1] = {2, 2, 1};
  EXPECT_THAT(Refusal(network), HasSubstr("operator 0 (conv2d): the output's shape does not"));
  network = NetworkOf(OpKind::kUpsample, {2, 2, 1}, {3, 4, 1});
  EXPECT_THAT(Refusal(network), HasSubstr("operator 0 (upsample): pixels are repeated whole"));
  EXPECT_THAT(Refusal(NetworkOf(OpKind::kMean, {2, 2, 1}, {1, 1, 1})),
              HasSubstr("operator 0 (mean): the operator's axes or inputs are missing"));
  network.graph.ops.clear();
  network.graph.output = 0;
  EXPECT_THAT(Refusal(network), HasSubstr("the network is empty"));
}

}  // namespace
}  // namespace niwaki::interchange
