#include "services/trainer/agreement.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/floats/float_network.h"
#include "libs/int8/keyword_data_for_test.h"
#include "libs/supernet/supernet.h"

namespace niwaki::trainer {
namespace {

constexpr int kClasses = 4;
constexpr int64_t kImages = 36;

int8::QuantisedSubnet Quantised(const data::PreparedData& data) {
  const arch::SearchSpace space = arch::CatalogueSpace("kws")->WithNumClasses(kClasses);
  const auto supernet = supernet::Supernet::Random(space, /*seed=*/9);
  auto subnet = int8::QuantiseSubnet(*supernet, arch::MinSubnet(space), data, {});
  EXPECT_THAT(subnet, IsOk());
  return *std::move(subnet);
}

TEST(AgreementTest, QuantisedNetworkMostlyAnswersAsItsFloatsDo) {
  // Classes that the network has not: labels are not looked at.
  const auto data = int8::KeywordData(kClasses + 3, {kClasses + 3, 24, kClasses + 3, kImages});
  const int8::QuantisedSubnet subnet = Quantised(*data);
  data::ParallelOptions two_threads;
  two_threads.threads = 2;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Agreement one,
                              CompareAnswers(subnet, *data, data::Split::kTest, 0, {1}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Agreement two,
                              CompareAnswers(subnet, *data, data::Split::kTest, 0, two_threads));

  EXPECT_EQ(one.images, kImages);
  EXPECT_GE(one.share(), 0.8);
  EXPECT_EQ(one.alike, two.alike);
}

TEST(AgreementTest, AnotherNetworkDisagrees) {
  const auto data = int8::KeywordData(kClasses, {kClasses, 24, kClasses, kImages});
  int8::QuantisedSubnet subnet = Quantised(*data);
  // The answer of the floats becomes class 0, whatever the image.
  engine::FloatWeight& classifier = subnet.floats.weights[subnet.floats.graph.ops.back().weight];
  classifier.bias.assign(kClasses, 0.0F);
  classifier.bias[0] = 1e6F;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Agreement zero,
                              CompareAnswers(subnet, *data, data::Split::kTest, 0, {}));
  classifier.bias[0] = -1e6F;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Agreement never_zero,
                              CompareAnswers(subnet, *data, data::Split::kTest, 0, {}));

  // int8 answers 0 or something else.
  EXPECT_LE(zero.alike + never_zero.alike, kImages);
}

TEST(AgreementTest, EmptySplitIsRefused) {
  const auto data = int8::KeywordData(kClasses, {kClasses, 24, kClasses, 0});

  EXPECT_THAT(CompareAnswers(Quantised(*data), *data, data::Split::kTest, 0, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no examples in the split"));
}

}  // namespace
}  // namespace niwaki::trainer
