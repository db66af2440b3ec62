#include "services/coordinator/job_service.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Seconds(30);

class JobServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { coordinator_.RegisterSupernet(); }

  static v1::CreateJobRequest Request(const std::string& id, int candidates = 10) {
    v1::CreateJobRequest request;
    *request.mutable_spec() = TestCoordinator::Spec(candidates);
    request.set_job_id(id);
    return request;
  }

  template <typename Method, typename Req>
  auto Call(Method method, const Req& request) {
    return rpc::Call(coordinator_.jobs(), method, request, kTimeout);
  }

  template <typename Req>
  static Req Named(const std::string& id) {
    Req request;
    request.set_name("jobs/" + id);
    return request;
  }

  TestCoordinator coordinator_;
};

TEST_F(JobServiceTest, DefaultsAreFilledIn) {
  v1::CreateJobRequest request;
  request.mutable_spec()->set_supernet("supernets/kws");
  request.mutable_spec()->set_device("devices/fake");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response, coordinator_.Create(request));

  const v1::JobSpec& spec = response.job().spec();
  EXPECT_THAT(response.job().name(), ::testing::StartsWith("jobs/job-"));
  EXPECT_EQ(spec.max_candidates(), 200);
  EXPECT_EQ(spec.max_parallel(), 32);
  EXPECT_EQ(spec.seed(), 1);
  EXPECT_EQ(spec.nsga2().population(), 50);
  EXPECT_EQ(spec.objectives_size(), 2);
  EXPECT_EQ(spec.evaluation().calibration_images(), 512);
  EXPECT_EQ(spec.evaluation().data_digest().size(), 64);
  EXPECT_EQ(response.feasible_share(), 1);
}

TEST_F(JobServiceTest, LimitOnAnUnknownFigureIsRefusedAtOnce) {
  v1::CreateJobRequest request = Request("energy");
  v1::Constraint& constraint = *request.mutable_spec()->add_constraints();
  constraint.set_metric(v1::METRIC_ENERGY_MJ);
  constraint.set_max(1e9);
  const int index = request.spec().constraints_size() - 1;

  const absl::Status status = coordinator_.Create(request).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, absl::StrCat("spec.constraints[", index, "].metric"));
  EXPECT_EQ(GetErrorDetail(status)->value, "energy_mj");
  EXPECT_THAT(status.message(), HasSubstr("device 'fake' has no figure for energy_mj, which the "
                                          "job limits"));
  EXPECT_THAT(status.message(), HasSubstr("active_power_mw"));
}

TEST_F(JobServiceTest, WrongSpecsNameReasonAndField) {
  struct Case {
    std::function<void(v1::CreateJobRequest&)> spoil;
    absl::StatusCode code;
    std::string reason;
    std::string field;
  };
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  const std::vector<Case> cases = {
      {[](auto& r) { r.mutable_spec()->set_supernet("kws"); }, kInvalid, reason::kArgumentInvalid,
       "spec.supernet"},
      {[](auto& r) { r.mutable_spec()->set_supernet("supernets/nope"); },
       absl::StatusCode::kNotFound, reason::kSupernetUnknown, "spec.supernet"},
      {[](auto& r) { r.mutable_spec()->set_device("devices/nope"); }, absl::StatusCode::kNotFound,
       reason::kDeviceUnknown, "spec.device"},
      {[](auto& r) { r.mutable_spec()->add_objectives(v1::METRIC_UNSPECIFIED); }, kInvalid,
       reason::kArgumentInvalid, "spec.objectives[0]"},
      {[](auto& r) { r.mutable_spec()->add_objectives(v1::METRIC_ENERGY_MJ); }, kInvalid,
       reason::kArgumentInvalid, "spec.objectives[0]"},
      {[](auto& r) {
         v1::Constraint& c = *r.mutable_spec()->add_constraints();
         c.set_metric(v1::METRIC_SRAM_BYTES);
         c.set_max(-1);
       },
       kInvalid, reason::kArgumentInvalid, "spec.constraints[0].max"},
      {[](auto& r) { r.mutable_spec()->set_max_candidates(-1); }, kInvalid,
       reason::kArgumentInvalid, "spec.max_candidates"},
      {[](auto& r) { r.mutable_spec()->mutable_evolution(); }, kInvalid, reason::kArgumentInvalid,
       "spec.objectives"},
      {[](auto& r) { r.set_job_id("Not Good"); }, kInvalid, reason::kArgumentInvalid, "job_id"},
      {[](auto& r) { r.set_request_id("x"); }, kInvalid, reason::kArgumentInvalid, "request_id"},
      {[](auto& r) {
         r.mutable_spec()->mutable_evaluation()->set_data_digest(std::string(64, '0'));
       },
       absl::StatusCode::kNotFound, reason::kArtifactUnknown, "spec.evaluation.data_digest"},
  };

  for (const Case& bad : cases) {
    v1::CreateJobRequest request = Request("job");
    bad.spoil(request);
    const absl::Status status = coordinator_.Create(request).status();
    EXPECT_THAT(status, HasReason(bad.code, bad.reason)) << bad.field;
    EXPECT_EQ(GetErrorDetail(status).value_or(ErrorDetail()).field, bad.field);
  }
}

TEST_F(JobServiceTest, ImpossibleBudgetNamesWhatTheSmallestNeeds) {
  v1::CreateJobRequest request = Request("job");
  v1::Constraint& constraint = *request.mutable_spec()->add_constraints();
  constraint.set_metric(v1::METRIC_SRAM_BYTES);
  constraint.set_max(10);

  const absl::Status status = coordinator_.Create(request).status();

  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("sram_bytes"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("1000"));
  EXPECT_THAT(Call(&v1::JobService::Stub::GetJob, Named<v1::GetJobRequest>("job")),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, ValidateOnlyCreatesNothing) {
  v1::CreateJobRequest request = Request("job");
  request.set_validate_only(true);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response, coordinator_.Create(request));

  EXPECT_EQ(response.job().name(), "");
  EXPECT_EQ(response.feasible_share(), 1);
  EXPECT_THAT(Call(&v1::JobService::Stub::GetJob, Named<v1::GetJobRequest>("job")),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, AbsentOracleIsUnavailableAndRepetitionStillAnswers) {
  v1::CreateJobRequest request = Request("job");
  request.set_request_id(NewUuid());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse first, coordinator_.Create(request));
  coordinator_.costs().SetFailure(absl::UnavailableError("oracle away"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse again, coordinator_.Create(request));

  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(coordinator_.Create(Request("other")),
              StatusIs(absl::StatusCode::kUnavailable, "oracle away"));
}

TEST_F(JobServiceTest, RequestIdOfAnotherRequestIsRefused) {
  v1::CreateJobRequest request = Request("job");
  request.set_request_id(NewUuid());
  NIWAKI_ASSERT_OK(coordinator_.Create(request));
  request.mutable_spec()->set_seed(5);
  EXPECT_THAT(coordinator_.Create(request),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
  request.set_request_id("");
  EXPECT_THAT(coordinator_.Create(request),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
}

TEST_F(JobServiceTest, JobsAndCandidatesComeInPagesBoundToTheirList) {
  for (const char* id : {"a", "b", "c"}) coordinator_.CreateJob(TestCoordinator::Spec(8), id);
  coordinator_.Work("c");
  v1::ListJobsRequest jobs;
  jobs.set_page_size(2);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, Call(&v1::JobService::Stub::ListJobs, jobs));
  jobs.set_page_token(first.next_page_token());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto second, Call(&v1::JobService::Stub::ListJobs, jobs));
  ASSERT_EQ(first.jobs_size(), 2);
  EXPECT_EQ(first.jobs(0).name(), "jobs/c");
  ASSERT_EQ(second.jobs_size(), 1);
  EXPECT_EQ(second.jobs(0).name(), "jobs/a");
  EXPECT_EQ(second.next_page_token(), "");

  v1::ListCandidatesRequest rows;
  rows.set_parent("jobs/c");
  rows.set_page_size(3);
  rows.set_state(v1::CANDIDATE_STATE_SCORED);
  std::vector<int64_t> slots;
  do {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto page, Call(&v1::JobService::Stub::ListCandidates, rows));
    for (const v1::Candidate& row : page.candidates()) slots.push_back(row.slot());
    rows.set_page_token(page.next_page_token());
  } while (!rows.page_token().empty());
  EXPECT_THAT(slots, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));

  rows.set_page_token(first.next_page_token());
  EXPECT_THAT(Call(&v1::JobService::Stub::ListCandidates, rows),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
  jobs.set_page_token("made up");
  EXPECT_THAT(Call(&v1::JobService::Stub::ListJobs, jobs),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
  jobs.set_page_token("");
  jobs.set_page_size(-1);
  EXPECT_THAT(Call(&v1::JobService::Stub::ListJobs, jobs),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST_F(JobServiceTest, FrontPagesEndWhenTheFrontChanges) {
  coordinator_.CreateJob(TestCoordinator::Spec(60), "job");
  const v1::Job job = coordinator_.Work("job");
  ASSERT_GT(job.progress().front_size(), 1);
  v1::GetFrontRequest request;
  request.set_parent("jobs/job");
  request.set_page_size(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, Call(&v1::JobService::Stub::GetFront, request));
  request.set_page_token(first.next_page_token());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto second, Call(&v1::JobService::Stub::GetFront, request));
  EXPECT_EQ(second.etag(), first.etag());
  EXPECT_NE(second.candidates(0).slot(), first.candidates(0).slot());
  EXPECT_EQ(first.total_size(), job.progress().front_size());

  // Another job under the same name has another front.
  NIWAKI_ASSERT_OK(Call(&v1::JobService::Stub::DeleteJob, Named<v1::DeleteJobRequest>("job")));
  coordinator_.CreateJob(TestCoordinator::Spec(60), "job");
  EXPECT_FALSE(Call(&v1::JobService::Stub::GetFront, request).ok());
}

TEST_F(JobServiceTest, FrontOfALiveJobChangesItsEtag) {
  v1::JobSpec spec = TestCoordinator::Spec(60);
  spec.set_max_parallel(30);
  coordinator_.CreateJob(spec, "job");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 12));
  NIWAKI_ASSERT_OK(coordinator_.Report("w", leases));
  v1::GetFrontRequest request;
  request.set_parent("jobs/job");
  request.set_page_size(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, Call(&v1::JobService::Stub::GetFront, request));
  ASSERT_NE(first.next_page_token(), "");
  coordinator_.Work("job");
  ASSERT_NE(coordinator_.Front("job").etag(), first.etag());

  request.set_page_token(first.next_page_token());
  EXPECT_THAT(Call(&v1::JobService::Stub::GetFront, request),
              HasReason(absl::StatusCode::kAborted, reason::kEtagMismatch));
}

TEST_F(JobServiceTest, PauseResumeCancelDelete) {
  coordinator_.CreateJob(TestCoordinator::Spec(20), "job");
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto paused, Call(&v1::JobService::Stub::PauseJob, Named<v1::PauseJobRequest>("job")));
  EXPECT_EQ(paused.job().state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(coordinator_.Lease("w", 1, /*wait_ms=*/50)->leases_size(), 0);
  NIWAKI_ASSERT_OK(Call(&v1::JobService::Stub::ResumeJob, Named<v1::ResumeJobRequest>("job")));
  EXPECT_EQ(coordinator_.Lease("w", 1)->leases_size(), 1);
  EXPECT_THAT(Call(&v1::JobService::Stub::DeleteJob, Named<v1::DeleteJobRequest>("job")),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cancelled, Call(&v1::JobService::Stub::CancelJob,
                                                         Named<v1::CancelJobRequest>("job")));
  EXPECT_EQ(cancelled.job().state(), v1::JOB_STATE_CANCELLED);
  EXPECT_THAT(Call(&v1::JobService::Stub::ResumeJob, Named<v1::ResumeJobRequest>("job")),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));

  v1::DeleteJobRequest deletion = Named<v1::DeleteJobRequest>("job");
  deletion.set_etag("0-0");
  EXPECT_THAT(Call(&v1::JobService::Stub::DeleteJob, deletion),
              HasReason(absl::StatusCode::kAborted, reason::kEtagMismatch));
  deletion.set_etag(cancelled.job().etag());
  NIWAKI_ASSERT_OK(Call(&v1::JobService::Stub::DeleteJob, deletion));
  EXPECT_THAT(Call(&v1::JobService::Stub::GetJob, Named<v1::GetJobRequest>("job")),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, WatchEndsWithTheFinalState) {
  coordinator_.CreateJob(TestCoordinator::Spec(60), "job");
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("job"));
  std::thread worker([&] { coordinator_.Work("job"); });
  v1::WatchJobResponse message;
  int messages = 0;
  int64_t scored = 0;
  while (stream->Read(&message)) {
    ++messages;
    EXPECT_GE(message.job().progress().scored(), scored);
    scored = message.job().progress().scored();
  }
  worker.join();

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_GE(messages, 2);
  EXPECT_EQ(message.job().state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(message.job().progress().scored(), 60);
}

TEST_F(JobServiceTest, WatchOfAnEndedJobSendsItOnce) {
  coordinator_.CreateJob(TestCoordinator::Spec(5), "job");
  coordinator_.Work("job");
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("job"));
  v1::WatchJobResponse message;
  EXPECT_TRUE(stream->Read(&message));
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(JobServiceTest, WatchOfAnUnknownJobIsNotFound) {
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("nope"));
  v1::WatchJobResponse message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_THAT(rpc::FromGrpcStatus(stream->Finish()),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, WatchEndsWhenTheCoordinatorStops) {
  coordinator_.CreateJob(TestCoordinator::Spec(5), "job");
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("job"));
  v1::WatchJobResponse message;
  ASSERT_TRUE(stream->Read(&message));
  std::thread stop([&] { coordinator_.Stop(); });
  while (stream->Read(&message)) {
  }
  stop.join();
  EXPECT_THAT(rpc::FromGrpcStatus(stream->Finish()), StatusIs(absl::StatusCode::kUnavailable, ""));
}

// Fronts scored on the test split.
constexpr int kTestImages = 840;

class JobServiceFrontTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = TestCoordinator::FreshOptions();
    coordinator_ = std::make_unique<TestCoordinator>(options_);
    coordinator_->RegisterSupernet();
  }

  void Restart() {
    coordinator_->Stop();
    coordinator_ = nullptr;
    coordinator_ = std::make_unique<TestCoordinator>(options_);
  }

  absl::StatusOr<v1::TestFrontResponse> TestFront(const std::string& job,
                                                  const std::string& request_id = "") {
    v1::TestFrontRequest request;
    request.set_name("jobs/" + job);
    request.set_request_id(request_id);
    return rpc::Call(coordinator_->jobs(), &v1::JobService::Stub::TestFront, request, kTimeout);
  }

  // The test split is harder than the validation split.
  static v1::Score TestScoreOf(const std::string& subnet_json) {
    v1::Score score = ToProto(jobs::FakeScoreOf(subnet_json));
    score.set_top1(score.top1() * 0.97);
    score.set_images(kTestImages);
    return score;
  }

  // Leases once and reports; how many leases there were. Each must be of the test split.
  int WorkOnTest(int max) {
    const auto leases = coordinator_->Lease("w", max);
    EXPECT_THAT(leases, IsOk());
    if (!leases.ok() || leases->leases_size() == 0) return 0;
    v1::ReportScoresRequest request;
    request.set_worker("w");
    for (const v1::Lease& lease : leases->leases()) {
      EXPECT_EQ(lease.evaluation().split(), v1::SPLIT_TEST);
      EXPECT_EQ(lease.evaluation().evaluation_images(), 0);
      v1::ScoreReport& report = *request.add_reports();
      report.set_lease_id(lease.lease_id());
      report.set_epoch(lease.epoch());
      *report.mutable_score() = TestScoreOf(lease.subnet_json());
    }
    EXPECT_THAT(rpc::Call(coordinator_->workers(), &v1::WorkerService::Stub::ReportScores, request,
                          kTimeout),
                IsOk());
    return leases->leases_size();
  }

  // Whether each of the front has the test score of its network, and its validation score still.
  void ExpectTested(const v1::GetFrontResponse& front) {
    ASSERT_GT(front.candidates_size(), 0);
    for (const v1::Candidate& candidate : front.candidates()) {
      EXPECT_EQ(candidate.score().top1(), jobs::FakeScoreOf(candidate.subnet_json()).top1);
      EXPECT_EQ(candidate.test_score().top1(), TestScoreOf(candidate.subnet_json()).top1());
      EXPECT_EQ(candidate.test_score().images(), kTestImages);
    }
  }

  Options options_;
  std::unique_ptr<TestCoordinator> coordinator_;
};

TEST_F(JobServiceFrontTest, FinishedJobIsTestedOnRequest) {
  coordinator_->CreateJob(TestCoordinator::Spec(20), "a");
  coordinator_->Work("a");
  const v1::GetFrontResponse untested = coordinator_->Front("a");
  EXPECT_EQ(untested.test_job(), "");
  EXPECT_FALSE(untested.candidates(0).has_test_score());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::TestFrontResponse begun, TestFront("a"));

  EXPECT_EQ(begun.job().name(), "jobs/a.test");
  EXPECT_EQ(begun.job().spec().tested_job(), "jobs/a");
  EXPECT_EQ(begun.job().spec().max_candidates(), untested.total_size());
  int scored = 0;
  while (scored < untested.total_size()) scored += WorkOnTest(3);
  EXPECT_EQ(scored, untested.total_size());
  EXPECT_EQ(coordinator_->Get("a.test").state(), v1::JOB_STATE_SUCCEEDED);
  const v1::GetFrontResponse tested = coordinator_->Front("a");
  EXPECT_EQ(tested.test_job(), "jobs/a.test");
  EXPECT_EQ(tested.etag(), untested.etag());
  ExpectTested(tested);
  // The job that tests has no test of its own.
  EXPECT_FALSE(coordinator_->Front("a.test").candidates(0).has_test_score());
}

TEST_F(JobServiceFrontTest, JobThatAsksForItIsTestedAfterARestartInTheMiddle) {
  v1::JobSpec spec = TestCoordinator::Spec(20);
  spec.set_test_front(true);
  EXPECT_TRUE(coordinator_->CreateJob(spec, "a").spec().test_front());
  coordinator_->Work("a");
  ASSERT_GT(coordinator_->Front("a").total_size(), 1);
  EXPECT_EQ(WorkOnTest(1), 1);

  Restart();

  while (!coordinator_->Get("a.test").has_end_time()) WorkOnTest(3);
  ExpectTested(coordinator_->Front("a"));
}

TEST_F(JobServiceFrontTest, SearchIsTheSameWithAndWithoutTest) {
  coordinator_->CreateJob(TestCoordinator::Spec(20), "plain");
  coordinator_->Work("plain");
  ASSERT_THAT(TestFront("plain"), IsOk());
  while (!coordinator_->Get("plain.test").has_end_time()) WorkOnTest(3);

  // The same search, with test scores of its networks in the database.
  v1::JobSpec spec = TestCoordinator::Spec(20);
  spec.set_test_front(true);
  coordinator_->CreateJob(spec, "tested");
  coordinator_->Work("tested");

  const std::vector<v1::Candidate> plain = coordinator_->Candidates("plain");
  const std::vector<v1::Candidate> tested = coordinator_->Candidates("tested");
  ASSERT_EQ(plain.size(), tested.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(plain[i].subnet_json(), tested[i].subnet_json());
    EXPECT_EQ(plain[i].score().top1(), tested[i].score().top1());
    EXPECT_FALSE(tested[i].has_test_score());
  }
  // Known scores make a test that no worker is asked for.
  while (!coordinator_->Get("tested.test").has_end_time()) EXPECT_EQ(WorkOnTest(3), 0);
  ExpectTested(coordinator_->Front("tested"));
}

TEST_F(JobServiceFrontTest, RepeatedRequestHasTheSameAnswer) {
  coordinator_->CreateJob(TestCoordinator::Spec(5), "a");
  EXPECT_THAT(TestFront("a").status(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));
  EXPECT_THAT(TestFront("none").status(),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
  coordinator_->Work("a");
  const std::string id = NewUuid();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::TestFrontResponse first, TestFront("a", id));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::TestFrontResponse second, TestFront("a", id));

  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_F(JobServiceFrontTest, SearchOnTheTestSplitIsRefused) {
  v1::CreateJobRequest request;
  *request.mutable_spec() = TestCoordinator::Spec(5);
  request.mutable_spec()->mutable_evaluation()->set_split(v1::SPLIT_TEST);

  const absl::Status status = coordinator_->Create(request).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("test_front"));
}

}  // namespace
}  // namespace niwaki::coordinator
