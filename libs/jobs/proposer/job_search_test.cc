#include "libs/jobs/proposer/job_search.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Job MakeJob(double max_latency_us) {
  Job job;
  job.uid = 1;
  job.id = "a";
  job.spec.device = "fake";
  job.spec.max_candidates = 10;
  job.spec.max_parallel = 4;
  job.spec.constraints = {{search::Metric::kLatencyUs, max_latency_us}};
  job.space_text = arch::CatalogueSpace("kws")->ToTextproto();
  return job;
}

Candidate RowOf(const Proposal& proposal) {
  Candidate row;
  row.slot = proposal.slot;
  row.subnet_json = proposal.subnet_json;
  row.subnet_id = proposal.subnet_id;
  row.cost = proposal.cost;
  return row;
}

std::vector<Proposal> AdvanceAll(JobSearch& search, CostSource& costs) {
  std::vector<Proposal> all;
  do {
    const std::vector<Proposal> some = *search.Advance(costs);
    all.insert(all.end(), some.begin(), some.end());
  } while (!search.idle());
  return all;
}

TEST(JobSearchTest, ProposesAsManyAsMayFlyWithinTheLimits) {
  InMemoryJobStore store;
  FakeCostSource costs;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(MakeJob(1200), store));

  const std::vector<Proposal> proposals = AdvanceAll(*search, costs);

  ASSERT_THAT(proposals, SizeIs(4));
  for (int64_t slot = 0; slot < 4; ++slot) {
    EXPECT_EQ(proposals[slot].slot, slot);
    EXPECT_LE(proposals[slot].cost.latency_us.value(), 1200);
    EXPECT_FALSE(proposals[slot].subnet_json.empty());
  }
}

TEST(JobSearchTest, OutcomeBringsTheNextSlotAndItsRepetitionNothing) {
  InMemoryJobStore store;
  FakeCostSource costs;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(MakeJob(1e9), store));
  Candidate row = RowOf(AdvanceAll(*search, costs)[0]);
  row.state = CandidateState::kScored;
  row.score = FakeScoreOf(row.subnet_json);

  search->SetOutcome(row);
  EXPECT_THAT(AdvanceAll(*search, costs), SizeIs(1));
  search->SetOutcome(row);
  EXPECT_THAT(AdvanceAll(*search, costs), IsEmpty());
}

TEST(JobSearchTest, FailedCostsCanBeAskedAgain) {
  InMemoryJobStore store;
  FakeCostSource costs;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(MakeJob(1e9), store));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto calm, JobSearch::Restore(MakeJob(1e9), store));
  costs.SetFailure(absl::UnavailableError("away"));
  EXPECT_THAT(search->Advance(costs), StatusIs(absl::StatusCode::kUnavailable, "away"));
  EXPECT_FALSE(search->idle());
  costs.SetFailure(absl::OkStatus());

  const std::vector<Proposal> late = AdvanceAll(*search, costs);
  const std::vector<Proposal> expected = AdvanceAll(*calm, costs);

  ASSERT_EQ(late.size(), expected.size());
  for (size_t i = 0; i < late.size(); ++i) {
    EXPECT_EQ(late[i].subnet_json, expected[i].subnet_json);
  }
}

TEST(JobSearchTest, ImpossibleLimitsMakeSlotsInfeasible) {
  InMemoryJobStore store;
  FakeCostSource costs;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(MakeJob(1), store));

  const std::vector<Proposal> proposals = AdvanceAll(*search, costs);

  ASSERT_THAT(proposals, SizeIs(10));
  EXPECT_TRUE(proposals[0].infeasible);
  EXPECT_GT(proposals[0].rejected, 0);
  EXPECT_THAT(proposals[0].reason, ::testing::HasSubstr("over a limit"));
}

// The least SRAM of a network in kws by FakeCostOf is 1000 bytes whole, 500 streamed.
TEST(JobSearchTest, LimitThatOnlyRowsMeetIsMetByThem) {
  InMemoryJobStore store;
  FakeCostSource costs;
  Job job = MakeJob(1e9);
  job.spec.constraints = {{search::Metric::kSramBytes, 900}};
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto whole, JobSearch::Restore(job, store));
  EXPECT_TRUE(AdvanceAll(*whole, costs)[0].infeasible);
  costs.SetStreams();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(job, store));

  const std::vector<Proposal> proposals = AdvanceAll(*search, costs);

  ASSERT_THAT(proposals, SizeIs(4));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  for (const Proposal& proposal : proposals) {
    ASSERT_FALSE(proposal.infeasible);
    EXPECT_EQ(proposal.cost.schedule, "streamed");
    EXPECT_LE(proposal.cost.sram_bytes, 900);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet subnet,
                                arch::SubnetFromJson(space, proposal.subnet_json));
    EXPECT_EQ(proposal.cost.sram_bytes, FakeCostOf(subnet).sram_bytes / 2);
    EXPECT_DOUBLE_EQ(proposal.cost.latency_us.value(),
                     1.25 * FakeCostOf(subnet).latency_us.value());
  }
}

TEST(JobSearchTest, LimitBelowEveryScheduleSaysTheSmallest) {
  InMemoryJobStore store;
  FakeCostSource costs;
  costs.SetStreams();
  Job job = MakeJob(1e9);
  job.spec.constraints = {{search::Metric::kSramBytes, 400}};
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(job, store));

  const std::vector<Proposal> proposals = AdvanceAll(*search, costs);

  ASSERT_THAT(proposals, SizeIs(10));
  EXPECT_TRUE(proposals[0].infeasible);
  EXPECT_THAT(proposals[0].reason,
              ::testing::ContainsRegex(
                  "the least SRAM of them is [0-9.]+ k?B(ytes)?, streamed, the limit is 400 B"));
}

TEST(JobSearchTest, UnknownFigureMeetsNoLimitAndTheReasonSaysSo) {
  InMemoryJobStore store;
  FakeCostSource costs;
  Job job = MakeJob(1e9);
  job.spec.constraints = {{search::Metric::kEnergyMj, 1e9}};
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(job, store));

  const std::vector<Proposal> proposals = AdvanceAll(*search, costs);

  ASSERT_THAT(proposals, SizeIs(10));
  EXPECT_TRUE(proposals[0].infeasible);
  EXPECT_THAT(proposals[0].reason,
              ::testing::HasSubstr("energy_mj of " + std::to_string(proposals[0].rejected) +
                                   " of them is unknown on device 'fake'"));
}

TEST(JobSearchTest, NetworksWithAnUnknownObjectiveAreNotProposed) {
  InMemoryJobStore store;
  FakeCostSource costs;
  costs.SetGap([](const arch::Subnet& subnet) { return subnet.genes[0] == 0; });
  Job job = MakeJob(1e9);
  job.spec.constraints.clear();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(job, store));

  const std::vector<Proposal> proposals = AdvanceAll(*search, costs);

  ASSERT_THAT(proposals, SizeIs(4));
  for (const Proposal& proposal : proposals) EXPECT_TRUE(proposal.cost.latency_us.known());
}

// A row of a job that limits energy, from when an unknown energy passed for 0.
TEST(JobSearchTest, OldRowWithAnUnknownLimitedCostIsRestored) {
  InMemoryJobStore store;
  FakeCostSource costs;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto before, JobSearch::Restore(MakeJob(1e9), store));
  Candidate row = RowOf(AdvanceAll(*before, costs)[0]);
  row.state = CandidateState::kScored;
  row.score = FakeScoreOf(row.subnet_json);
  Job job = MakeJob(1e9);
  job.spec.constraints = {{search::Metric::kEnergyMj, 5}};
  Mutations mutations;
  mutations.candidates[{1, 0}] = row;
  NIWAKI_ASSERT_OK(store.Commit(mutations, 0));

  NIWAKI_EXPECT_OK(JobSearch::Restore(job, store).status());
}

TEST(JobSearchTest, RowsOfAnotherSearchAreDataLoss) {
  InMemoryJobStore store;
  FakeCostSource costs;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto search, JobSearch::Restore(MakeJob(1e9), store));
  const Candidate row = RowOf(AdvanceAll(*search, costs)[0]);
  Mutations mutations;
  mutations.candidates[{1, 0}] = row;
  mutations.candidates[{1, 1}] = row;
  mutations.candidates[{1, 1}].slot = 1;
  NIWAKI_ASSERT_OK(store.Commit(mutations, 0));

  EXPECT_THAT(JobSearch::Restore(MakeJob(1e9), store),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::jobs
