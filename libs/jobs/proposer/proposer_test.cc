#include "libs/jobs/proposer/proposer.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/clock.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

class ProposerTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }
  void TearDown() override { Stop(); }

  void Start() {
    ProposerOptions options;
    options.min_pause = absl::Milliseconds(1);
    options.max_pause = absl::Milliseconds(5);
    proposer_ = std::make_unique<Proposer>(store_, costs_, Clock::Real(), options);
    EngineLoopOptions loop;
    loop.on_committed = [this](const Mutations& mutations) {
      proposer_->OnCommitted(mutations);
      absl::MutexLock lock(&mutex_);
      ++commits_;
    };
    loop_ = *EngineLoop::Start(store_, Clock::Real(), std::move(loop));
    NIWAKI_ASSERT_OK(proposer_->Start(*loop_));
  }

  void Stop() {
    proposer_->Stop();
    loop_->Stop();
  }

  void CreateJob(const std::string& device = "fake") {
    Job job;
    job.id = "a";
    job.spec.device = device;
    job.spec.max_candidates = 20;
    job.spec.max_parallel = 6;
    job.space_text = arch::CatalogueSpace("kws")->ToTextproto();
    NIWAKI_ASSERT_OK(loop_->Run(
        [&](JobEngine& engine, absl::Time now) { return engine.CreateJob(job, now).status(); }));
  }

  // Waits for a committed state of the job; false when it does not come.
  bool WaitFor(const std::function<bool(const Job&)>& condition) {
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (true) {
      int64_t seen = 0;
      {
        absl::MutexLock lock(&mutex_);
        seen = commits_;
      }
      if (condition(**store_.FindJob("a"))) return true;
      absl::MutexLock lock(&mutex_);
      const auto more = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return commits_ > seen; };
      if (!mutex_.AwaitWithDeadline(absl::Condition(&more), end)) return false;
    }
  }

  // Scores everything that can be leased, once.
  void ScoreRound() {
    NIWAKI_ASSERT_OK(loop_->Run([](JobEngine& engine, absl::Time now) {
      const std::vector<LeaseGrant> grants = *engine.Lease("w", kDefaultPrecision, 100, now);
      for (const LeaseGrant& grant : grants) {
        (void)engine.ReportScores(
            "w", {{grant.id.ToString(), grant.id.epoch, FakeScoreOf(grant.subnet_json), ""}}, now);
      }
      return absl::OkStatus();
    }));
  }

  FakeCostSource costs_;
  InMemoryJobStore store_;
  absl::Mutex mutex_;
  int64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<Proposer> proposer_;
  std::unique_ptr<EngineLoop> loop_;
};

TEST_F(ProposerTest, NewJobGetsAsManyCandidatesAsMayFly) {
  CreateJob();
  EXPECT_TRUE(WaitFor([](const Job& job) { return job.counters.pending == 6; }));
}

TEST_F(ProposerTest, OutcomesBringMoreUntilTheEnd) {
  CreateJob();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(
        WaitFor([](const Job& job) { return IsFinal(job.state) || job.counters.pending > 0; }));
    ScoreRound();
  }
  EXPECT_TRUE(WaitFor([](const Job& job) { return job.state == JobState::kSucceeded; }));
  EXPECT_EQ((*store_.FindJob("a"))->counters.scored, 20);
}

TEST_F(ProposerTest, AbsentOracleIsExcusedAndTriedAgain) {
  costs_.SetFailure(absl::UnavailableError("connection refused"));
  CreateJob();
  EXPECT_TRUE(WaitFor([](const Job& job) {
    return !IsFinal(job.state) && absl::StrContains(job.state_reason, "connection refused");
  }));

  costs_.SetFailure(absl::OkStatus());

  EXPECT_TRUE(WaitFor(
      [](const Job& job) { return job.counters.pending == 6 && job.state_reason.empty(); }));
}

TEST_F(ProposerTest, ErrorThatCannotHealFailsTheJob) {
  CreateJob("no such device");
  EXPECT_TRUE(WaitFor([](const Job& job) {
    return job.state == JobState::kFailed && absl::StrContains(job.state_reason, "no such device");
  }));
}

TEST_F(ProposerTest, FailedCommitOfProposalsIsRepeated) {
  CreateJob();
  ASSERT_TRUE(WaitFor([](const Job& job) { return job.counters.pending == 6; }));
  ScoreRound();
  store_.FailCommit(1, absl::ResourceExhaustedError("disk full"));

  EXPECT_TRUE(WaitFor([](const Job& job) { return job.counters.proposed >= 12; }));
}

TEST_F(ProposerTest, LiveJobsAreTakenUpAtStart) {
  CreateJob();
  ASSERT_TRUE(WaitFor([](const Job& job) { return job.counters.pending == 6; }));
  Stop();
  Start();
  ScoreRound();
  EXPECT_TRUE(WaitFor([](const Job& job) { return job.counters.proposed >= 12; }));
}

}  // namespace
}  // namespace niwaki::jobs
