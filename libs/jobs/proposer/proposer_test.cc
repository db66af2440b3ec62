#include "libs/jobs/proposer/proposer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/jobs/store/in_memory_job_store.h"
#include "libs/search/constraint.h"
#include "libs/search/metric.h"

namespace niwaki::jobs {
namespace {

class ProposerTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }
  void TearDown() override { loop_->Stop(); }

  void Start() {
    proposer_ = std::make_unique<Proposer>(store_, costs_, clock_, ProposerOptions());
    events_ = std::make_unique<EventStream>();
    events_->Subscribe(*proposer_);
    EngineLoopOptions options;
    options.events = events_.get();
    loop_ = *EngineLoop::Create(store_, clock_, options);
  }

  // As after a crash.
  void Restart() {
    loop_ = nullptr;
    Start();
  }

  // Everything that can be done without time passing.
  void Settle() {
    bool more = true;
    while (more) {
      more = loop_->Step();
      more |= proposer_->Step(*loop_);
    }
  }

  void Run(EngineLoop::Apply apply) {
    absl::Status result = absl::UnknownError("not answered");
    loop_->Submit(std::move(apply), [&](const absl::Status& status) { result = status; });
    while (loop_->Step()) {
    }
    NIWAKI_ASSERT_OK(result);
  }

  void CreateJob(const std::string& device = "fake",
                 const std::vector<search::Constraint>& constraints = {}) {
    Job job;
    job.id = "a";
    job.spec.device = device;
    job.spec.constraints = constraints;
    job.spec.max_candidates = 20;
    job.spec.max_parallel = 6;
    job.space_text = arch::CatalogueSpace("kws")->ToTextproto();
    Run([&](JobEngine& engine, absl::Time now) { return engine.CreateJob(job, now).status(); });
    Settle();
  }

  Job GetJob() { return **store_.FindJob("a"); }

  // Scores everything that can be leased, once.
  void ScoreRound() {
    Run([](JobEngine& engine, absl::Time now) {
      const std::vector<LeaseGrant> grants = *engine.Lease("w", kDefaultPrecision, 100, now);
      for (const LeaseGrant& grant : grants) {
        (void)engine.ReportScores(
            "w", {{grant.id.ToString(), grant.id.epoch, FakeScoreOf(grant.subnet_json), ""}}, now);
      }
      return absl::OkStatus();
    });
  }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  FakeCostSource costs_;
  InMemoryJobStore store_;
  std::unique_ptr<EventStream> events_;
  std::unique_ptr<Proposer> proposer_;
  std::unique_ptr<EngineLoop> loop_;
};

TEST_F(ProposerTest, NewJobGetsAsManyCandidatesAsMayFly) {
  CreateJob();

  EXPECT_EQ(GetJob().counters.pending, 6);
  EXPECT_EQ(GetJob().state, JobState::kRunning);
}

TEST_F(ProposerTest, OutcomesBringMoreUntilTheEnd) {
  CreateJob();
  for (int i = 0; i < 20 && !IsFinal(GetJob().state); ++i) {
    ScoreRound();
    Settle();
  }

  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  EXPECT_EQ(GetJob().counters.scored, 20);
}

TEST_F(ProposerTest, RowsNameTheScheduleThatFitsTheLimitAlsoInTheNextProcess) {
  // No network of the space takes as little whole: 1000 bytes are the least.
  costs_.SetStreams();
  CreateJob("fake", {{search::Metric::kSramBytes, 900}});
  const auto expect_streamed = [&] {
    const std::vector<Candidate> rows = *store_.ListCandidates(GetJob().uid, 0, std::nullopt, 100);
    EXPECT_GE(rows.size(), 6);
    for (const Candidate& row : rows) {
      EXPECT_EQ(row.cost.schedule, "streamed");
      EXPECT_LE(row.cost.sram_bytes, 900);
    }
  };
  expect_streamed();
  Restart();
  ScoreRound();
  Settle();

  expect_streamed();
  EXPECT_EQ(GetJob().counters.scored, 6);
}

TEST_F(ProposerTest, AbsentOracleIsExcusedAndTriedAgain) {
  costs_.SetFailure(absl::UnavailableError("connection refused"));
  CreateJob();
  EXPECT_EQ(GetJob().state, JobState::kQueued);
  EXPECT_EQ(GetJob().state_reason, "no new candidates for now: connection refused");
  EXPECT_EQ(costs_.calls(), 1);

  costs_.SetFailure(absl::OkStatus());
  Settle();
  EXPECT_EQ(GetJob().counters.proposed, 0);
  clock_.Advance(ProposerOptions().min_pause);
  Settle();

  EXPECT_EQ(GetJob().counters.pending, 6);
  // What is missing now is somebody to score them.
  EXPECT_THAT(GetJob().state_reason, ::testing::StartsWith("no worker that computes in cpu-f32"));
}

TEST_F(ProposerTest, PausesGrowWhileTheOracleIsAway) {
  costs_.SetFailure(absl::UnavailableError("connection refused"));
  CreateJob();

  // 0.1, 0.2, 0.4, 0.8, 1.6, 3.2 s and 5 s from then on.
  clock_.Advance(absl::Milliseconds(100));
  for (int i = 0; i < 163; ++i) {
    Settle();
    clock_.Advance(absl::Milliseconds(100));
  }

  EXPECT_EQ(costs_.calls(), 1 + 6 + 2);
}

TEST_F(ProposerTest, ExcuseOfAnEarlierProcessIsTakenBack) {
  costs_.SetFailure(absl::UnavailableError("connection refused"));
  CreateJob();
  Restart();
  Settle();
  EXPECT_EQ(GetJob().state_reason, "no new candidates for now: connection refused");

  costs_.SetFailure(absl::OkStatus());
  clock_.Advance(ProposerOptions().max_pause);
  Settle();

  EXPECT_EQ(GetJob().state_reason, "");
  EXPECT_EQ(GetJob().counters.pending, 6);
}

TEST_F(ProposerTest, ErrorThatCannotHealFailsTheJob) {
  CreateJob("no such device");

  EXPECT_EQ(GetJob().state, JobState::kFailed);
  EXPECT_THAT(GetJob().state_reason, ::testing::HasSubstr("no such device"));
}

TEST_F(ProposerTest, FailedCommitOfProposalsIsRepeated) {
  for (const CommitFailure time : {CommitFailure::kBefore, CommitFailure::kAfter}) {
    store_.FailCommit(2, absl::ResourceExhaustedError("disk full"), time);
    CreateJob();
    // The engine's pause before it loads, and the proposer's.
    clock_.Advance(absl::Seconds(1));
    Settle();

    EXPECT_EQ(GetJob().counters.pending, 6);
    EXPECT_EQ(GetJob().counters.proposed, 6);
    Run([](JobEngine& engine, absl::Time now) { return engine.CancelJob("a", now).status(); });
    Run([](JobEngine& engine, absl::Time) { return engine.DeleteJob("a", ""); });
  }
}

TEST_F(ProposerTest, OutcomesOfALostAnswerBringMore) {
  CreateJob();
  store_.FailCommit(1, absl::UnavailableError("connection lost"), CommitFailure::kAfter);
  absl::Status result;
  loop_->Submit(
      [](JobEngine& engine, absl::Time now) {
        const std::vector<LeaseGrant> grants = *engine.Lease("w", kDefaultPrecision, 100, now);
        for (const LeaseGrant& grant : grants) {
          (void)engine.ReportScores(
              "w", {{grant.id.ToString(), grant.id.epoch, FakeScoreOf(grant.subnet_json), ""}},
              now);
        }
        return absl::OkStatus();
      },
      [&](const absl::Status& status) { result = status; });
  Settle();
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kUnavailable, "connection lost"));

  clock_.Advance(absl::Seconds(1));
  Settle();

  EXPECT_EQ(GetJob().counters.scored, 6);
  EXPECT_EQ(GetJob().counters.proposed, 12);
}

TEST_F(ProposerTest, LiveJobsAreTakenUpAtStart) {
  CreateJob();
  Restart();
  ScoreRound();
  Settle();

  EXPECT_EQ(GetJob().counters.proposed, 12);
}

TEST_F(ProposerTest, FrontIsScoredOnTheTestSplitAlsoByTheNextProcess) {
  CreateJob();
  for (int i = 0; i < 20 && !IsFinal(GetJob().state); ++i) {
    ScoreRound();
    Settle();
  }
  const int64_t calls = costs_.calls();
  Run([](JobEngine& engine, absl::Time now) { return engine.TestFront("a", now).status(); });
  // Nothing was proposed yet.
  Restart();
  Settle();
  const Job begun = **store_.FindJob("a.test");
  EXPECT_EQ(begun.state, JobState::kRunning);
  EXPECT_EQ(begun.counters.pending, GetJob().counters.front_size);

  // All of it was.
  Restart();
  Settle();
  ScoreRound();
  Settle();

  const Job ended = **store_.FindJob("a.test");
  EXPECT_EQ(ended.state, JobState::kSucceeded);
  EXPECT_EQ(ended.counters.scored, GetJob().counters.front_size);
  EXPECT_GT(ended.counters.scored, 0);
  EXPECT_EQ(costs_.calls(), calls) << "costs of the front are known";
}

TEST_F(ProposerTest, ThreadsDoTheSame) {
  loop_ = nullptr;
  proposer_ = std::make_unique<Proposer>(store_, costs_, Clock::Real(), ProposerOptions());
  events_ = std::make_unique<EventStream>();
  events_->Subscribe(*proposer_);
  EngineLoopOptions options;
  options.events = events_.get();
  loop_ = *EngineLoop::Start(store_, Clock::Real(), options);
  proposer_->Start(*loop_);
  Job job;
  job.id = "a";
  job.spec.device = "fake";
  job.spec.max_candidates = 6;
  job.spec.max_parallel = 6;
  job.space_text = arch::CatalogueSpace("kws")->ToTextproto();
  NIWAKI_ASSERT_OK(loop_->Run(
      [&](JobEngine& engine, absl::Time now) { return engine.CreateJob(job, now).status(); }));

  // Waits as a worker does, until there is work.
  absl::Notification leased;
  EngineLoop::WaitingCommand lease;
  lease.precision = kDefaultPrecision;
  lease.try_apply = [](JobEngine& engine, absl::Time now) -> absl::StatusOr<bool> {
    return !engine.Lease("w", kDefaultPrecision, 6, now)->empty();
  };
  lease.cancelled = [] { return false; };
  lease.timeout = absl::Seconds(20);
  lease.done = [&](const absl::Status&) { leased.Notify(); };
  loop_->SubmitWaiting(std::move(lease));
  leased.WaitForNotification();
  proposer_->Stop();

  EXPECT_GT(GetJob().counters.leased, 0);
}

// The candidates of a whole job, from its creation to its end, in virtual time: a worker that
// scores, one that dies now and then, an oracle that is away now and then.
std::vector<std::string> RunWholeJob(uint64_t seed, int64_t* events_heard) {
  class Counter : public EventSubscriber {
   public:
    void OnCommitted(const CommittedChanges& changes) override {
      for (const JobEvent& event : changes.events) {
        scored += std::holds_alternative<CandidateScored>(event);
      }
    }
    int64_t scored = 0;
  };
  Random random(seed);
  FakeClock clock(absl::FromUnixSeconds(1000));
  InMemoryJobStore store;
  FakeCostSource costs;
  EventStream events;
  Proposer proposer(store, costs, clock, ProposerOptions());
  Counter counter;
  events.Subscribe(proposer);
  events.Subscribe(counter);
  EngineLoopOptions options;
  options.events = &events;
  const auto loop = *EngineLoop::Create(store, clock, options);
  const auto settle = [&] {
    bool more = true;
    while (more) {
      more = loop->Step();
      more |= proposer.Step(*loop);
    }
  };
  Job job;
  job.id = "a";
  job.spec.device = "fake";
  job.spec.max_candidates = 60;
  job.spec.max_parallel = 8;
  job.space_text = arch::CatalogueSpace("kws")->ToTextproto();
  loop->Submit(
      [&](JobEngine& engine, absl::Time now) { return engine.CreateJob(job, now).status(); },
      [](const absl::Status& status) { NIWAKI_EXPECT_OK(status); });
  settle();
  while (!IsFinal((*store.FindJob("a"))->state)) {
    costs.SetFailure(random.Bernoulli(0.3) ? absl::UnavailableError("away") : absl::OkStatus());
    // One that leases may die with its leases.
    const bool dies = random.Bernoulli(0.2);
    std::vector<LeaseGrant> grants;
    loop->Submit(
        [&](JobEngine& engine, absl::Time now) {
          grants = *engine.Lease(dies ? "mortal" : "w", kDefaultPrecision, 3, now);
          return absl::OkStatus();
        },
        [](const absl::Status&) {});
    settle();
    clock.Advance(absl::Milliseconds(random.Uniform(8000)));
    settle();
    if (dies) continue;
    std::vector<Report> reports;
    for (const LeaseGrant& grant : grants) {
      reports.push_back({grant.id.ToString(), grant.id.epoch, FakeScoreOf(grant.subnet_json), ""});
    }
    loop->Submit([&](JobEngine& engine,
                     absl::Time now) { return engine.ReportScores("w", reports, now).status(); },
                 [](const absl::Status& status) { NIWAKI_EXPECT_OK(status); });
    settle();
  }
  *events_heard = counter.scored;
  std::vector<std::string> rows;
  const std::vector<Candidate> candidates = *store.ListCandidates(1, 0, std::nullopt, 1000);
  for (const Candidate& candidate : candidates) {
    rows.push_back(absl::StrCat(candidate.slot, " ", CandidateStateName(candidate.state), " ",
                                candidate.subnet_json));
  }
  return rows;
}

TEST(WholeJobTest, IsTheSameInVirtualTimeWhoeverDies) {
  int64_t scored = 0;
  const std::vector<std::string> first = RunWholeJob(1, &scored);

  ASSERT_EQ(first.size(), 60);
  EXPECT_EQ(scored, 60);
  for (uint64_t seed = 2; seed <= 5; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    EXPECT_EQ(RunWholeJob(seed, &scored), first);
    EXPECT_EQ(scored, 60);
  }
}

}  // namespace
}  // namespace niwaki::jobs
