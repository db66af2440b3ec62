#include "libs/jobs/proposer/front_proposals.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/in_memory_job_store.h"
#include "libs/jobs/tested_front.h"

namespace niwaki::jobs {
namespace {

Candidate Scored(int64_t slot, double top1, double latency_us) {
  Candidate candidate;
  candidate.slot = slot;
  candidate.state = CandidateState::kScored;
  candidate.subnet_json = absl::StrCat("net", slot);
  candidate.subnet_id = FingerprintOf(candidate.subnet_json.data(), candidate.subnet_json.size());
  candidate.cost.latency_us =
      cost::Figure::Of(latency_us, latency_us, latency_us, cost::Provenance::kPredicted);
  candidate.score = Score{top1, 1, 1, 720, 0};
  return candidate;
}

class FrontProposalsTest : public ::testing::Test {
 protected:
  // Slots 3 and 0 are on the front, in this order; 1 is worse than 0, 2 could not be scored.
  void SetUp() override {
    tested_.uid = 1;
    tested_.id = "a";
    tested_.state = JobState::kSucceeded;
    tested_.counters.front_size = 2;
    Mutations rows;
    rows.jobs.emplace(1, tested_);
    rows.candidates.emplace(CandidateRef{1, 0}, Scored(0, 0.7, 100));
    rows.candidates.emplace(CandidateRef{1, 1}, Scored(1, 0.6, 100));
    rows.candidates.emplace(CandidateRef{1, 3}, Scored(3, 0.8, 200));
    Candidate failed = Scored(2, 0.9, 100);
    failed.state = CandidateState::kFailed;
    rows.candidates.emplace(CandidateRef{1, 2}, failed);
    NIWAKI_ASSERT_OK(store_.Commit(rows, 0));
  }

  Job tested_;
  InMemoryJobStore store_;
};

TEST_F(FrontProposalsTest, AreTheFrontInItsOrderWithItsCosts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<Proposal> proposals,
                              FrontProposals(TestJobOf(tested_), store_));

  ASSERT_EQ(proposals.size(), 2);
  EXPECT_EQ(proposals[0].slot, 0);
  EXPECT_EQ(proposals[0].subnet_json, "net3");
  EXPECT_EQ(proposals[0].subnet_id, Scored(3, 0, 0).subnet_id);
  EXPECT_EQ(proposals[0].cost.latency_us.value(), 200);
  EXPECT_EQ(proposals[1].slot, 1);
  EXPECT_EQ(proposals[1].subnet_json, "net0");
  EXPECT_FALSE(proposals[1].infeasible);
}

TEST_F(FrontProposalsTest, OtherFrontThanTheOneItWasMadeForIsDataLoss) {
  Job job = TestJobOf(tested_);
  job.spec.max_candidates = 3;

  EXPECT_THAT(FrontProposals(job, store_),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST_F(FrontProposalsTest, TestedJobThatIsGoneIsDataLoss) {
  Job job = TestJobOf(tested_);
  job.spec.tested_uid = 99;

  EXPECT_THAT(FrontProposals(job, store_),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::jobs
