#include "libs/int8/quantise_subnet.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/int8/keyword_data_for_test.h"
#include "libs/interchange/tflite/write_model.h"

namespace niwaki::int8 {
namespace {

constexpr int kClasses = 3;
constexpr int64_t kImages = 12;

arch::SearchSpace Space() { return arch::CatalogueSpace("kws")->WithNumClasses(kClasses); }

QuantiseSubnetOptions Options() {
  QuantiseSubnetOptions options;
  options.supernet_digest = "5eed";
  return options;
}

TEST(QuantiseSubnetTest, EqualKeysGiveEqualNetworksOnAnyNumberOfThreads) {
  const auto supernet = supernet::Supernet::Random(Space(), /*seed=*/3);
  const auto data = KeywordData(kClasses, {kClasses, kImages, kClasses, kClasses});
  QuantiseSubnetOptions options = Options();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedSubnet one,
                              QuantiseSubnet(*supernet, arch::MinSubnet(Space()), *data, options));
  options.threads = 3;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedSubnet three,
                              QuantiseSubnet(*supernet, arch::MinSubnet(Space()), *data, options));
  options.calibration_images = 4;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedSubnet fewer,
                              QuantiseSubnet(*supernet, arch::MinSubnet(Space()), *data, options));

  EXPECT_EQ(one.key.Digest(), three.key.Digest());
  EXPECT_NE(one.key.Digest(), fewer.key.Digest());
  EXPECT_EQ(*interchange::WriteModel(one.network), *interchange::WriteModel(three.network));
  EXPECT_EQ(one.network.graph.shape(one.network.graph.output).elements(), kClasses);
}

TEST(QuantiseSubnetTest, StatisticsAreRecalibratedUnlessKept) {
  const auto supernet = supernet::Supernet::Random(Space(), /*seed=*/3);
  const auto data = KeywordData(kClasses, {kClasses, kImages, kClasses, kClasses});
  QuantiseSubnetOptions options = Options();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedSubnet fresh,
                              QuantiseSubnet(*supernet, arch::MinSubnet(Space()), *data, options));
  options.keep_statistics = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedSubnet kept,
                              QuantiseSubnet(*supernet, arch::MinSubnet(Space()), *data, options));

  EXPECT_NE(fresh.key.Digest(), kept.key.Digest());
  EXPECT_EQ(fresh.floats.weights[0].values, kept.floats.weights[0].values);
  EXPECT_NE(fresh.floats.weights[0].norm_mean, kept.floats.weights[0].norm_mean);
}

TEST(QuantiseSubnetTest, ClassesOfTheDataDoNotMatter) {
  const auto supernet = supernet::Supernet::Random(Space(), /*seed=*/3);

  NIWAKI_EXPECT_OK(QuantiseSubnet(*supernet, arch::MinSubnet(Space()),
                                  *KeywordData(kClasses + 2,
                                               {kClasses + 2, kImages, kClasses + 2, kClasses + 2}),
                                  Options())
                       .status());
}

TEST(QuantiseSubnetTest, DataThatCannotCalibrateIsRefused) {
  const auto supernet = supernet::Supernet::Random(Space(), /*seed=*/3);
  const arch::Subnet subnet = arch::MinSubnet(Space());

  EXPECT_THAT(
      QuantiseSubnet(*supernet, subnet,
                     *KeywordData(kClasses, {kClasses, kImages, kClasses, kClasses}, 3), Options()),
      StatusIs(absl::StatusCode::kFailedPrecondition, "the data has 3 channels, the supernet 1"));
  EXPECT_THAT(QuantiseSubnet(*supernet, subnet,
                             *KeywordData(kClasses, {kClasses, 0, kClasses, kClasses}), Options()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "calibration split is empty"));
  EXPECT_THAT(
      QuantiseSubnet(*supernet, arch::Subnet(),
                     *KeywordData(kClasses, {kClasses, kImages, kClasses, kClasses}), Options()),
      HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
}

}  // namespace
}  // namespace niwaki::int8
