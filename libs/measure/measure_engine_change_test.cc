#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/measure/measure_engine.h"
#include "libs/measure/test_boards.h"

namespace niwaki::measure {
namespace {

constexpr char kA[] = "boards/a";

class MeasureEngineChangeTest : public ::testing::Test {
 protected:
  MeasureEngineChangeTest() {
    NIWAKI_EXPECT_OK(engine_.Register(kService, kInstance, DescriptionOf("a"), now_));
    RunCanary();
  }

  std::string Lease() {
    const auto answer = engine_.Lease(kA, kInstance, now_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    drain_ = answer->drain;
    return answer->grant.has_value() ? answer->grant->lease_id : "";
  }
  void RunCanary(int64_t count = 100) {
    engine_.Report(kA, Lease(), ResultOf(count), nullptr, now_);
  }
  absl::StatusOr<v1::Board> Change(v1::BoardAction action, const std::string& text = "",
                                   int runs = 0) {
    v1::ChangeBoardRequest request;
    request.set_name(kA);
    request.set_action(action);
    request.set_by(text);
    request.set_note(text);
    request.set_runs(runs);
    return engine_.Change(request, now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  bool drain_ = false;
  MeasureEngine engine_{MeasureOptions()};
};

TEST_F(MeasureEngineChangeTest, ReservedBoardIsOneHolders) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Board board, Change(v1::BOARD_ACTION_RESERVE, "ann"));
  EXPECT_EQ(board.state(), v1::BOARD_STATE_RESERVED);
  NIWAKI_EXPECT_OK(Change(v1::BOARD_ACTION_RESERVE, "ann"));
  EXPECT_THAT(Change(v1::BOARD_ACTION_RESERVE, "bob"),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardBusy));
  NIWAKI_ASSERT_OK(engine_.Create(NetworkSpec(), now_));
  EXPECT_EQ(Lease(), "");
  // Not even its canary disturbs.
  now_ += absl::Hours(2);
  EXPECT_EQ(Lease(), "");
  v1::MeasurementSpec own = NetworkSpec();
  own.set_reservation("ann");
  NIWAKI_ASSERT_OK(engine_.Create(own, now_));
  EXPECT_NE(Lease(), "");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Board released, Change(v1::BOARD_ACTION_RELEASE));

  EXPECT_EQ(released.reserved_by(), "");
}

TEST_F(MeasureEngineChangeTest, DrainedBoardIsGivenNothingUntilTakenBack) {
  NIWAKI_ASSERT_OK(engine_.Create(NetworkSpec(), now_));
  const std::string held = Lease();
  NIWAKI_ASSERT_OK(Change(v1::BOARD_ACTION_DRAIN));
  EXPECT_EQ(Lease(), held);
  engine_.Report(kA, held, ResultOf(5), nullptr, now_);
  NIWAKI_ASSERT_OK(engine_.Create(NetworkSpec(), now_));
  EXPECT_EQ(Lease(), "");
  EXPECT_TRUE(drain_);

  NIWAKI_ASSERT_OK(Change(v1::BOARD_ACTION_UNDRAIN));

  EXPECT_NE(Lease(), "");
  EXPECT_FALSE(drain_);
}

TEST_F(MeasureEngineChangeTest, QuarantineLastsUntilCleared) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Board out,
                              Change(v1::BOARD_ACTION_QUARANTINE, "its cable is loose"));
  EXPECT_EQ(out.health(), v1::BOARD_HEALTH_MAINTENANCE);
  EXPECT_EQ(out.health_reason(), "its cable is loose");
  EXPECT_EQ(Lease(), "");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Board cleared, Change(v1::BOARD_ACTION_CLEAR));

  EXPECT_EQ(cleared.health(), v1::BOARD_HEALTH_UNKNOWN);
  // What it takes now is what is expected from then on.
  RunCanary(500);
  EXPECT_EQ(engine_.FindBoard(kA, now_)->health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_EQ(engine_.FindBoard(kA, now_)->canary().expected_count(), 500);
}

TEST_F(MeasureEngineChangeTest, BurnInRunsCanariesThenWork) {
  NIWAKI_ASSERT_OK(engine_.Create(NetworkSpec(), now_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Board board, Change(v1::BOARD_ACTION_BURN_IN, "", 3));
  EXPECT_EQ(board.health(), v1::BOARD_HEALTH_LOOPING);
  for (int i = 0; i < 3; ++i) RunCanary();
  EXPECT_EQ(engine_.FindBoard(kA, now_)->health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_EQ(engine_.FindBoard(kA, now_)->runs(), 4);
  NIWAKI_ASSERT_OK(Change(v1::BOARD_ACTION_BURN_IN));
  EXPECT_EQ(engine_.FindBoard(kA, now_)->burn_in_left(), 10);
  // A burn-in compares with what was expected before.
  RunCanary(200);
  EXPECT_EQ(engine_.FindBoard(kA, now_)->health(), v1::BOARD_HEALTH_BAD);
}

TEST_F(MeasureEngineChangeTest, WrongChangesAreRefused) {
  const auto field = [](const absl::StatusOr<v1::Board>& board) {
    return GetErrorDetail(board.status()).value_or(ErrorDetail{}).field;
  };
  EXPECT_EQ(field(Change(v1::BOARD_ACTION_RESERVE, "")), "by");
  EXPECT_EQ(field(Change(v1::BOARD_ACTION_QUARANTINE, std::string(201, 'a'))), "note");
  EXPECT_EQ(field(Change(v1::BOARD_ACTION_BURN_IN, "", 10001)), "runs");
  EXPECT_EQ(field(Change(v1::BOARD_ACTION_UNSPECIFIED)), "action");
  v1::ChangeBoardRequest request;
  request.set_name("boards/none");
  request.set_action(v1::BOARD_ACTION_CLEAR);
  EXPECT_THAT(engine_.Change(request, now_),
              HasReason(absl::StatusCode::kNotFound, reason::kBoardUnknown));
}

}  // namespace
}  // namespace niwaki::measure
