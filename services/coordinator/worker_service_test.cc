#include "services/coordinator/worker_service.h"

#include <cmath>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/call.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

class WorkerServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    coordinator_.RegisterSupernet();
    coordinator_.CreateJob(TestCoordinator::Spec(40), "job");
  }

  absl::StatusOr<v1::ReportScoresResponse> Report(const v1::ReportScoresRequest& request) {
    return rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::ReportScores, request,
                     kTimeout);
  }

  // One report of the first lease with the score's loss set.
  static v1::ReportScoresRequest OneReport(const v1::LeaseCandidatesResponse& leases, double loss) {
    v1::ReportScoresRequest request;
    request.set_worker("w");
    v1::ScoreReport& report = *request.add_reports();
    report.set_lease_id(leases.leases(0).lease_id());
    report.set_epoch(leases.leases(0).epoch());
    report.mutable_score()->set_top1(0.5);
    report.mutable_score()->set_loss(loss);
    report.mutable_score()->set_images(10);
    return request;
  }

  v1::ScoreVerdict Verdict(const v1::ReportScoresRequest& request) {
    const auto response = Report(request);
    EXPECT_THAT(response, IsOk());
    return response->verdicts(0);
  }

  TestCoordinator coordinator_;
};

TEST_F(WorkerServiceTest, LeaseSaysEverythingThatAWorkerNeeds) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto response, coordinator_.Lease("w", 3));

  ASSERT_GE(response.leases_size(), 1);
  const v1::Lease& lease = response.leases(0);
  EXPECT_EQ(lease.candidate(), "jobs/job/candidates/0");
  EXPECT_EQ(lease.epoch(), 1);
  EXPECT_FALSE(lease.subnet_json().empty());
  EXPECT_EQ(lease.supernet_digest().size(), 64);
  EXPECT_EQ(lease.evaluation().data_digest().size(), 64);
  EXPECT_EQ(lease.evaluation().calibration_images(), 512);
  EXPECT_EQ(lease.evaluation().precision(), "cpu-f32");
  EXPECT_EQ(response.ttl().seconds(), 15);
}

TEST_F(WorkerServiceTest, WrongRequestsNameTheField) {
  const auto field = [](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return GetErrorDetail(status).value_or(ErrorDetail()).field;
  };
  EXPECT_EQ(field(coordinator_.Lease("", 1).status()), "worker");
  EXPECT_EQ(field(coordinator_.Lease("a b", 1).status()), "worker");
  EXPECT_EQ(field(coordinator_.Lease("w", 0).status()), "max_candidates");
  EXPECT_EQ(field(coordinator_.Lease("w", 1025).status()), "max_candidates");
  EXPECT_EQ(field(coordinator_.Lease("w", 1, 30001).status()), "wait");
  EXPECT_EQ(field(coordinator_.Lease("w", 1, -1).status()), "wait");
  EXPECT_EQ(field(coordinator_.Lease("w", 1, 0, "not a uuid").status()), "request_id");
  EXPECT_EQ(field(coordinator_.Lease("w", 1, 0, "", "cuda").status()), "precision");
  v1::ReportScoresRequest report;
  report.set_worker("w");
  EXPECT_EQ(field(Report(report).status()), "reports");
  report.add_reports()->set_lease_id("l1-1-1");
  EXPECT_EQ(field(Report(report).status()), "reports[0].result");
}

TEST_F(WorkerServiceTest, SameRequestIdGivesTheSameLeases) {
  const std::string id = NewUuid();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, coordinator_.Lease("w", 2, 2000, id));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto again, coordinator_.Lease("w", 2, 2000, id));

  ASSERT_EQ(again.leases_size(), first.leases_size());
  EXPECT_EQ(again.leases(0).lease_id(), first.leases(0).lease_id());
  EXPECT_THAT(coordinator_.Lease("w", 3, 2000, id),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
  // Those that were reported meanwhile do not live any more.
  NIWAKI_ASSERT_OK(coordinator_.Report("w", first));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto later, coordinator_.Lease("w", 2, 2000, id));
  EXPECT_EQ(later.leases_size(), 0);
}

TEST_F(WorkerServiceTest, NanIsRejectedAndTheLeaseStays) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));

  const v1::ScoreVerdict verdict = Verdict(OneReport(leases, std::nan("")));

  EXPECT_EQ(verdict.verdict(), v1::VERDICT_REJECTED);
  EXPECT_EQ(verdict.reason(), reason::kScoreNotFinite);
  EXPECT_EQ(Verdict(OneReport(leases, 1.5)).verdict(), v1::VERDICT_ACCEPTED);
}

TEST_F(WorkerServiceTest, RepeatedAndConflictingReportsAreToldApart) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  EXPECT_EQ(Verdict(OneReport(leases, 1.5)).verdict(), v1::VERDICT_ACCEPTED);
  EXPECT_EQ(Verdict(OneReport(leases, 1.5)).verdict(), v1::VERDICT_DUPLICATE);
  EXPECT_EQ(Verdict(OneReport(leases, 1.6)).verdict(), v1::VERDICT_CONFLICT);
}

TEST_F(WorkerServiceTest, RepeatedRequestGivesTheSameVerdicts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  v1::ReportScoresRequest request = OneReport(leases, 1.5);
  request.set_request_id(NewUuid());
  EXPECT_EQ(Verdict(request).verdict(), v1::VERDICT_ACCEPTED);
  EXPECT_EQ(Verdict(request).verdict(), v1::VERDICT_ACCEPTED);
}

TEST_F(WorkerServiceTest, LeaseNeverGivenIsRejected) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  v1::ReportScoresRequest request = OneReport(leases, 1.5);
  request.mutable_reports(0)->set_lease_id("l1-30-1");

  EXPECT_EQ(Verdict(request).reason(), reason::kLeaseUnknown);
}

TEST_F(WorkerServiceTest, CancelledJobRevokesThroughTheHeartbeat) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  v1::ExtendLeasesRequest extend;
  extend.set_worker("w");
  v1::LeaseRef& held = *extend.add_leases();
  held.set_lease_id(leases.leases(0).lease_id());
  held.set_epoch(1);
  const auto revoked = [&] {
    return rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::ExtendLeases, extend,
                     kTimeout)
        ->revoked_lease_ids_size();
  };
  EXPECT_EQ(revoked(), 0);
  v1::CancelJobRequest cancel;
  cancel.set_name("jobs/job");
  NIWAKI_ASSERT_OK(
      rpc::Call(coordinator_.jobs(), &v1::JobService::Stub::CancelJob, cancel, kTimeout));

  EXPECT_EQ(revoked(), 1);
}

TEST_F(WorkerServiceTest, PrecisionsDoNotMix) {
  constexpr char kCuda[] = "cuda-bf16";
  // The job's own candidates are for a CPU.
  while (coordinator_.Get("job").progress().pending() == 0) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(coordinator_.Lease("gpu", 4, /*wait_ms=*/50, "", kCuda)->leases_size(), 0);
  coordinator_.Work("job");
  // The same search, so at first the same networks.
  v1::JobSpec spec = TestCoordinator::Spec(40);
  spec.mutable_evaluation()->set_precision(kCuda);
  EXPECT_EQ(coordinator_.CreateJob(spec, "cuda").spec().evaluation().precision(), kCuda);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 4, 20000, "", kCuda));

  EXPECT_EQ(coordinator_.Lease("old", 4, /*wait_ms=*/50)->leases_size(), 0);
  ASSERT_GE(leases.leases_size(), 1);
  EXPECT_EQ(leases.leases(0).evaluation().precision(), kCuda);
  EXPECT_EQ(leases.leases(0).subnet_json(), coordinator_.Candidates("job")[0].subnet_json());
  EXPECT_EQ(coordinator_.Get("cuda").progress().cached(), 0);
  // A different score than the CPU's of the same network is no conflict.
  EXPECT_EQ(Verdict(OneReport(leases, 7.5)).verdict(), v1::VERDICT_ACCEPTED);
  EXPECT_EQ(coordinator_.Get("job").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(WorkerServiceTest, WaitingWorkerIsWokenByANewJob) {
  coordinator_.Work("job");
  absl::StatusOr<v1::LeaseCandidatesResponse> answer;
  std::thread waiting([&] { answer = coordinator_.Lease("w", 1, 20000); });
  v1::JobSpec spec = TestCoordinator::Spec(5);
  spec.set_seed(99);

  coordinator_.CreateJob(spec, "second");
  waiting.join();

  NIWAKI_ASSERT_OK(answer);
  EXPECT_EQ(answer->leases_size(), 1);
}

}  // namespace
}  // namespace niwaki::coordinator
