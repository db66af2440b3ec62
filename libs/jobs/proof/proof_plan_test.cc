#include "libs/jobs/proof/proof_plan.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/job.h"
#include "libs/jobs/proof.h"
#include "libs/search/metric.h"

namespace niwaki::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Slower slots are more accurate: all of them are on the front.
Candidate Scored(int64_t slot) {
  Candidate candidate;
  candidate.slot = slot;
  candidate.state = CandidateState::kScored;
  candidate.score = Score{0.5 + 0.01 * slot, 0.9, 1, 100, 0};
  candidate.cost.latency_us =
      cost::Figure::Of(100.0 + slot, 100, 300, cost::Provenance::kPredicted);
  return candidate;
}

// With an int8 network of this accuracy.
Candidate Proven(int64_t slot, double top1, int64_t round = 1) {
  Candidate candidate = Scored(slot);
  candidate.proof = Proof();
  candidate.proof->state = ProofState::kProven;
  candidate.proof->round = round;
  candidate.proof->network =
      Int8Network{std::string(64, 'a'), 1, std::string(64, 'b'), Score{top1, 0.9, 1, 100, 0}, {}};
  return candidate;
}

Candidate Failed(int64_t slot) {
  Candidate candidate = Proven(slot, 0.5);
  candidate.proof->state = ProofState::kFailed;
  candidate.proof->reason = "oom";
  return candidate;
}

Job JobOf(ProofMembers members, int64_t extra_slots = 8) {
  Job job;
  job.spec.proof.members = members;
  job.spec.proof.extra_slots = extra_slots;
  return job;
}

std::vector<int64_t> SlotsOf(const std::vector<Candidate>& members) {
  std::vector<int64_t> slots;
  for (const Candidate& member : members) slots.push_back(member.slot);
  return slots;
}

std::vector<int64_t> SlotsOf(const std::vector<Refusal>& refusals) {
  std::vector<int64_t> slots;
  for (const Refusal& refusal : refusals) slots.push_back(refusal.slot);
  return slots;
}

TEST(ProofPlanTest, FirstRoundTakesTheMembersThatAreWanted) {
  const std::vector<Candidate> rows = {Scored(0), Scored(1), Scored(2)};
  Job job = JobOf(ProofMembers::kFront);
  const ProofPlan plan = PlanProofs(job, rows);
  EXPECT_EQ(plan.round, 1);
  EXPECT_THAT(SlotsOf(plan.members), ElementsAre(2, 1, 0));
  EXPECT_FALSE(plan.done);
  EXPECT_EQ(plan.extra_slots, 0);
  job.spec.proof.max_members = 2;
  EXPECT_THAT(SlotsOf(PlanProofs(job, rows).members), ElementsAre(2, 1));
  EXPECT_THAT(SlotsOf(PlanProofs(JobOf(ProofMembers::kBest), rows).members), ElementsAre(2));
}

TEST(ProofPlanTest, EverythingProvenIsTheEnd) {
  const ProofPlan plan =
      PlanProofs(JobOf(ProofMembers::kBest), {Scored(0), Scored(1), Proven(2, 0.5)});
  EXPECT_TRUE(plan.done);
  EXPECT_THAT(plan.refusals, IsEmpty());
  EXPECT_EQ(plan.front.size(), 3);
}

TEST(ProofPlanTest, VerdictsAreInSlotOrderAndBringMoreSlotsOnce) {
  Job job = JobOf(ProofMembers::kFront, 5);
  // As int8 networks slot 2 is no better than slot 1, which is faster.
  const std::vector<Candidate> rows = {Failed(0), Proven(1, 0.6), Proven(2, 0.6)};
  const ProofPlan plan = PlanProofs(job, rows);
  EXPECT_THAT(SlotsOf(plan.refusals), ElementsAre(0, 2));
  EXPECT_EQ(plan.refusals[0].reason, "oom");
  EXPECT_THAT(plan.refusals[1].reason, HasSubstr("dominated by that of slot 1"));
  EXPECT_EQ(plan.extra_slots, 5);
  EXPECT_THAT(plan.members, IsEmpty());
  EXPECT_FALSE(plan.done);
  EXPECT_THAT(plan.front.Slots(), ElementsAre(1));
  job.extra_slots = 5;
  EXPECT_TRUE(PlanProofs(job, rows).done);
}

TEST(ProofPlanTest, WhoeverComesUpIsProvenUpToTheExtraSlots) {
  Job job = JobOf(ProofMembers::kBest, 1);
  job.extra_slots = 1;
  job.proof_round = 2;
  Candidate refused = Failed(3);
  refused.proof->state = ProofState::kRefused;
  const ProofPlan plan = PlanProofs(job, {Scored(0), Scored(1), Scored(2), refused});
  EXPECT_EQ(plan.round, 3);
  EXPECT_THAT(SlotsOf(plan.members), ElementsAre(2));
  // That one fails, too: one network beyond the first round has been tried.
  Candidate again = Failed(2);
  again.proof->round = 3;
  const ProofPlan end = PlanProofs(job, {Scored(0), Scored(1), again, refused});
  EXPECT_TRUE(end.done);
  EXPECT_THAT(SlotsOf(end.refusals), ElementsAre(2));
  EXPECT_THAT(end.front.Slots(), ElementsAre(1, 0));
}

TEST(ProofPlanTest, WithoutExtraSlotsNothingIsSearchedOrProvenInPlace) {
  const ProofPlan plan = PlanProofs(JobOf(ProofMembers::kBest, 0), {Scored(0), Failed(1)});
  EXPECT_THAT(SlotsOf(plan.refusals), ElementsAre(1));
  EXPECT_EQ(plan.extra_slots, 0);
  EXPECT_TRUE(plan.done);
}

TEST(ProofPlanTest, LimitsAreHeldAgainstWhatCanBeCompared) {
  Job job = JobOf(ProofMembers::kFront);
  job.spec.constraints = {{search::Metric::kSramBytes, 1000},
                          {search::Metric::kFlashBytes, 2000},
                          {search::Metric::kLatencyUs, 500}};
  Candidate candidate = Proven(1, 0.5);
  BoardFigures figures;
  figures.board = "seven";
  figures.unit = "cycles";
  figures.clock_hz = 1000000;
  figures.count = figures.count_low = figures.count_high = 501;
  figures.provenance = cost::Provenance::kMeasured;
  figures.arena_bytes = 1000;
  figures.flash_bytes = 2000;
  // The firmware's own variables are no matter of the network.
  figures.sram_bytes = 9000;
  candidate.proof->figures = figures;
  // The search's latency is predicted: the measured one stands beside it.
  EXPECT_EQ(BrokenLimit(job.spec, candidate), "");
  candidate.cost.latency_us = cost::Figure::Of(400, 300, 500, cost::Provenance::kMeasured);
  EXPECT_THAT(BrokenLimit(job.spec, candidate), HasSubstr("latency_us is 501 us"));
  candidate.proof->figures->provenance = cost::Provenance::kEmulated;
  EXPECT_EQ(BrokenLimit(job.spec, candidate), "");
  candidate.proof->figures->flash_bytes = 2001;
  EXPECT_THAT(BrokenLimit(job.spec, candidate), HasSubstr("flash_bytes is"));
  candidate.proof->figures->flash_bytes = 1;
  candidate.proof->figures->arena_bytes = 1001;
  EXPECT_THAT(SlotsOf(PlanProofs(job, {candidate}).refusals), ElementsAre(1));
}

TEST(ProofPlanTest, LoserOfALimitDominatesNobody) {
  Job job = JobOf(ProofMembers::kFront);
  job.spec.constraints = {{search::Metric::kFlashBytes, 2000}};
  Candidate large = Proven(1, 0.9);
  large.proof->figures = BoardFigures();
  large.proof->figures->flash_bytes = 2001;
  const ProofPlan plan = PlanProofs(job, {large, Proven(2, 0.6)});
  EXPECT_THAT(SlotsOf(plan.refusals), ElementsAre(1));
}

}  // namespace
}  // namespace niwaki::jobs
