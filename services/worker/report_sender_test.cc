#include "services/worker/report_sender.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/worker/scripted_stub.h"

namespace niwaki::worker {
namespace {

using ::testing::SizeIs;

constexpr absl::Duration kFirstWait = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Seconds(4);
constexpr absl::Duration kPatience = absl::Minutes(5);

grpc::Status Away() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away"); }

v1::ScoreReport ReportOf(const std::string& lease_id) {
  v1::ScoreReport report;
  report.set_lease_id(lease_id);
  report.set_epoch(1);
  report.mutable_score()->set_top1(0.5);
  return report;
}

// A verdict for each report.
grpc::Status Accept(const v1::ReportScoresRequest& request, v1::ReportScoresResponse& response) {
  for (const v1::ScoreReport& report : request.reports()) {
    v1::ScoreVerdict& verdict = *response.add_verdicts();
    verdict.set_lease_id(report.lease_id());
    verdict.set_verdict(v1::VERDICT_ACCEPTED);
  }
  return grpc::Status::OK;
}

class ReportSenderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    script_.reports.SetAnswer(Accept);
    ReportSenderOptions options;
    options.worker = "w";
    options.backoff.initial = kFirstWait;
    options.backoff.max = kLongestWait;
    options.backoff.jitter = 0;
    options.clock = &clock_;
    sender_ = std::make_unique<ReportSender>(options, &client_, &leases_);
  }

  void Finish(const std::string& lease_id) {
    leases_.Add(lease_id, 1);
    sender_->Add(ReportOf(lease_id));
  }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  CoordinatorScript script_{clock_};
  client::WorkerClient client_{std::make_unique<ScriptedStub>(script_)};
  HeldLeases leases_;
  std::unique_ptr<ReportSender> sender_;
};

TEST_F(ReportSenderTest, LeaseIsHeldUntilTheVerdict) {
  absl::Notification answer;
  script_.reports.SetAnswer([&](const auto& request, auto& response) {
    answer.WaitForNotification();
    return Accept(request, response);
  });
  Finish("l1-0-1");
  const auto calls = script_.reports.Await(1);
  EXPECT_EQ(calls[0].request.worker(), "w");
  EXPECT_EQ(calls[0].request.reports(0).score().top1(), 0.5);
  EXPECT_FALSE(leases_.empty());

  answer.Notify();

  EXPECT_EQ(sender_->Drain(kPatience), 0);
  EXPECT_TRUE(leases_.empty());
}

TEST_F(ReportSenderTest, WhatIsQueuedMeanwhileGoesInOneCall) {
  absl::Notification answer;
  script_.reports.SetAnswer([&](const auto& request, auto& response) {
    answer.WaitForNotification();
    return Accept(request, response);
  });
  Finish("l1-0-1");
  script_.reports.Await(1);
  for (int i = 1; i <= 5; ++i) Finish(absl::StrCat("l1-", i, "-1"));

  answer.Notify();

  EXPECT_EQ(sender_->Drain(kPatience), 0);
  const auto calls = script_.reports.Await(2);
  ASSERT_THAT(calls, SizeIs(2));
  ASSERT_THAT(calls[1].request.reports(), SizeIs(5));
  EXPECT_EQ(calls[1].request.reports(4).lease_id(), "l1-5-1");
}

TEST_F(ReportSenderTest, AwayCoordinatorIsAskedAgainWithTheSameIdAndGrowingWaits) {
  script_.reports.SetAnswer([](const auto&, auto&) { return Away(); });
  Finish("l1-0-1");
  const auto calls = script_.reports.AdvanceUntil(6, clock_, kFirstWait / 2);

  // Waits of 1, 2, 4, 4, 4 s at least.
  const absl::Duration least[] = {kFirstWait, 2 * kFirstWait, kLongestWait, kLongestWait,
                                  kLongestWait};
  for (int i = 0; i < 5; ++i) {
    EXPECT_GE(calls[i + 1].time - calls[i].time, least[i]) << i;
    EXPECT_EQ(calls[i + 1].request.request_id(), calls[0].request.request_id());
  }
  EXPECT_FALSE(leases_.empty());

  script_.reports.SetAnswer(Accept);
  script_.reports.AdvanceUntil(7, clock_, kLongestWait);
  EXPECT_EQ(sender_->Drain(kPatience), 0);
}

TEST_F(ReportSenderTest, HungCoordinatorIsAskedAgain) {
  absl::Notification timed_out;
  script_.reports.SetAnswer([&](const auto&, auto&) {
    timed_out.WaitForNotification();
    return grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "no answer");
  });
  Finish("l1-0-1");
  script_.reports.Await(1);
  script_.reports.SetAnswer(Accept);

  timed_out.Notify();

  const auto calls = script_.reports.AdvanceUntil(2, clock_, kFirstWait);
  EXPECT_EQ(calls[1].request.request_id(), calls[0].request.request_id());
  EXPECT_EQ(sender_->Drain(kPatience), 0);
}

TEST_F(ReportSenderTest, RefusedReportIsFoundByHalvesAndDropped) {
  absl::Notification answer;
  script_.reports.SetAnswer([&](const v1::ReportScoresRequest& request, auto& response) {
    answer.WaitForNotification();
    for (const v1::ScoreReport& report : request.reports()) {
      if (report.lease_id() != "l1-2-1") continue;
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "not that one");
    }
    return Accept(request, response);
  });
  Finish("first");
  script_.reports.Await(1);
  for (int i = 0; i < 4; ++i) Finish(absl::StrCat("l1-", i, "-1"));

  answer.Notify();

  EXPECT_EQ(sender_->Drain(kPatience), 0);
  EXPECT_TRUE(leases_.empty());
  // The first, all four, two, two, one, one.
  EXPECT_EQ(script_.reports.count(), 6u);
}

TEST_F(ReportSenderTest, LateAndRejectedReportsAreSettled) {
  script_.reports.SetAnswer([](const auto&, v1::ReportScoresResponse& response) {
    response.add_verdicts()->set_verdict(v1::VERDICT_LATE_RECORDED);
    return grpc::Status::OK;
  });
  Finish("l1-0-1");
  EXPECT_EQ(sender_->Drain(kPatience), 0);
  EXPECT_TRUE(leases_.empty());
}

TEST_F(ReportSenderTest, DrainGivesUpAfterItsPatienceAndSaysWhatIsLeft) {
  script_.reports.SetAnswer([](const auto&, auto&) { return Away(); });
  Finish("l1-0-1");
  script_.reports.Await(1);
  for (int i = 1; i <= 2; ++i) Finish(absl::StrCat("l1-", i, "-1"));
  absl::Notification ended;
  int left = 0;
  std::thread draining([&] {
    left = sender_->Drain(kPatience);
    ended.Notify();
  });

  while (!ended.HasBeenNotified()) {
    clock_.Advance(kPatience / 10);
    ended.WaitForNotificationWithTimeout(absl::Milliseconds(5));
  }
  draining.join();

  EXPECT_EQ(left, 3);
  EXPECT_GE(clock_.Now(), absl::FromUnixSeconds(1000) + kPatience);
  EXPECT_FALSE(leases_.empty());
}

TEST_F(ReportSenderTest, DrainWithoutPatienceEndsAWaitAtOnce) {
  script_.reports.SetAnswer([](const auto&, auto&) { return Away(); });
  Finish("l1-0-1");
  script_.reports.Await(1);

  EXPECT_EQ(sender_->Drain(absl::ZeroDuration()), 1);
  EXPECT_EQ(sender_->Drain(absl::ZeroDuration()), 1);
}

}  // namespace
}  // namespace niwaki::worker
