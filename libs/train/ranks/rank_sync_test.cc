#include "libs/train/ranks/rank_sync.h"

#include <ATen/ATen.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/weights.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/ranks/rank_threads.h"

namespace niwaki::train {
namespace {

constexpr int kWorld = 2;

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      stem { width: 8 } stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } head {})");
}

// Longer and shorter than what the other had, with every byte, and none at all.
TEST(RankSyncTest, TextBecomesRankZeros) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (const std::string& text : {std::string("a"), bytes, std::string()}) {
    RunRanks(kWorld, [&](GradientExchange& exchange) {
      std::string own = exchange.rank() == 0 ? text : "something else";
      NIWAKI_EXPECT_OK(BroadcastText(exchange, own));
      EXPECT_EQ(own, text) << "rank " << exchange.rank();
    });
  }
}

TEST(RankSyncTest, OneProcessKeepsItsText) {
  SingleProcess single;
  std::string text = "mine";

  NIWAKI_EXPECT_OK(BroadcastText(single, text));

  EXPECT_EQ(text, "mine");
}

// In place, also where the elements do not lie in their order.
TEST(RankSyncTest, TensorsTakeValuesInPlace) {
  RunRanks(kWorld, [](GradientExchange& exchange) {
    at::Tensor values = at::zeros({2, 3, 2, 2}).contiguous(at::MemoryFormat::ChannelsLast);
    if (exchange.rank() == 0) values.copy_(at::arange(24, at::kFloat).view({2, 3, 2, 2}));
    const at::Tensor held = values;
    NIWAKI_EXPECT_OK(BroadcastTensor(exchange, values));
    EXPECT_TRUE(at::equal(held, at::arange(24, at::kFloat).view({2, 3, 2, 2})));
  });
}

TEST(RankSyncTest, WeightsBecomeRankZeros) {
  const auto expected = supernet::SharedWeights::Random(Space(), /*seed=*/10);
  std::map<std::string, at::Tensor> tensors;
  expected.ForEach(
      [&](const std::string& name, const at::Tensor& tensor) { tensors[name] = tensor; });

  RunRanks(kWorld, [&](GradientExchange& exchange) {
    auto weights = supernet::SharedWeights::Random(Space(), 10 + exchange.rank());
    NIWAKI_EXPECT_OK(BroadcastWeights(exchange, weights));
    weights.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
      EXPECT_TRUE(at::equal(tensor, tensors.at(name)))
          << absl::StrCat("rank ", exchange.rank(), " ", name);
    });
  });
}

}  // namespace
}  // namespace niwaki::train
