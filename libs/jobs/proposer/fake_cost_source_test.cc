#include "libs/jobs/proposer/fake_cost_source.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

class FakeCostSourceTest : public ::testing::Test {
 protected:
  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  const std::vector<arch::Subnet> subnets_ = {arch::MinSubnet(space_), arch::MaxSubnet(space_)};
  FakeCostSource source_;
};

TEST_F(FakeCostSourceTest, CostsGrowWithTheGenesAndAreThoseOfTheFunction) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<cost::Cost> costs,
                              source_.EstimateCosts({"fake"}, space_, subnets_));

  ASSERT_EQ(costs.size(), 2);
  EXPECT_EQ(costs[0], FakeCostOf(subnets_[0]));
  EXPECT_LT(costs[0].sram_bytes, costs[1].sram_bytes);
  EXPECT_LT(costs[0].macs, costs[1].macs);
  EXPECT_LT(costs[0].latency_us.value(), costs[1].latency_us.value());
}

TEST_F(FakeCostSourceTest, GapsHaveNoLatency) {
  source_.SetGap([&](const arch::Subnet& subnet) { return subnet == subnets_[0]; });

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<cost::Cost> costs,
                              source_.EstimateCosts({"fake"}, space_, subnets_));

  EXPECT_FALSE(costs[0].latency_us.known());
  EXPECT_TRUE(costs[1].latency_us.known());
}

TEST_F(FakeCostSourceTest, OtherDevicesAreUnknown) {
  EXPECT_THAT(source_.EstimateCosts({"stm32f746"}, space_, subnets_),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
}

TEST_F(FakeCostSourceTest, FailsUntilItIsTakenBack) {
  source_.SetFailure(absl::UnavailableError("away"));
  EXPECT_THAT(source_.EstimateCosts({"fake"}, space_, subnets_),
              StatusIs(absl::StatusCode::kUnavailable, "away"));
  source_.SetFailure(absl::OkStatus());
  NIWAKI_EXPECT_OK(source_.EstimateCosts({"fake"}, space_, subnets_));

  EXPECT_EQ(source_.calls(), 2);
}

TEST(FakeScoreTest, ScoreIsValidAndDependsOnTheTextAlone) {
  for (const char* text : {"", "a", "{}", "another"}) {
    const Score score = FakeScoreOf(text);

    NIWAKI_EXPECT_OK(ValidateScore(score));
    EXPECT_EQ(score.loss, FakeScoreOf(text).loss);
  }
  EXPECT_NE(FakeScoreOf("a").top1, FakeScoreOf("b").top1);
}

TEST(FakeCostStreamsTest, StreamsWhereTheLimitAsksForIt) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Subnet subnet = arch::MaxSubnet(space);
  const cost::Cost whole = FakeCostOf(subnet);
  FakeCostSource costs;
  costs.SetStreams();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto fits,
                              costs.EstimateCosts({"fake", "", whole.sram_bytes}, space, {subnet}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto streamed,
      costs.EstimateCosts({"fake", "", whole.sram_bytes - 1}, space, {subnet}));

  EXPECT_EQ(fits[0], whole);
  EXPECT_EQ(streamed[0].schedule, "streamed");
  EXPECT_EQ(streamed[0].sram_bytes, whole.sram_bytes / 2);
}

}  // namespace
}  // namespace niwaki::jobs
