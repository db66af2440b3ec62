// The whole of jobs on one thread under a fake clock: workers that die, repeat themselves and
// report late, hang or are drained, a coordinator that crashes between any two commits, pauses,
// failing commits, boards that fail, int8 networks that differ. However wild the run, the finished
// job has the same candidates, scores and front as an undisturbed one.

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
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/engine/job_front.h"
#include "libs/jobs/engine/worker_registry.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/proof/proof_plan.h"
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
  // A board fails for a reason of its own.
  double board_fails = 0;
  // A worker hands in other bytes than those that stand.
  double lies = 0;
};

// As int8, networks lose differently: some members are dominated then.
Int8Network FakeNetworkOf(const std::string& subnet_json) {
  Int8Network network;
  network.digest = Sha256Hex(subnet_json);
  network.quantiser_version = 1;
  network.quantise_key = Sha256Hex("from " + subnet_json);
  network.score = FakeScoreOf(subnet_json);
  network.score.top1 *= 1 - 0.01 * (network.digest[0] % 16);
  return network;
}

JobSpec MakeSpec(search::Algorithm algorithm, int max_parallel) {
  JobSpec spec;
  spec.supernet = "kws";
  spec.device = "fake";
  spec.algorithm = algorithm;
  spec.max_candidates = 120;
  spec.max_parallel = max_parallel;
  spec.seed = 7;
  spec.constraints = {{search::Metric::kLatencyUs, 1500}};
  spec.proof.members = ProofMembers::kFront;
  spec.proof.extra_slots = 10;
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
    // Nor are boards given up.
    options_.max_measurements = 1000000;
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
      if (row.score && !row.refused()) front.Add(row);
      if (!row.proof.has_value()) continue;
      lines.push_back(absl::StrCat("proof ", ProofStateName(row.proof->state), " ",
                                   row.proof->reason, " ", row.proof->round, " ",
                                   row.proof->network ? row.proof->network->digest : "", " ",
                                   row.proof->figures ? row.proof->figures->count : -1));
    }
    for (const int64_t slot : front.Slots()) lines.push_back(absl::StrCat("front ", slot));
    lines.push_back(absl::StrCat("rejected ", job.counters.rejected, " front ",
                                 job.counters.front_size, " extra slots ", job.extra_slots,
                                 " rounds ", job.proof_round));
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
    switch (random_.Uniform(5)) {
      case 0:
        Propose();
        break;
      case 4:
        Prove();
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

  // What the driver does: all it knows are committed rows.
  void Prove() {
    const Job job = **store_.FindJobByUid(uid_);
    if (IsFinal(job.state) || job.counters.outcomes() < job.slots()) return;
    if (job.counters.proof.under_way() == 0) {
      const std::vector<Candidate> scored =
          *store_.ListCandidates(uid_, 0, CandidateState::kScored, kMaxCandidatesLimit);
      NIWAKI_EXPECT_OK(engine_->AdvanceProof(uid_, PlanProofs(job, scored), now_));
      return;
    }
    engine_->SetProofBoard(uid_, "core/cortex-m7");
    const std::vector<Candidate> proofs = *store_.ListProofs(uid_);
    for (const Candidate& row : proofs) {
      const CandidateRef ref = {uid_, row.slot};
      if (row.proof->state == ProofState::kQuantised && random_.Bernoulli(0.5)) {
        const int64_t number = row.proof->measurements + 1;
        engine_->BeginMeasurement(ref, number, absl::StrCat("measurements/", number));
      } else if (row.proof->state == ProofState::kMeasuring && random_.Bernoulli(0.5)) {
        EndMeasurement(ref, *row.proof);
      }
    }
  }

  void EndMeasurement(const CandidateRef& ref, const Proof& proof) {
    MeasurementOutcome outcome;
    // Some networks cannot be built, on every board.
    const char last = proof.network->digest.back();
    if (random_.Bernoulli(disturbance_.board_fails)) {
      outcome.failure = "the cable is out";
    } else if (last == '0') {
      outcome.failure = "too large";
      outcome.fault_of_network = true;
    } else {
      outcome.figures = BoardFigures();
      outcome.figures->count = static_cast<unsigned char>(last);
    }
    engine_->EndMeasurement(ref, proof.measurements, outcome);
  }

  void LeaseSome() {
    const std::string worker = absl::StrCat("w", random_.Uniform(kWorkers));
    const std::vector<LeaseGrant> grants =
        *engine_->Lease(worker, kDefaultPrecision, 1 + random_.Uniform(6), now_, abilities_);
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
    Report report = {held.grant.id.ToString(), held.grant.id.epoch,
                     FakeScoreOf(held.grant.subnet_json), ""};
    bool lies = false;
    if (held.grant.task == LeaseTask::kProve) {
      report.score.reset();
      report.network = FakeNetworkOf(held.grant.subnet_json);
      lies = random_.Bernoulli(disturbance_.lies) &&
             store_.FindNetworkMadeFrom(report.network->quantise_key)->has_value();
      if (lies) report.network->digest = std::string(64, 'f');
    }
    const ReportVerdict verdict = engine_->ReportScores(held.worker, {report}, now_)->front();
    EXPECT_EQ(verdict.verdict == Verdict::kConflict, lies);
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
    const auto job = mutations.jobs.find(uid_);
    if (search_ != nullptr && job != mutations.jobs.end() &&
        job->second.slots() > search_->job().slots()) {
      search_ = nullptr;
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
    ProofCounters proofs;
    for (const Candidate& row : rows) {
      if (row.proof.has_value()) ++proofs.Of(row.proof->state);
    }
    EXPECT_EQ(job.counters.proof, proofs);
    EXPECT_LE(job.counters.proposed, job.spec.max_candidates + job.spec.proof.extra_slots);
  }

  const Disturbance disturbance_;
  const WorkerAbilities abilities_ = {/*knows_split=*/true, /*scores=*/true, /*proves=*/true,
                                      /*quantiser_version=*/1};
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
  wild.board_fails = 0.2;
  wild.lies = 0.3;

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
  ExpectSameResult(MakeSpec(options, 8), 12);
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
