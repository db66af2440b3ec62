// The whole of jobs on one thread under a fake clock: workers that die, repeat themselves and
// report late, hang or are drained, a coordinator that crashes between any two commits, pauses,
// failing commits. However wild the run, the finished job has the same candidates, scores and front
// as an undisturbed one.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/engine/job_front.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/jobs/proposer/job_search.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

constexpr char kJob[] = "job";
constexpr int kWorkers = 4;

// Chances of each disturbance at each step.
struct Disturbance {
  double crash = 0;
  // Before it took effect, and after.
  double commit_fails = 0;
  double answer_lost = 0;
  double worker_dies = 0;
  double repeat = 0;
  double late = 0;
  double pause = 0;
  double hang = 0;
  double drain = 0;
};

JobSpec MakeSpec(search::Algorithm algorithm, int max_parallel) {
  JobSpec spec;
  spec.supernet = "kws";
  spec.device = "fake";
  spec.algorithm = algorithm;
  spec.max_candidates = 120;
  spec.max_parallel = max_parallel;
  spec.seed = 7;
  spec.constraints = {{search::Metric::kLatencyUs, 1500}};
  if (std::holds_alternative<search::EvolutionOptions>(algorithm)) {
    spec.objectives = {search::Metric::kTop1};
  }
  return spec;
}

class Simulation {
 public:
  Simulation(const JobSpec& spec, const Disturbance& disturbance, uint64_t seed)
      : disturbance_(disturbance), random_(seed) {
    // Poison would be a true difference of outcome; it has tests of its own.
    options_.max_strikes = 1000000;
    options_.max_failures = 1000000;
    options_.max_lease = absl::Minutes(2);
    Restart();
    Job job;
    job.id = kJob;
    job.spec = spec;
    job.space_text = arch::CatalogueSpace("kws")->ToTextproto();
    job.supernet_digest = "supernet";
    // Again until it is there: a commit that seemed to fail may have made it.
    while (!store_.FindJob(kJob)->has_value()) {
      NIWAKI_EXPECT_OK(engine_->CreateJob(job, now_));
      Commit();
    }
    uid_ = (*store_.FindJob(kJob))->uid;
  }

  // Runs the job to its end; the number of steps.
  int Run() {
    int steps = 0;
    while (!(**store_.FindJobByUid(uid_)).end_time.has_value()) {
      NIWAKI_CHECK(++steps < 200000);
      Step();
      CheckInvariants();
    }
    return steps;
  }

  // Everything that must not depend on who worked when.
  std::vector<std::string> Result() const {
    std::vector<std::string> lines;
    const std::vector<Candidate> rows =
        *store_.ListCandidates(uid_, 0, std::nullopt, kMaxCandidatesLimit);
    const Job job = **store_.FindJobByUid(uid_);
    JobFront front(job.spec.objectives);
    for (const Candidate& row : rows) {
      lines.push_back(absl::StrCat(row.slot, " ", CandidateStateName(row.state), " ",
                                   row.subnet_json, " ",
                                   row.cost.latency_us.value_if_known().value_or(-1), " ",
                                   row.score ? row.score->top1 : -1, " ", row.cached));
      if (row.score) front.Add(row);
    }
    for (const int64_t slot : front.Slots()) lines.push_back(absl::StrCat("front ", slot));
    lines.push_back(
        absl::StrCat("rejected ", job.counters.rejected, " front ", job.counters.front_size));
    return lines;
  }

 private:
  // A worker's memory of a lease; it may outlive the lease.
  struct Held {
    std::string worker;
    LeaseGrant grant;
    // Its heartbeats go on, its score never comes unless the worker dies and is late.
    bool hung = false;
  };

  void Step() {
    now_ += absl::Milliseconds(random_.Uniform(2000));
    if (random_.Bernoulli(disturbance_.crash)) Restart();
    NIWAKI_EXPECT_OK(engine_->ExpireLeases(now_));
    switch (random_.Uniform(4)) {
      case 0:
        Propose();
        break;
      case 1:
        LeaseSome();
        break;
      case 2:
        ReportSome();
        break;
      default:
        Disturb();
    }
    if (random_.Bernoulli(0.7)) Commit();
  }

  void Propose() {
    if (search_ == nullptr) {
      // From the rows, as after a start.
      search_ = *JobSearch::Restore(**store_.FindJobByUid(uid_), store_);
      unsent_.clear();
    }
    std::vector<Proposal> proposals = *search_->Advance(costs_);
    std::move(proposals.begin(), proposals.end(), std::back_inserter(unsent_));
    // Not OK once the job has ended.
    (void)engine_->AddCandidates(uid_, unsent_, now_);
  }

  void LeaseSome() {
    const std::string worker = absl::StrCat("w", random_.Uniform(kWorkers));
    const std::vector<LeaseGrant> grants =
        *engine_->Lease(worker, kDefaultPrecision, 1 + random_.Uniform(6), now_);
    if (!grants.empty()) {
      EXPECT_FALSE(engine_->IsDraining(worker));
    }
    for (const LeaseGrant& grant : grants) {
      held_.push_back({worker, grant, random_.Bernoulli(disturbance_.hang)});
    }
  }

  void ReportSome() {
    if (held_.empty()) return;
    const size_t index = random_.Uniform(held_.size());
    const Held held = held_[index];
    // A hung one comes at last, now and then: late.
    if (held.hung && !random_.Bernoulli(0.01)) return;
    const Report report = {held.grant.id.ToString(), held.grant.id.epoch,
                           FakeScoreOf(held.grant.subnet_json), ""};
    const ReportVerdict verdict = engine_->ReportScores(held.worker, {report}, now_)->front();
    EXPECT_NE(verdict.verdict, Verdict::kConflict);
    if (!random_.Bernoulli(disturbance_.repeat)) held_.erase(held_.begin() + index);
  }

  void Disturb() {
    if (random_.Bernoulli(disturbance_.worker_dies)) {
      const std::string dead = absl::StrCat("w", random_.Uniform(kWorkers));
      held_.erase(std::remove_if(held_.begin(), held_.end(),
                                 [&](const Held& held) { return held.worker == dead; }),
                  held_.end());
    }
    // All silent for longer than the ttl: what comes then is late.
    if (random_.Bernoulli(disturbance_.late)) now_ += options_.lease_ttl;
    if (random_.Bernoulli(disturbance_.drain)) {
      // NotFound for one that has not called yet.
      (void)engine_->DrainWorker(absl::StrCat("w", random_.Uniform(kWorkers)),
                                 random_.Bernoulli(0.5), now_);
    }
    if (random_.Bernoulli(disturbance_.pause)) (void)engine_->PauseJob(kJob, now_);
    (void)engine_->ResumeJob(kJob, now_);
    for (const Held& held : held_) {
      if (!held.hung && !random_.Bernoulli(0.5)) continue;
      engine_->Extend(held.worker, {{held.grant.id.ToString(), held.grant.id.epoch, true}}, now_);
    }
  }

  bool Commit() {
    if (random_.Bernoulli(disturbance_.commit_fails)) {
      store_.FailCommit(1, absl::ResourceExhaustedError("disk full"));
    } else if (random_.Bernoulli(disturbance_.answer_lost)) {
      store_.FailCommit(1, absl::UnavailableError("connection lost"), CommitFailure::kAfter);
    }
    const Mutations mutations = engine_->TakeMutations(now_);
    if (mutations.empty()) return true;
    if (!store_.Commit(mutations, epoch_).ok()) {
      Restart();
      return false;
    }
    for (const auto& [ref, row] : mutations.candidates) {
      if (search_ != nullptr && IsOutcome(row.state)) search_->SetOutcome(row);
    }
    unsent_.clear();
    return true;
  }

  // Everything that was not committed is forgotten; workers go on with what they hold.
  void Restart() {
    epoch_ = *store_.BeginEpoch();
    engine_ = *JobEngine::Load(store_, options_, now_);
    search_ = nullptr;
    unsent_.clear();
  }

  void CheckInvariants() {
    const Job job = **store_.FindJobByUid(uid_);
    const std::vector<Candidate> rows =
        *store_.ListCandidates(uid_, 0, std::nullopt, kMaxCandidatesLimit);
    std::map<CandidateState, int64_t> count;
    std::set<std::string> subnets;
    for (const Candidate& row : rows) {
      ++count[row.state];
      if (row.state != CandidateState::kInfeasible) {
        EXPECT_TRUE(subnets.insert(row.subnet_json).second) << "proposed twice";
      }
      // Rows keep their outcome and their epoch never falls.
      const auto [it, fresh] = seen_.try_emplace(row.slot, row);
      if (!fresh) {
        EXPECT_GE(row.epoch, it->second.epoch);
        if (IsOutcome(it->second.state)) {
          EXPECT_EQ(row.state, it->second.state);
        }
        it->second = row;
      }
    }
    EXPECT_EQ(job.counters.proposed, static_cast<int64_t>(rows.size()));
    EXPECT_EQ(job.counters.pending, count[CandidateState::kPending]);
    EXPECT_EQ(job.counters.leased, count[CandidateState::kLeased]);
    EXPECT_EQ(job.counters.scored, count[CandidateState::kScored]);
    EXPECT_EQ(job.counters.infeasible, count[CandidateState::kInfeasible]);
    EXPECT_EQ(job.counters.failed, count[CandidateState::kFailed]);
    EXPECT_LE(job.counters.pending + job.counters.leased, job.spec.max_parallel);
  }

  const Disturbance disturbance_;
  Random random_;
  EngineOptions options_;
  absl::Time now_ = absl::FromUnixSeconds(1000000);
  InMemoryJobStore store_;
  LeaderEpoch epoch_ = 0;
  FakeCostSource costs_;
  std::unique_ptr<JobEngine> engine_;
  int64_t uid_ = 0;
  std::unique_ptr<JobSearch> search_;
  std::vector<Proposal> unsent_;
  std::vector<Held> held_;
  std::map<int64_t, Candidate> seen_;
};

void ExpectSameResult(const JobSpec& spec, int seeds) {
  const auto plain = std::make_unique<Simulation>(spec, Disturbance(), /*seed=*/1);
  plain->Run();
  const std::vector<std::string> expected = plain->Result();
  Disturbance wild;
  wild.crash = 0.03;
  wild.commit_fails = 0.03;
  wild.answer_lost = 0.03;
  wild.worker_dies = 0.1;
  wild.repeat = 0.3;
  wild.late = 0.1;
  wild.pause = 0.1;
  wild.hang = 0.05;
  wild.drain = 0.1;

  for (int seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const auto run = std::make_unique<Simulation>(spec, wild, seed);
    run->Run();
    ASSERT_EQ(run->Result(), expected);
    if (::testing::Test::HasFailure()) return;
  }
}

class SimulationTest : public ::testing::Test {
 protected:
  void SetUp() override { SetMinLogSeverity(Severity::kError); }
};

TEST_F(SimulationTest, Nsga2IsTheSameThroughAllDisturbances) {
  search::Nsga2Options options;
  options.population = 12;
  ExpectSameResult(MakeSpec(options, 8), 20);
}

TEST_F(SimulationTest, PredictorNsga2IsTheSameThroughAllDisturbances) {
  search::PredictorNsga2Options options;
  options.initial = 20;
  options.retrain_every = 10;
  options.population = 20;
  options.generations = 3;
  ExpectSameResult(MakeSpec(options, 8), 5);
}

TEST_F(SimulationTest, EvolutionIsTheSameThroughAllDisturbances) {
  search::EvolutionOptions options;
  options.population = 12;
  ExpectSameResult(MakeSpec(options, 5), 10);
}

TEST_F(SimulationTest, RandomIsTheSameThroughAllDisturbances) {
  ExpectSameResult(MakeSpec(search::RandomSearchOptions(), 32), 10);
}

TEST_F(SimulationTest, OneAtATimeIsTheSameThroughAllDisturbances) {
  search::Nsga2Options options;
  options.population = 4;
  ExpectSameResult(MakeSpec(options, 1), 3);
}

}  // namespace
}  // namespace niwaki::jobs
