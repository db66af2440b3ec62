#include "libs/measure/measure_engine.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/measure/test_boards.h"

namespace niwaki::measure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kA[] = "boards/a";
constexpr char kB[] = "boards/b";

class MeasureEngineTest : public ::testing::Test {
 protected:
  void Register(const std::string& name, const std::string& instance = kInstance) {
    NIWAKI_ASSERT_OK(engine_.Register(kService, instance, DescriptionOf(name), now_));
  }

  MeasurementGrant Lease(const std::string& board, const std::string& instance = kInstance) {
    const auto answer = engine_.Lease(board, instance, now_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->grant.value_or(MeasurementGrant()) : MeasurementGrant();
  }

  ReportVerdict Succeed(const std::string& board, const std::string& lease_id,
                        int64_t count = 100) {
    return engine_.Report(board, lease_id, ResultOf(count), nullptr, now_);
  }
  ReportVerdict Fail(const std::string& board, const std::string& lease_id,
                     const std::string& failure_class, const std::string& reason = "") {
    const v1::MeasurementFailure failure = FailureOf(failure_class, reason);
    return engine_.Report(board, lease_id, {}, &failure, now_);
  }

  // Registered, and its canary has run.
  void MakeGood(const std::string& name) {
    Register(name);
    const std::string board = absl::StrCat("boards/", name);
    const MeasurementGrant canary = Lease(board);
    EXPECT_TRUE(canary.spec.has_canary());
    Succeed(board, canary.lease_id);
    EXPECT_EQ(Board(board).health(), v1::BOARD_HEALTH_GOOD);
  }

  v1::Board Board(const std::string& board) { return *engine_.FindBoard(board, now_); }
  std::string Create(const v1::MeasurementSpec& spec = NetworkSpec()) {
    return engine_.Create(spec, now_)->name();
  }
  v1::Measurement Last(const std::string& name) {
    for (const auto& [uid, measurement] : engine_.TakeChanges().measurements) {
      if (measurement.name() == name) return measurement;
    }
    ADD_FAILURE() << name << " has not changed";
    return {};
  }
  void Pass(absl::Duration duration) {
    now_ += duration;
    engine_.Expire(now_);
  }

  const MeasureOptions options_ = {};
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  MeasureEngine engine_{options_};
};

TEST_F(MeasureEngineTest, CanaryComesBeforeWork) {
  Register("a");
  const std::string measurement = Create();
  EXPECT_EQ(Board(kA).state(), v1::BOARD_STATE_IDLE);

  const MeasurementGrant canary = Lease(kA);

  EXPECT_TRUE(canary.spec.has_canary());
  EXPECT_EQ(Board(kA).state(), v1::BOARD_STATE_RUNNING);
  Succeed(kA, canary.lease_id);
  const MeasurementGrant work = Lease(kA);
  EXPECT_EQ(work.measurement, measurement);
  EXPECT_EQ(work.lease_id, "m1-1");
  EXPECT_EQ(Board(kA).measurement(), measurement);
  EXPECT_EQ(Succeed(kA, work.lease_id).verdict, v1::MEASUREMENT_VERDICT_ACCEPTED);
  const v1::Measurement ended = Last(measurement);
  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_SUCCEEDED);
  EXPECT_EQ(ended.result().board(), kA);
  EXPECT_EQ(ended.result().count(), 100);
  EXPECT_EQ(Lease(kA).lease_id, "");
}

TEST_F(MeasureEngineTest, WhatABoardHoldsIsGivenAgain) {
  MakeGood("a");
  Create();
  const MeasurementGrant first = Lease(kA);
  EXPECT_EQ(Lease(kA).lease_id, first.lease_id);
}

TEST_F(MeasureEngineTest, SecondServiceOfANameIsRefusedWhileTheFirstIsAlive) {
  Register("a");
  const auto taken = HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardTaken);
  const auto second = engine_.Register(kService, kOtherInstance, DescriptionOf("b"), now_);
  EXPECT_THAT(second, taken);
  EXPECT_EQ(GetErrorDetail(second.status())->value, kService);
  const auto same_board = engine_.Register("other", kOtherInstance, DescriptionOf("a"), now_);
  EXPECT_THAT(same_board, taken);
  EXPECT_EQ(GetErrorDetail(same_board.status())->value, kA);
  // Its heartbeat keeps it.
  Pass(options_.registration_ttl - absl::Seconds(1));
  EXPECT_THAT(engine_.Extend(kService, kInstance, {}, false, now_).boards, ElementsAre(kA));
  Pass(options_.registration_ttl - absl::Seconds(1));
  EXPECT_THAT(engine_.Register(kService, kOtherInstance, DescriptionOf("a"), now_), taken);
  EXPECT_TRUE(Board(kA).connected());

  Pass(absl::Seconds(1));

  EXPECT_FALSE(Board(kA).connected());
  NIWAKI_EXPECT_OK(engine_.Register(kService, kOtherInstance, DescriptionOf("a"), now_));
  EXPECT_THAT(engine_.Lease(kA, kInstance, now_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardUnregistered));
}

TEST_F(MeasureEngineTest, ServiceThatEndsGivesItsBoardsUpAtOnce) {
  MakeGood("a");
  const std::string measurement = Create();
  const MeasurementGrant held = Lease(kA);

  engine_.Extend(kService, kInstance, {held.lease_id}, /*last=*/true, now_);

  EXPECT_FALSE(Board(kA).connected());
  EXPECT_EQ(Last(measurement).state(), v1::MEASUREMENT_STATE_PENDING);
  Register("a", kOtherInstance);
  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_UNKNOWN);
}

TEST_F(MeasureEngineTest, LostLeaseGoesToTheNextAndItsResultIsKept) {
  MakeGood("a");
  MakeGood("b");
  const std::string measurement = Create();
  const MeasurementGrant lost = Lease(kA);
  // Only b beats on.
  Pass(absl::Seconds(10));
  engine_.Register(kService, kInstance, DescriptionOf("b"), now_).IgnoreError();
  Pass(absl::Seconds(6));

  const MeasurementGrant next = Lease(kB);

  EXPECT_EQ(next.measurement, measurement);
  EXPECT_NE(next.lease_id, lost.lease_id);
  EXPECT_THAT(engine_.Extend(kService, kInstance, {lost.lease_id}, false, now_).revoked,
              ElementsAre(lost.lease_id));
  EXPECT_EQ(Succeed(kB, next.lease_id, 100).verdict, v1::MEASUREMENT_VERDICT_ACCEPTED);
  EXPECT_EQ(Succeed(kA, lost.lease_id, 101).verdict, v1::MEASUREMENT_VERDICT_LATE_RECORDED);
  const v1::Measurement ended = Last(measurement);
  EXPECT_EQ(ended.result().count(), 100);
  ASSERT_EQ(ended.late_results_size(), 1);
  EXPECT_EQ(ended.late_results(0).count(), 101);
  EXPECT_TRUE(ended.late_results(0).late());
  EXPECT_EQ(ended.failures(0).reason(), reason::kLeaseExpired);
}

TEST_F(MeasureEngineTest, LateResultOfAMeasurementWithoutOneIsIts) {
  MakeGood("a");
  const std::string measurement = Create();
  const MeasurementGrant lost = Lease(kA);
  Pass(options_.lease.ttl);

  EXPECT_EQ(Succeed(kA, lost.lease_id).verdict, v1::MEASUREMENT_VERDICT_LATE_RECORDED);

  const v1::Measurement ended = Last(measurement);
  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_SUCCEEDED);
  EXPECT_TRUE(ended.result().late());
  engine_.Adopt(2, ended);
  EXPECT_EQ(Succeed(kA, lost.lease_id).verdict, v1::MEASUREMENT_VERDICT_DUPLICATE);
}

TEST_F(MeasureEngineTest, BoardsOwnFailureIsTriedOnAnotherBoard) {
  MakeGood("a");
  MakeGood("b");
  const std::string measurement = Create();
  Fail(kA, Lease(kA).lease_id, kTimeout);
  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_UNKNOWN);
  Succeed(kA, Lease(kA).lease_id);
  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_GOOD);
  // There is b.
  EXPECT_EQ(Lease(kA).lease_id, "");
  EXPECT_EQ(Lease(kB).measurement, measurement);
}

TEST_F(MeasureEngineTest, HungBoardBecomesBadAndBlocksNothing) {
  MakeGood("a");
  const std::string measurement = Create();
  for (int i = 0; i < 3; ++i) {
    const MeasurementGrant grant = Lease(kA);
    EXPECT_EQ(grant.spec.has_canary(), i > 0);
    Fail(kA, grant.lease_id, kTimeout, reason::kDeadlineExceeded);
  }
  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_BAD);
  EXPECT_EQ(Lease(kA).lease_id, "");
  EXPECT_THAT(engine_.FindMeasurement(2, now_)->waiting(), HasSubstr("no board is connected"));
  MakeGood("b");
  EXPECT_EQ(engine_.FindMeasurement(2, now_)->waiting(), "");
  EXPECT_EQ(Lease(kB).measurement, measurement);
}

TEST_F(MeasureEngineTest, WrongByteRaisesDoubtsAboutWhatCameSinceTheCanary) {
  MakeGood("a");
  engine_.TakeChanges();
  Create();
  Succeed(kA, Lease(kA).lease_id);
  Create();

  Fail(kA, Lease(kA).lease_id, kBoardFailure, reason::kBoardWrongOutput);

  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_BAD);
  const MeasureChanges changes = engine_.TakeChanges();
  ASSERT_EQ(changes.doubts.size(), 1);
  EXPECT_EQ(changes.doubts[0].first, kA);
  EXPECT_EQ(changes.doubts[0].second, now_);
}

TEST_F(MeasureEngineTest, NetworkThatIsToBlameIsNotTriedAgain) {
  MakeGood("a");
  const std::string measurement = Create();
  Fail(kA, Lease(kA).lease_id, kCandidate, reason::kNetworkFault);
  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_GOOD);
  const v1::Measurement ended = Last(measurement);
  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_FAILED);
  EXPECT_EQ(ended.failures(0).board(), kA);
  EXPECT_EQ(ended.failures(0).chain(0), "RUN 1: no reply");
}

TEST_F(MeasureEngineTest, MeasurementFailsAfterItsAttempts) {
  MakeGood("a");
  const std::string measurement = Create();
  for (int i = 0; i < options_.max_attempts; ++i) {
    Fail(kA, Lease(kA).lease_id, kInfrastructure, reason::kBoardVanished);
    Pass(options_.health.retry_after);
    Succeed(kA, Lease(kA).lease_id);
  }
  const v1::Measurement ended = Last(measurement);
  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_FAILED);
  EXPECT_EQ(ended.failures_size(), options_.max_attempts);
}

TEST_F(MeasureEngineTest, BoardThatHangsWithAHeartbeatMeetsTheHardEnd) {
  MakeGood("a");
  const std::string measurement = Create();
  const MeasurementGrant grant = Lease(kA);
  for (absl::Duration passed; passed < options_.lease.max_running; passed += absl::Seconds(10)) {
    EXPECT_THAT(engine_.Extend(kService, kInstance, {grant.lease_id}, false, now_).revoked,
                IsEmpty());
    Pass(absl::Seconds(10));
  }
  const v1::Measurement after = Last(measurement);
  EXPECT_EQ(after.state(), v1::MEASUREMENT_STATE_PENDING);
  EXPECT_EQ(after.failures(0).failure_class(), kTimeout);
  EXPECT_EQ(Board(kA).strikes(), 1);
}

TEST_F(MeasureEngineTest, FiguresOfAnotherFirmwareAreRefused) {
  MakeGood("a");
  const std::string measurement = Create();
  v1::MeasurementResult result = ResultOf(100);
  result.set_firmware_digest(std::string(64, 'e'));

  const ReportVerdict verdict = engine_.Report(kA, Lease(kA).lease_id, result, nullptr, now_);

  EXPECT_EQ(verdict.verdict, v1::MEASUREMENT_VERDICT_REJECTED);
  EXPECT_THAT(verdict.reason, HasSubstr("firmware_digest"));
  EXPECT_EQ(Board(kA).health(), v1::BOARD_HEALTH_UNKNOWN);
  const v1::Measurement after = Last(measurement);
  EXPECT_EQ(after.state(), v1::MEASUREMENT_STATE_PENDING);
  EXPECT_EQ(after.failures(0).failure_class(), kConfiguration);
}

TEST_F(MeasureEngineTest, ReportsOfStrangersAreRefused) {
  MakeGood("a");
  Create();
  const MeasurementGrant grant = Lease(kA);
  for (const char* lease_id : {"m9-1", "m2-7", "l2-1", "", "m2"}) {
    EXPECT_EQ(Succeed(kA, lease_id).verdict, v1::MEASUREMENT_VERDICT_REJECTED) << lease_id;
  }
  EXPECT_EQ(Succeed("boards/none", grant.lease_id).verdict, v1::MEASUREMENT_VERDICT_REJECTED);
}

TEST_F(MeasureEngineTest, ClockThatOnlyTheBoardKnowsIsLearned) {
  v1::BoardDescription description = DescriptionOf("a");
  description.set_clock_hz(0);
  NIWAKI_ASSERT_OK(engine_.Register(kService, kInstance, description, now_));
  Succeed(kA, Lease(kA).lease_id);
  EXPECT_EQ(Board(kA).description().clock_hz(), kClockHz);
  NIWAKI_ASSERT_OK(engine_.Register(kService, kInstance, description, now_));
  EXPECT_EQ(Board(kA).description().clock_hz(), kClockHz);
}

TEST_F(MeasureEngineTest, StateOfBeforeGoesOn) {
  MakeGood("a");
  const std::string measurement = Create();
  const MeasurementGrant grant = Lease(kA);
  const MeasureChanges stored = engine_.TakeChanges();
  std::vector<std::pair<int64_t, v1::Measurement>> live;
  for (const auto& entry : stored.measurements) live.push_back(entry);
  MeasureEngine later(options_);
  now_ += absl::Hours(1);

  later.Load(stored.boards, live, 3, now_);

  EXPECT_TRUE(later.FindBoard(kA, now_)->connected());
  EXPECT_THAT(later.Extend(kService, kInstance, {grant.lease_id}, false, now_).revoked, IsEmpty());
  EXPECT_EQ(later.Report(kA, grant.lease_id, ResultOf(7), nullptr, now_).verdict,
            v1::MEASUREMENT_VERDICT_ACCEPTED);
  EXPECT_EQ(later.Create(NetworkSpec(), now_)->name(), "measurements/3");
}

}  // namespace
}  // namespace niwaki::measure
