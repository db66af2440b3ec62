// Fronts scored on the test split, through the service.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/rpc/call.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
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
  v1::JobSpec spec = TestCoordinator::Spec(60);
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
