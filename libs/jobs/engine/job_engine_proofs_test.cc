// JobEngine: members of fronts are leased to be proven, measured and judged.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/engine/job_engine_fixture.h"
#include "libs/jobs/engine/worker_registry.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/proof/proof_plan.h"

namespace niwaki::jobs {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Int8Network NetworkOf(const std::string& text, char digest = 'a') {
  Int8Network network;
  network.digest = std::string(64, digest);
  network.quantiser_version = 1;
  network.quantise_key = Sha256Hex(text);
  network.score = Score{0.5, 0.9, 1, 100, 0};
  return network;
}

class JobEngineProofsTest : public JobEngineTest {
 protected:
  static WorkerAbilities Prover(int64_t version = 1) {
    WorkerAbilities abilities;
    abilities.proves = true;
    abilities.quantiser_version = version;
    return abilities;
  }

  // All of its networks are scored, by a worker that proves, and on the front.
  int64_t MakeScored(const std::string& id, int count, ProofMembers members,
                     const WorkerAbilities& abilities = Prover(), bool where_possible = false,
                     const std::string& prefix = "") {
    Job job;
    job.id = id;
    job.spec.max_candidates = count;
    job.spec.proof.members = members;
    job.spec.proof.extra_slots = 2;
    job.spec.proof.where_possible = where_possible;
    job.supernet_digest = "supernet";
    const int64_t uid = engine_->CreateJob(job, now_)->uid;
    std::vector<Proposal> proposals;
    for (int slot = 0; slot < count; ++slot) {
      proposals.push_back(MakeProposal(slot, absl::StrCat(prefix.empty() ? id : prefix, slot)));
    }
    NIWAKI_EXPECT_OK(engine_->AddCandidates(uid, proposals, now_));
    const auto grants = engine_->Lease("w", kDefaultPrecision, count, now_, abilities);
    for (const LeaseGrant& grant : *grants) {
      EXPECT_EQ(grant.task, LeaseTask::kScore);
      Report("w", grant, Score{0.5 + 0.01 * grant.id.ref.slot, 0.9, 1, 720, 0});
    }
    return uid;
  }

  // What the driver does with the committed rows.
  void Advance(int64_t uid) {
    Commit();
    const Job job = **store_.FindJobByUid(uid);
    NIWAKI_EXPECT_OK(engine_->AdvanceProof(
        uid, PlanProofs(job, *store_.ListCandidates(uid, 0, CandidateState::kScored, 1000)), now_));
  }

  std::vector<LeaseGrant> LeaseProofs(const std::string& worker, int64_t version = 1) {
    return *engine_->Lease(worker, kDefaultPrecision, 10, now_, Prover(version));
  }

  ReportVerdict ReportNetwork(const std::string& worker, const LeaseGrant& grant,
                              const Int8Network& network) {
    jobs::Report report;
    report.lease_id = grant.id.ToString();
    report.epoch = grant.id.epoch;
    report.network = network;
    return engine_->ReportScores(worker, {report}, now_)->front();
  }
  ReportVerdict ReportNetwork(const std::string& worker, const LeaseGrant& grant) {
    return ReportNetwork(worker, grant, NetworkOf(grant.subnet_json));
  }

  ProofState StateOf(int64_t uid, int64_t slot) { return Row(uid, slot).proof->state; }
};

TEST_F(JobEngineProofsTest, BestIsProvenWithoutABoardAndTheJobEnds) {
  const int64_t uid = MakeScored("a", 3, ProofMembers::kBest);
  EXPECT_EQ(GetJob("a").state, JobState::kRunning);
  Advance(uid);
  EXPECT_EQ(GetJob("a").counters.proof.pending, 1);

  const std::vector<LeaseGrant> grants = LeaseProofs("w");
  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_EQ(grants[0].task, LeaseTask::kProve);
  EXPECT_EQ(grants[0].quantiser_version, 1);
  EXPECT_EQ(grants[0].id.ref.slot, 2);
  EXPECT_EQ(ReportNetwork("w", grants[0]).verdict, Verdict::kAccepted);
  EXPECT_EQ(StateOf(uid, 2), ProofState::kQuantised);
  engine_->SetProofBoard(uid, kNoBoard);
  EXPECT_EQ(StateOf(uid, 2), ProofState::kProven);
  EXPECT_EQ(GetJob("a").state, JobState::kRunning);
  Advance(uid);
  EXPECT_EQ(GetJob("a").state, JobState::kSucceeded);
  EXPECT_EQ(Row(uid, 2).proof->network->digest, std::string(64, 'a'));
}

TEST_F(JobEngineProofsTest, BoardsFiguresStandBesideTheCost) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  engine_->SetProofBoard(uid, "core/cortex-m7");
  engine_->SetProofBoard(uid, kNoBoard);
  EXPECT_EQ(GetJob("a").proof_board, "core/cortex-m7");
  ReportNetwork("w", LeaseProofs("w")[0]);
  engine_->BeginMeasurement({uid, 0}, 1, "measurements/7");
  EXPECT_EQ(StateOf(uid, 0), ProofState::kMeasuring);
  Commit();
  Reload();
  MeasurementOutcome outcome;
  outcome.figures = BoardFigures();
  outcome.figures->count = 99;
  engine_->EndMeasurement({uid, 0}, 1, outcome);
  // Repeated, and of another measurement: neither is anything new.
  engine_->EndMeasurement({uid, 0}, 1, {});
  engine_->BeginMeasurement({uid, 0}, 2, "measurements/8");
  const Candidate row = Row(uid, 0);
  EXPECT_EQ(row.proof->state, ProofState::kProven);
  EXPECT_EQ(row.proof->measurement, "measurements/7");
  EXPECT_EQ(row.proof->figures->count, 99);
  EXPECT_EQ(row.cost.latency_us.provenance(), cost::Provenance::kPredicted);
}

TEST_F(JobEngineProofsTest, OthersFaultsAreTriedAgainAndThenProvenWithoutABoard) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  engine_->SetProofBoard(uid, "core/cortex-m7");
  ReportNetwork("w", LeaseProofs("w")[0]);
  MeasurementOutcome outcome;
  outcome.failure = "the cable is out";
  for (int number = 1; number <= 2; ++number) {
    engine_->BeginMeasurement({uid, 0}, number, absl::StrCat("measurements/", number));
    engine_->EndMeasurement({uid, 0}, number, outcome);
    EXPECT_EQ(StateOf(uid, 0), ProofState::kQuantised);
  }
  // The third could not even be asked for.
  engine_->EndMeasurement({uid, 0}, 3, outcome);
  EXPECT_EQ(StateOf(uid, 0), ProofState::kProven);
  EXPECT_THAT(Row(uid, 0).proof->reason, HasSubstr("the cable is out"));
  EXPECT_FALSE(Row(uid, 0).proof->figures.has_value());
}

TEST_F(JobEngineProofsTest, FaultOfTheNetworkRefusesItAndSlotsAreSearchedInItsPlace) {
  const int64_t uid = MakeScored("a", 2, ProofMembers::kBest);
  Advance(uid);
  engine_->SetProofBoard(uid, "core/cortex-m7");
  ReportNetwork("w", LeaseProofs("w")[0]);
  MeasurementOutcome outcome;
  outcome.failure = "build: too large";
  outcome.fault_of_network = true;
  engine_->BeginMeasurement({uid, 1}, 1, "measurements/1");
  engine_->EndMeasurement({uid, 1}, 1, outcome);
  // On the front until the verdict.
  EXPECT_EQ(StateOf(uid, 1), ProofState::kFailed);
  EXPECT_THAT(*engine_->FrontSlots(uid), ::testing::ElementsAre(1, 0));
  Advance(uid);
  EXPECT_EQ(StateOf(uid, 1), ProofState::kRefused);
  EXPECT_THAT(*engine_->FrontSlots(uid), ::testing::ElementsAre(0));
  EXPECT_EQ(GetJob("a").slots(), 4);
  EXPECT_EQ(GetJob("a").counters.front_size, 1);
  Commit();
  Reload();
  EXPECT_THAT(*engine_->FrontSlots(uid), ::testing::ElementsAre(0));

  NIWAKI_ASSERT_OK(
      engine_->AddCandidates(uid, {MakeProposal(2, "x2"), MakeProposal(3, "x3")}, now_));
  for (const LeaseGrant& grant : LeaseProofs("w")) {
    Report("w", grant, Score{0.1, 0.2, 3, 720, 0});
  }
  Advance(uid);
  EXPECT_EQ(StateOf(uid, 0), ProofState::kPending);
  EXPECT_EQ(Row(uid, 0).proof->round, 3);
}

TEST_F(JobEngineProofsTest, OldWorkersAndOtherQuantisersProveNothing) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  EXPECT_THAT(Lease("old", 10), IsEmpty());
  EXPECT_THAT(LeaseProofs("new", 2), IsEmpty());
  EXPECT_FALSE(engine_->has_work(kDefaultPrecision));
  EXPECT_FALSE(engine_->has_work(kDefaultPrecision, Prover(2)));
  EXPECT_TRUE(engine_->has_work(kDefaultPrecision, Prover()));
}

TEST_F(JobEngineProofsTest, NobodyToProveIsSaidAndTakenBack) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest, WorkerAbilities());
  Advance(uid);
  EXPECT_THAT(GetJob("a").state_reason, HasSubstr("no worker that computes in cpu-f32 and proves"));
  EXPECT_THAT(Lease("old", 1), IsEmpty());
  EXPECT_THAT(GetJob("a").state_reason, HasSubstr("proves with quantiser 1"));

  EXPECT_THAT(LeaseProofs("w"), SizeIs(1));
  EXPECT_EQ(GetJob("a").state_reason, "");
}

TEST_F(JobEngineProofsTest, JobThatProvesWherePossibleEndsWhereItIsNot) {
  MakeScored("old", 1, ProofMembers::kBest, WorkerAbilities(), /*where_possible=*/true);
  EXPECT_EQ(GetJob("old").state, JobState::kSucceeded);
  EXPECT_EQ(GetJob("old").proof_round, 0);
  // Nor does one that is there, but took no part, keep it.
  EXPECT_THAT(LeaseProofs("elsewhere"), IsEmpty());
  MakeScored("other", 1, ProofMembers::kBest, WorkerAbilities(), /*where_possible=*/true);
  EXPECT_EQ(GetJob("other").state, JobState::kSucceeded);
  MakeScored("new", 1, ProofMembers::kBest, Prover(), /*where_possible=*/true);
  EXPECT_EQ(GetJob("new").state, JobState::kRunning);
  EXPECT_TRUE(GetJob("new").prover_seen);
}

TEST_F(JobEngineProofsTest, LostLeaseGoesToAnotherAndItsNetworkIsUsed) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  const LeaseGrant first = LeaseProofs("w")[0];
  Run("w", first);
  PassTtl();
  EXPECT_EQ(StateOf(uid, 0), ProofState::kPending);
  const LeaseGrant second = LeaseProofs("v")[0];
  EXPECT_GT(second.id.epoch, first.id.epoch);

  // The late one is recorded; the other's lease is what completes it.
  EXPECT_EQ(ReportNetwork("w", first).verdict, Verdict::kLateRecorded);
  EXPECT_EQ(StateOf(uid, 0), ProofState::kLeased);
  EXPECT_EQ(ReportNetwork("v", second).verdict, Verdict::kAccepted);
  EXPECT_EQ(ReportNetwork("v", second).verdict, Verdict::kDuplicate);
  EXPECT_EQ(StateOf(uid, 0), ProofState::kQuantised);
}

TEST_F(JobEngineProofsTest, RestartKeepsLeasesAndCounters) {
  const int64_t uid = MakeScored("a", 2, ProofMembers::kFront);
  Advance(uid);
  const LeaseGrant grant = LeaseProofs("w")[0];
  Commit();
  Reload();
  EXPECT_EQ(GetJob("a").counters.proof.leased, 1);
  EXPECT_EQ(GetJob("a").counters.proof.pending, 1);
  EXPECT_EQ(ReportNetwork("w", grant).verdict, Verdict::kAccepted);
  EXPECT_EQ(GetJob("a").counters.proof.quantised, 1);
}

TEST_F(JobEngineProofsTest, FirstBytesStandAndOthersAreAnAlarm) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  const LeaseGrant first = LeaseProofs("w")[0];
  PassTtl();
  const LeaseGrant second = LeaseProofs("v")[0];
  ReportNetwork("w", first);
  Commit();
  engine_->TakeEvents();

  EXPECT_EQ(ReportNetwork("v", second, NetworkOf(second.subnet_json, 'b')).verdict,
            Verdict::kConflict);

  EXPECT_EQ(Row(uid, 0).proof->network->digest, std::string(64, 'a'));
  EXPECT_EQ(GetJob("a").counters.conflicts, 1);
  bool alarm = false;
  for (const JobEvent& event : engine_->TakeEvents()) {
    alarm = alarm || std::holds_alternative<NetworkConflict>(event);
  }
  EXPECT_TRUE(alarm);
}

TEST_F(JobEngineProofsTest, NetworkIsSharedByJobs) {
  const int64_t a = MakeScored("a", 1, ProofMembers::kBest);
  Advance(a);
  ReportNetwork("w", LeaseProofs("w")[0]);
  Commit();
  const int64_t b = MakeScored("b", 1, ProofMembers::kBest, Prover(), false, "a");
  Advance(b);
  EXPECT_EQ(StateOf(b, 0), ProofState::kQuantised);
  EXPECT_TRUE(Row(b, 0).proof->cached);
  EXPECT_THAT(LeaseProofs("w"), IsEmpty());
}

TEST_F(JobEngineProofsTest, AnswersToAnotherQuestionAreRefused) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  const LeaseGrant grant = LeaseProofs("w")[0];
  EXPECT_EQ(Report("w", grant).reason, reason::kArgumentInvalid);
  Int8Network other = NetworkOf(grant.subnet_json);
  other.quantiser_version = 2;
  EXPECT_EQ(ReportNetwork("w", grant, other).reason, reason::kArgumentInvalid);
  other = NetworkOf(grant.subnet_json);
  other.score.top1 = 2;
  EXPECT_EQ(ReportNetwork("w", grant, other).verdict, Verdict::kRejected);
  jobs::Report missing;
  missing.lease_id = grant.id.ToString();
  missing.epoch = grant.id.epoch;
  missing.network = NetworkOf(grant.subnet_json);
  missing.rejection = reason::kArtifactUnknown;
  EXPECT_EQ(engine_->ReportScores("w", {missing}, now_)->front().reason, reason::kArtifactUnknown);
  EXPECT_EQ(StateOf(uid, 0), ProofState::kLeased);
}

TEST_F(JobEngineProofsTest, WhatWorkersCannotProveLeavesTheFront) {
  const int64_t uid = MakeScored("a", 2, ProofMembers::kBest);
  Advance(uid);
  Fail("w", LeaseProofs("w")[0]);
  EXPECT_EQ(StateOf(uid, 1), ProofState::kPending);
  Fail("v", LeaseProofs("v")[0]);
  EXPECT_EQ(StateOf(uid, 1), ProofState::kFailed);
  Advance(uid);
  EXPECT_EQ(StateOf(uid, 1), ProofState::kRefused);
  EXPECT_THAT(Row(uid, 1).proof->reason, HasSubstr("oom"));
}

TEST_F(JobEngineProofsTest, PlanOfAnotherRoundIsIgnored) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  const Job job = GetJob("a");
  ProofPlan plan{JobFront(job.spec.objectives)};
  plan.round = 2;
  plan.done = true;
  // A proof is under way.
  NIWAKI_ASSERT_OK(engine_->AdvanceProof(uid, plan, now_));
  EXPECT_EQ(GetJob("a").state, JobState::kRunning);
  NIWAKI_EXPECT_OK(engine_->AdvanceProof(uid + 1, plan, now_));
}

TEST_F(JobEngineProofsTest, PausedAndCancelledJobsAreNotProven) {
  const int64_t uid = MakeScored("a", 1, ProofMembers::kBest);
  Advance(uid);
  NIWAKI_ASSERT_OK(engine_->PauseJob("a", now_));
  EXPECT_THAT(LeaseProofs("w"), IsEmpty());
  NIWAKI_ASSERT_OK(engine_->ResumeJob("a", now_));
  const LeaseGrant grant = LeaseProofs("w")[0];
  NIWAKI_ASSERT_OK(engine_->CancelJob("a", now_));
  EXPECT_EQ(StateOf(uid, 0), ProofState::kPending);
  // Its network is kept for others.
  EXPECT_EQ(ReportNetwork("w", grant).verdict, Verdict::kLateRecorded);
}

}  // namespace
}  // namespace niwaki::jobs
