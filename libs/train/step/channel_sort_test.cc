#include "libs/train/step/channel_sort.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/supernet/weights.h"

namespace niwaki::train {
namespace {

using arch::Weight;
using arch::WeightRole;

// The block expands 8 channels to 24, of which the smaller ratio uses 16.
constexpr int64_t kChannels = 24;
constexpr int64_t kSmaller = 16;

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      stem { width: 8 }
      stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: [2, 3] squeeze_excite: true }
      head {})");
}

Weight Layer(WeightRole role) { return {role, 0, 0}; }

// The importances of the channels: all different, in no order.
std::vector<float> Importances(int64_t count) {
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<float>(1 + i * 7 % count);
  return values;
}

// Channels from `first` to `last` by descending importance.
std::vector<int64_t> Sorted(const std::vector<float>& importance, int64_t first, int64_t last) {
  std::vector<int64_t> order(last - first);
  std::iota(order.begin(), order.end(), first);
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return importance[a] > importance[b]; });
  return order;
}

// Every element is the number of its index in dimension `dimension`.
void Mark(at::Tensor& tensor, int64_t dimension) {
  std::vector<int64_t> shape(tensor.dim(), 1);
  shape[dimension] = tensor.size(dimension);
  tensor.copy_(at::arange(tensor.size(dimension), at::kFloat).view(shape).expand(tensor.sizes()));
}

std::vector<int64_t> MarksOf(const at::Tensor& tensor, int64_t dimension) {
  std::vector<int64_t> marks;
  for (int64_t i = 0; i < tensor.size(dimension); ++i) {
    const at::Tensor slice = tensor.select(dimension, i);
    marks.push_back(static_cast<int64_t>(slice.flatten()[0].item<float>()));
    EXPECT_TRUE(slice.eq(static_cast<float>(marks.back())).all().item<bool>());
  }
  return marks;
}

// Weights whose every tensor along the expansion says which channel it is of, and whose projection
// has the importances, with signs that must not count.
supernet::SharedWeights Marked() {
  auto weights = supernet::SharedWeights::Random(Space(), 1);
  for (const WeightRole role : {WeightRole::kExpand, WeightRole::kDepthwise}) {
    supernet::LayerWeights& layer = weights.layer(Layer(role));
    for (at::Tensor* tensor :
         {&layer.weight, &layer.norm_weight, &layer.norm_bias, &layer.norm_mean, &layer.norm_var}) {
      Mark(*tensor, 0);
    }
  }
  supernet::LayerWeights& excite = weights.layer(Layer(WeightRole::kSqueezeExpand));
  Mark(excite.bias, 0);
  Mark(weights.layer(Layer(WeightRole::kSqueezeReduce)).weight, 1);
  at::Tensor& project = weights.layer(Layer(WeightRole::kProject)).weight;
  const at::Tensor signs = at::tensor({1.0f, -1.0f, -1.0f, 1.0f, -1.0f, 1.0f, 1.0f, -1.0f});
  project.copy_(at::tensor(Importances(kChannels)).view({1, -1, 1, 1}) * signs.view({-1, 1, 1, 1}));
  return weights;
}

void ExpectOrder(const supernet::SharedWeights& weights, const std::vector<int64_t>& order) {
  for (const WeightRole role : {WeightRole::kExpand, WeightRole::kDepthwise}) {
    const supernet::LayerWeights& layer = weights.layer(Layer(role));
    EXPECT_EQ(MarksOf(layer.weight, 0), order);
    EXPECT_EQ(MarksOf(layer.norm_weight, 0), order);
    EXPECT_EQ(MarksOf(layer.norm_bias, 0), order);
    EXPECT_EQ(MarksOf(layer.norm_mean, 0), order);
    EXPECT_EQ(MarksOf(layer.norm_var, 0), order);
  }
  EXPECT_EQ(MarksOf(weights.layer(Layer(WeightRole::kSqueezeExpand)).bias, 0), order);
  EXPECT_EQ(MarksOf(weights.layer(Layer(WeightRole::kSqueezeReduce)).weight, 1), order);
  const at::Tensor project = weights.layer(Layer(WeightRole::kProject)).weight;
  const std::vector<float> importance = Importances(kChannels);
  for (int64_t i = 0; i < kChannels; ++i) {
    EXPECT_EQ(project.select(1, i).abs().max().item<float>(), importance[order[i]]);
  }
}

TEST(ChannelSortTest, EveryTensorOfTheExpansionFollowsTheProjection) {
  auto weights = Marked();

  SortExpansionChannels(Space(), /*stage=*/0, weights);

  ExpectOrder(weights, Sorted(Importances(kChannels), 0, kChannels));
}

TEST(ChannelSortTest, NoChannelCrossesAWidthInUse) {
  for (const int stage : {1, 5}) {
    auto weights = Marked();

    SortExpansionChannels(Space(), stage, weights);

    std::vector<int64_t> order = Sorted(Importances(kChannels), 0, kSmaller);
    const std::vector<int64_t> rest = Sorted(Importances(kChannels), kSmaller, kChannels);
    order.insert(order.end(), rest.begin(), rest.end());
    ExpectOrder(weights, order);
  }
}

TEST(ChannelSortTest, InnerChannelsOfSqueezeExciteFollowItsExpansion) {
  auto weights = Marked();
  supernet::LayerWeights& reduce = weights.layer(Layer(WeightRole::kSqueezeReduce));
  supernet::LayerWeights& excite = weights.layer(Layer(WeightRole::kSqueezeExpand));
  const int64_t inner = reduce.weight.size(0);
  ASSERT_GT(inner, 1);
  Mark(reduce.weight, 0);
  Mark(reduce.bias, 0);
  excite.weight.copy_(
      at::tensor(Importances(inner)).view({1, -1, 1, 1}).expand(excite.weight.sizes()));

  SortExpansionChannels(Space(), /*stage=*/0, weights);

  const std::vector<int64_t> order = Sorted(Importances(inner), 0, inner);
  EXPECT_EQ(MarksOf(reduce.weight, 0), order);
  EXPECT_EQ(MarksOf(reduce.bias, 0), order);
  for (int64_t i = 0; i < inner; ++i) {
    EXPECT_EQ(excite.weight.select(1, i).max().item<float>(), Importances(inner)[order[i]]);
  }
}

TEST(ChannelSortTest, ValuesMoveWithinTheirTensors) {
  auto weights = Marked();
  const at::Tensor held = weights.layer(Layer(WeightRole::kDepthwise)).weight;

  SortExpansionChannels(Space(), /*stage=*/0, weights);

  EXPECT_EQ(MarksOf(held, 0), Sorted(Importances(kChannels), 0, kChannels));
}

TEST(ChannelSortTest, TensorsOutsideTheExpansionStay) {
  auto weights = Marked();
  const supernet::SharedWeights before = weights.Clone();

  SortExpansionChannels(Space(), /*stage=*/0, weights);

  EXPECT_TRUE(at::equal(weights.layer({WeightRole::kStem}).weight,
                        before.layer({WeightRole::kStem}).weight));
  EXPECT_TRUE(at::equal(weights.layer({WeightRole::kClassifier}).weight,
                        before.layer({WeightRole::kClassifier}).weight));
  EXPECT_TRUE(at::equal(weights.layer(Layer(WeightRole::kProject)).norm_weight,
                        before.layer(Layer(WeightRole::kProject)).norm_weight));
}

}  // namespace
}  // namespace niwaki::train
