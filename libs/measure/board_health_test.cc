#include "libs/measure/board_health.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/measure/test_boards.h"
#include "libs/measure/times.h"

namespace niwaki::measure {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kCount = 100'000;

class BoardHealthTest : public ::testing::Test {
 protected:
  BoardHealthTest() {
    *board_.mutable_description() = DescriptionOf("a");
    SetHealth(board_, v1::BOARD_HEALTH_UNKNOWN, "it is new", now_);
  }

  void Canary(int64_t count) { OnCanary(board_, ResultOf(count), options_, now_); }
  void Fail(const std::string& what, const std::string& reason = "", bool canary = false) {
    OnFailure(board_, FailureOf(what, reason), canary, options_, now_);
  }

  const HealthOptions options_ = {};
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  v1::Board board_;
};

TEST_F(BoardHealthTest, FirstCanaryMakesGoodAndIsExpectedFromThenOn) {
  EXPECT_TRUE(CanaryIsDue(board_, options_, now_));

  Canary(kCount);

  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_EQ(board_.health_reason(), "");
  EXPECT_EQ(board_.canary().expected_count(), kCount);
  EXPECT_EQ(board_.runs(), 1);
  EXPECT_EQ(board_.flash_writes(), 1);
  EXPECT_FALSE(CanaryIsDue(board_, options_, now_));
}

TEST_F(BoardHealthTest, CanaryIsDueByTheClockAndByTheCount) {
  Canary(kCount);
  EXPECT_FALSE(CanaryIsDue(board_, options_, now_ + options_.canary_interval - absl::Seconds(1)));
  EXPECT_TRUE(CanaryIsDue(board_, options_, now_ + options_.canary_interval));
  for (int i = 1; i < options_.canary_measurements; ++i) OnMeasured(board_, ResultOf(5));
  EXPECT_FALSE(CanaryIsDue(board_, options_, now_));
  OnMeasured(board_, ResultOf(5));
  EXPECT_TRUE(CanaryIsDue(board_, options_, now_));
  Canary(kCount);
  EXPECT_FALSE(CanaryIsDue(board_, options_, now_));
}

TEST_F(BoardHealthTest, DriftBeyondTheBandMakesBad) {
  Canary(kCount);
  Canary(102'000);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_GOOD);

  Canary(102'001);

  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
  EXPECT_EQ(board_.health_reason(),
            "drift: its canary took 102001 cycles where 100000 are expected; the band is 2 %");
  EXPECT_FALSE(MayRun(board_, now_));
  // It stays so, whatever it gives.
  Canary(kCount);
  Fail(kInfrastructure);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
}

TEST_F(BoardHealthTest, EmulatedBoardsHaveANarrowBand) {
  board_.mutable_description()->set_provenance(v1::PROVENANCE_EMULATED);
  Canary(kCount);
  Canary(100'100);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_GOOD);
  Canary(99'800);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
}

TEST_F(BoardHealthTest, OtherFirmwareHasAnExpectationOfItsOwn) {
  Canary(kCount);
  v1::MeasurementResult other = ResultOf(2 * kCount);
  other.set_firmware_digest(std::string(64, 'e'));

  OnCanary(board_, other, options_, now_);

  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_EQ(board_.canary().expected_count(), 2 * kCount);
}

TEST_F(BoardHealthTest, ThirdTimeoutInARowMakesBad) {
  Canary(kCount);
  Fail(kTimeout);
  Fail(kTimeout, "", /*canary=*/true);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_UNKNOWN);
  EXPECT_TRUE(MayRun(board_, now_));
  Canary(kCount);
  EXPECT_EQ(board_.strikes(), 0);
  Fail(kTimeout);
  Fail(kBoardFailure, reason::kBoardReset, /*canary=*/true);

  Fail(kTimeout, "", /*canary=*/true);

  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
  EXPECT_EQ(board_.health_reason(), "3 in a row, the last a time-out failure: run: as told");
  EXPECT_EQ(board_.last_failure().chain(0), "RUN 1: no reply");
}

TEST_F(BoardHealthTest, WrongByteMakesBadAtOnce) {
  Canary(kCount);
  Fail(kBoardFailure, reason::kBoardWrongOutput);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
  EXPECT_THAT(board_.health_reason(), HasSubstr("board failure"));
}

TEST_F(BoardHealthTest, NetworksFaultsAreNotTheBoards) {
  Canary(kCount);
  for (int i = 0; i < 10; ++i) Fail(kCandidate, reason::kNetworkFault);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_EQ(board_.failures(), 10);
  // But the canary is no network that may fault.
  for (int i = 0; i < 3; ++i) Fail(kCandidate, reason::kNetworkFault, /*canary=*/true);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
}

TEST_F(BoardHealthTest, WhatLiesBetweenIsTriedAgainLater) {
  Canary(kCount);
  Fail(kInfrastructure, reason::kBoardVanished, /*canary=*/true);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_UNKNOWN);
  EXPECT_FALSE(MayRun(board_, now_));
  EXPECT_TRUE(MayRun(board_, now_ + options_.retry_after));
  // Later and later.
  Fail(kConfiguration, reason::kToolMissing, /*canary=*/true);
  EXPECT_FALSE(MayRun(board_, now_ + options_.retry_after));
  EXPECT_TRUE(MayRun(board_, now_ + 2 * options_.retry_after));
  for (int i = 0; i < 100; ++i) Fail(kInfrastructure, reason::kBoardVanished, /*canary=*/true);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_UNKNOWN);
  EXPECT_FALSE(MayRun(board_, now_ + options_.longest_retry - absl::Seconds(1)));
  EXPECT_TRUE(MayRun(board_, now_ + options_.longest_retry));
  Canary(kCount);
  Fail(kInfrastructure, reason::kBoardVanished);
  EXPECT_TRUE(MayRun(board_, now_ + options_.retry_after));
}

TEST_F(BoardHealthTest, BurnInCountsDownAndForgivesNothing) {
  Canary(kCount);
  SetHealth(board_, v1::BOARD_HEALTH_LOOPING, "burn-in", now_);
  board_.set_burn_in_left(2);
  EXPECT_TRUE(CanaryIsDue(board_, options_, now_));
  Canary(kCount);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_LOOPING);
  Canary(kCount);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_GOOD);

  SetHealth(board_, v1::BOARD_HEALTH_LOOPING, "burn-in", now_);
  Fail(kTimeout, "", /*canary=*/true);

  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_BAD);
  EXPECT_THAT(board_.health_reason(), HasSubstr("in its burn-in"));
}

TEST_F(BoardHealthTest, NewProcessMakesUnknownButNotWell) {
  Canary(kCount);
  OnConnected(board_, "its service has started", now_);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_UNKNOWN);
  SetHealth(board_, v1::BOARD_HEALTH_MAINTENANCE, "cable", now_);
  OnConnected(board_, "its service has started", now_);
  EXPECT_EQ(board_.health(), v1::BOARD_HEALTH_MAINTENANCE);
  EXPECT_EQ(FromTimestamp(board_.health_time()), now_);
}

}  // namespace
}  // namespace niwaki::measure
