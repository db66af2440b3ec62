#include "services/coordinator/worker_service.h"

#include <cmath>
#include <string>
#include <thread>
#include <vector>

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

class DrainTest : public WorkerServiceTest {
 protected:
  static absl::StatusOr<v1::Worker> Drain(TestCoordinator& coordinator, const std::string& name,
                                          bool undo = false, const std::string& request_id = "") {
    v1::DrainWorkerRequest request;
    request.set_name(name);
    request.set_undo(undo);
    request.set_request_id(request_id);
    const auto response =
        rpc::Call(coordinator.workers(), &v1::WorkerService::Stub::DrainWorker, request, kTimeout);
    if (!response.ok()) return response.status();
    return response->worker();
  }

  std::vector<v1::Worker> List(int page_size) {
    std::vector<v1::Worker> workers;
    v1::ListWorkersRequest request;
    request.set_page_size(page_size);
    do {
      const auto page = rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::ListWorkers,
                                  request, kTimeout);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      EXPECT_LE(page->workers_size(), page_size);
      workers.insert(workers.end(), page->workers().begin(), page->workers().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return workers;
  }
};

TEST_F(DrainTest, SleepingWorkerIsToldAtOnce) {
  coordinator_.Work("job", "w");
  absl::StatusOr<v1::LeaseCandidatesResponse> answer;
  std::thread waiting([&] { answer = coordinator_.Lease("sleeper", 1, 29000); });
  while (List(100).size() < 2) absl::SleepFor(absl::Milliseconds(1));
  const absl::Time begin = absl::Now();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker worker, Drain(coordinator_, "workers/sleeper"));
  waiting.join();

  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  EXPECT_EQ(worker.state(), v1::WORKER_STATE_DRAINED);
  NIWAKI_ASSERT_OK(answer);
  EXPECT_TRUE(answer->drain());
  EXPECT_EQ(answer->leases_size(), 0);
}

TEST_F(DrainTest, HolderFinishesAndIsToldByItsHeartbeat) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker draining, Drain(coordinator_, "workers/w"));
  EXPECT_EQ(draining.state(), v1::WORKER_STATE_DRAINING);
  EXPECT_EQ(draining.held(), 1);

  v1::ExtendLeasesRequest extend;
  extend.set_worker("w");
  extend.add_leases()->set_lease_id(leases.leases(0).lease_id());
  extend.mutable_leases(0)->set_epoch(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto beat,
      rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::ExtendLeases, extend, kTimeout));
  EXPECT_TRUE(beat.drain());
  EXPECT_EQ(beat.revoked_lease_ids_size(), 0);
  EXPECT_EQ(Verdict(OneReport(leases, 1.5)).verdict(), v1::VERDICT_ACCEPTED);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto none, coordinator_.Lease("w", 1, /*wait_ms=*/20000));
  EXPECT_TRUE(none.drain());
  EXPECT_EQ(none.leases_size(), 0);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker again,
                              Drain(coordinator_, "workers/w", /*undo=*/true));
  EXPECT_FALSE(again.has_drain_time());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto some, coordinator_.Lease("w", 1));
  EXPECT_FALSE(some.drain());
  EXPECT_EQ(some.leases_size(), 1);
}

TEST_F(DrainTest, UnknownWorkerGetsASuggestion) {
  NIWAKI_ASSERT_OK(coordinator_.Lease("machine-7", 1));

  const absl::Status status = Drain(coordinator_, "workers/machne-7").status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kNotFound, reason::kWorkerUnknown));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("did you mean 'machine-7'?"));
  EXPECT_THAT(Drain(coordinator_, "workers/x").status(),
              HasReason(absl::StatusCode::kNotFound, reason::kWorkerUnknown));
  EXPECT_THAT(Drain(coordinator_, "machine-7").status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(Drain(coordinator_, "workers/a b").status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST_F(DrainTest, RepeatedRequestDoesNotTakeBackWhatCameLater) {
  NIWAKI_ASSERT_OK(coordinator_.Lease("w", 1));
  const std::string id = NewUuid();
  NIWAKI_ASSERT_OK(Drain(coordinator_, "workers/w", false, id));
  NIWAKI_ASSERT_OK(Drain(coordinator_, "workers/w", /*undo=*/true));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker repeated,
                              Drain(coordinator_, "workers/w", false, id));

  EXPECT_EQ(repeated.state(), v1::WORKER_STATE_DRAINING);
  EXPECT_EQ(List(10)[0].state(), v1::WORKER_STATE_WORKING);
  EXPECT_THAT(Drain(coordinator_, "workers/w", true, id),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
}

TEST_F(DrainTest, ListComesInPagesByName) {
  for (const char* name : {"c", "a", "b"}) NIWAKI_ASSERT_OK(coordinator_.Lease(name, 1));

  const std::vector<v1::Worker> workers = List(2);

  ASSERT_EQ(workers.size(), 3u);
  EXPECT_EQ(workers[0].name(), "workers/a");
  EXPECT_EQ(workers[2].name(), "workers/c");
  EXPECT_EQ(workers[2].precision(), "cpu-f32");
  v1::ListWorkersRequest wrong;
  wrong.set_page_size(-1);
  EXPECT_THAT(
      rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::ListWorkers, wrong, kTimeout),
      StatusIs(absl::StatusCode::kInvalidArgument, "page_size"));
}

TEST(WorkerServiceRestartTest, DrainSurvivesARestart) {
  const Options options = TestCoordinator::FreshOptions();
  v1::DrainWorkerRequest request;
  request.set_name("workers/w");
  {
    TestCoordinator coordinator(options);
    NIWAKI_ASSERT_OK(coordinator.Lease("w", 1, /*wait_ms=*/0));
    NIWAKI_ASSERT_OK(
        rpc::Call(coordinator.workers(), &v1::WorkerService::Stub::DrainWorker, request, kTimeout));
  }
  TestCoordinator restarted(options);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto answer, restarted.Lease("w", 1, /*wait_ms=*/20000));

  EXPECT_TRUE(answer.drain());
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
