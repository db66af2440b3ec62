#include "libs/train/checkpoint/tensor_io.h"

#include <ATen/ATen.h>

#include <limits>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::train {
namespace {

using tensorfile::Safetensors;

Safetensors Parsed(const std::string& bytes) {
  auto parsed = Safetensors::Parse(bytes, "test");
  EXPECT_THAT(parsed.status(), IsOk());
  return *parsed;
}

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      stem { width: 8 } stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } head {})");
}

TEST(TensorIoTest, WrittenTensorsAreReadBitForBit) {
  const at::Tensor values = at::tensor({-0.0f, 1.5f, 1e-42f, 3e38f, -7.25f, 0.1f}).view({2, 3});
  TensorWriter writer;
  writer.Add("values", values);
  const std::string bytes = writer.Serialize({{"key", "text"}});
  const Safetensors file = Parsed(bytes);
  at::Tensor read = at::zeros({2, 3});

  NIWAKI_ASSERT_OK(ReadTensor(file.tensors, "values", read));

  EXPECT_TRUE(at::equal(read.view(at::kInt), values.view(at::kInt)));
  EXPECT_EQ(file.metadata.at("key"), "text");
}

// The order of the elements is that of the shape, whatever the strides; the type is float32.
TEST(TensorIoTest, StridesAndTypesDoNotShow) {
  const at::Tensor values = at::arange(24, at::kFloat).view({2, 3, 2, 2});
  TensorWriter writer;
  writer.Add("strided", values.contiguous(at::MemoryFormat::ChannelsLast));
  writer.Add("double", values.to(at::kDouble));
  writer.Add("learned", values.clone().set_requires_grad(true));
  const std::string bytes = writer.Serialize({});
  const Safetensors file = Parsed(bytes);

  for (const char* name : {"strided", "double", "learned"}) {
    at::Tensor read = at::zeros({2, 3, 2, 2});
    NIWAKI_ASSERT_OK(ReadTensor(file.tensors, name, read));
    EXPECT_TRUE(at::equal(read, values)) << name;
  }
}

TEST(TensorIoTest, WriterKeepsItsTensorsAlive) {
  TensorWriter writer;
  for (int i = 0; i < 50; ++i) {
    writer.Add("t" + std::to_string(i), at::full({64}, static_cast<float>(i)));
  }
  const std::string bytes = writer.Serialize({});
  const Safetensors file = Parsed(bytes);

  for (int i = 0; i < 50; ++i) {
    at::Tensor read = at::zeros({64});
    NIWAKI_ASSERT_OK(ReadTensor(file.tensors, "t" + std::to_string(i), read));
    EXPECT_EQ(read.sum().item<float>(), 64.0f * i);
  }
}

TEST(TensorIoTest, WhatDiffersIsNamed) {
  TensorWriter writer;
  at::Tensor bad = at::ones({2, 2});
  bad.view({-1})[3] = std::numeric_limits<float>::infinity();
  writer.Add("bad", bad);
  writer.Add("good", at::ones({2, 2}));
  const std::string bytes = writer.Serialize({});
  Safetensors file = Parsed(bytes);
  file.tensors["whole"] = file.tensors["good"];
  file.tensors["whole"].dtype = tensorfile::Dtype::kI32;
  at::Tensor square = at::zeros({2, 2});
  at::Tensor row = at::zeros({1, 4});

  EXPECT_THAT(ReadTensor(file.tensors, "none", square),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(ReadTensor(file.tensors, "none", square),
              StatusIs(absl::StatusCode::kDataLoss, "none is missing; expected F32 [2,2]"));
  EXPECT_THAT(ReadTensor(file.tensors, "good", row),
              StatusIs(absl::StatusCode::kDataLoss, "good is F32 [2,2], expected F32 [1,4]"));
  EXPECT_THAT(ReadTensor(file.tensors, "whole", square),
              StatusIs(absl::StatusCode::kDataLoss, "whole is I32 [2,2], expected F32 [2,2]"));
  EXPECT_THAT(ReadTensor(file.tensors, "bad", square),
              StatusIs(absl::StatusCode::kDataLoss, "bad F32 [2,2] holds inf at element 3"));
}

TEST(TensorIoTest, WeightsAreReadByName) {
  const auto from = supernet::SharedWeights::Random(Space(), /*seed=*/1);
  auto to = supernet::SharedWeights::Random(Space(), /*seed=*/2);
  TensorWriter writer;
  from.ForEach(
      [&](const std::string& name, const at::Tensor& tensor) { writer.Add(name, tensor + 1); });
  const std::string bytes = writer.Serialize({});
  Safetensors file = Parsed(bytes);

  NIWAKI_ASSERT_OK(ReadWeights(file.tensors, to));

  std::map<std::string, at::Tensor> expected;
  from.ForEach(
      [&](const std::string& name, const at::Tensor& tensor) { expected[name] = tensor + 1; });
  to.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
    EXPECT_TRUE(at::equal(tensor, expected.at(name))) << name;
  });
  file.tensors.erase("stem.bn.running_var");
  EXPECT_THAT(ReadWeights(file.tensors, to),
              StatusIs(absl::StatusCode::kDataLoss, "stem.bn.running_var is missing"));
}

}  // namespace
}  // namespace niwaki::train
