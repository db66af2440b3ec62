#include "libs/int8/score_int8.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/floats/examples.h"
#include "libs/engine/host/runner.h"
#include "libs/int8/float_subnet.h"
#include "libs/int8/keyword_data_for_test.h"
#include "libs/int8/quantise_subnet.h"
#include "libs/supernet/supernet.h"

namespace niwaki::int8 {
namespace {

using ::testing::ElementsAre;

constexpr int kClasses = 8;
// Not a whole number of what one runner scores.
constexpr int64_t kImages = 40;

engine::QuantisedNetwork Network(const data::PreparedData& data) {
  const arch::SearchSpace space = arch::CatalogueSpace("kws")->WithNumClasses(kClasses);
  const auto supernet = supernet::Supernet::Random(space, /*seed=*/9);
  const auto subnet = QuantiseSubnet(*supernet, arch::MinSubnet(space), data, {});
  EXPECT_THAT(subnet, IsOk());
  return subnet->network;
}

// How many images have their label among the `best` largest outputs, counted image by image.
int64_t Count(const engine::QuantisedNetwork& network, const data::PreparedData& data, int best) {
  const arch::TensorShape& shape = network.graph.shape(network.graph.input);
  const engine::Examples examples =
      ExamplesOf(data, data::Split::kTest, 0, {shape.height, shape.height, shape.width});
  auto runner = engine::HostRunner::Create(&network);
  std::vector<float> values(shape.elements());
  int64_t count = 0;
  for (int64_t i = 0; i < examples.count; ++i) {
    EXPECT_THAT(examples.read(i, absl::MakeSpan(values)), IsOk());
    const auto outputs = runner->Run(LevelsOf(values, network.tensors[runner->input()]));
    std::vector<int> order(kClasses);
    for (int c = 0; c < kClasses; ++c) order[c] = c;
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return (*outputs)[a] > (*outputs)[b]; });
    const int label = data.label(data::Split::kTest, i);
    count += std::count(order.begin(), order.begin() + best, label);
  }
  return count;
}

TEST(ScoreInt8Test, AccuracyIsThatOfTheKernelsImageByImage) {
  const auto data = KeywordData(kClasses, {kClasses, kClasses, kClasses, kImages});
  const engine::QuantisedNetwork network = Network(*data);
  int64_t done = 0;
  data::ParallelOptions parallel;
  parallel.threads = 2;
  parallel.progress = [&](int64_t images, int64_t total) {
    done = images;
    EXPECT_EQ(total, kImages);
  };

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Int8Score score,
                              ScoreInt8(network, *data, data::Split::kTest, 0, parallel));

  EXPECT_EQ(score.images, kImages);
  EXPECT_DOUBLE_EQ(score.top1, Count(network, *data, 1) / static_cast<double>(kImages));
  EXPECT_DOUBLE_EQ(score.top5, Count(network, *data, 5) / static_cast<double>(kImages));
  EXPECT_EQ(done, kImages);
}

TEST(ScoreInt8Test, TakesTheFirstImagesOfASplit) {
  const auto data = KeywordData(kClasses, {kClasses, kClasses, kClasses, kImages});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Int8Score score,
                              ScoreInt8(Network(*data), *data, data::Split::kTest, 5, {}));

  EXPECT_EQ(score.images, 5);
}

TEST(ScoreInt8Test, DataOfAnotherShapeIsRefused) {
  const auto data = KeywordData(kClasses, {kClasses, kClasses, kClasses, kImages});
  const engine::QuantisedNetwork network = Network(*data);
  const auto score = [&](const data::PreparedData& other) {
    return ScoreInt8(network, other, data::Split::kTest, 0, {}).status();
  };

  EXPECT_THAT(score(*KeywordData(kClasses, {kClasses, kClasses, kClasses, kImages}, 3)),
              StatusIs(absl::StatusCode::kInvalidArgument, "3 channels, the network 1"));
  EXPECT_THAT(
      score(*KeywordData(kClasses + 1, {kClasses + 1, kClasses + 1, kClasses + 1, kImages})),
      StatusIs(absl::StatusCode::kInvalidArgument, "9 classes, the network 8"));
  EXPECT_THAT(score(*KeywordData(kClasses, {kClasses, kClasses, kClasses, 0})),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no examples in the split"));
}

TEST(ScoreInt8Test, LevelsAreRoundedAndClamped) {
  EXPECT_THAT(LevelsOf({0, 0.5F, -0.5F, 1000, -1000}, {0.25F, 10}),
              ElementsAre(10, 12, 8, 127, -128));
}

}  // namespace
}  // namespace niwaki::int8
