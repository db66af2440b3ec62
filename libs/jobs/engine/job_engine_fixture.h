// An engine with its store and a clock that tests move, for the tests of JobEngine.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_JOB_ENGINE_FIXTURE_H_
#define NIWAKI_LIBS_JOBS_ENGINE_JOB_ENGINE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {

inline constexpr absl::Duration kTtl = absl::Seconds(15);

class JobEngineTest : public ::testing::Test {
 protected:
  void SetUp() override { Reload(); }

  // A restart from what was committed.
  void Reload() { engine_ = *JobEngine::Load(store_, EngineOptions(), now_); }
  void Commit() { NIWAKI_ASSERT_OK(store_.Commit(engine_->TakeMutations(now_), 0)); }

  // A job with `count` candidates "ID0", "ID1", …; those of equal text are the same network.
  int64_t MakeJob(const std::string& id, int count, const std::string& prefix = "",
                  const std::string& precision = kDefaultPrecision) {
    Job job;
    job.id = id;
    job.spec.evaluation.precision = precision;
    job.spec.max_candidates = count;
    job.supernet_digest = "supernet";
    const absl::StatusOr<Job> made = engine_->CreateJob(job, now_);
    EXPECT_THAT(made, IsOk());
    std::vector<Proposal> proposals;
    for (int slot = 0; slot < count; ++slot) {
      proposals.push_back(MakeProposal(slot, absl::StrCat(prefix.empty() ? id : prefix, slot)));
    }
    NIWAKI_EXPECT_OK(engine_->AddCandidates(made->uid, proposals, now_));
    return made->uid;
  }

  static Proposal MakeProposal(int64_t slot, const std::string& text) {
    Proposal proposal;
    proposal.slot = slot;
    proposal.subnet_json = text;
    proposal.subnet_id = FingerprintOf(text.data(), text.size());
    proposal.cost.latency_us =
        cost::Figure::Of(100.0 + slot, 100, 200 + slot, cost::Provenance::kPredicted);
    return proposal;
  }

  std::vector<LeaseGrant> Lease(const std::string& worker, int max,
                                const std::string& precision = kDefaultPrecision) {
    return *engine_->Lease(worker, precision, max, now_);
  }

  ReportVerdict Report(const std::string& worker, const LeaseGrant& grant, const Score& score) {
    return engine_->ReportScores(worker, {{grant.id.ToString(), grant.id.epoch, score, ""}}, now_)
        ->front();
  }
  ReportVerdict Report(const std::string& worker, const LeaseGrant& grant) {
    return Report(worker, grant, FakeScoreOf(grant.subnet_json));
  }
  ReportVerdict Fail(const std::string& worker, const LeaseGrant& grant,
                     const absl::Status& why = absl::UnknownError("oom")) {
    return engine_
        ->ReportScores(worker,
                       {{grant.id.ToString(), grant.id.epoch, std::nullopt,
                         std::string(why.message()), why.code()}},
                       now_)
        ->front();
  }
  void Run(const std::string& worker, const LeaseGrant& grant) {
    EXPECT_THAT(engine_->Extend(worker, {{grant.id.ToString(), grant.id.epoch, true}}, now_),
                ::testing::IsEmpty());
  }
  void PassTtl() {
    now_ += kTtl;
    NIWAKI_EXPECT_OK(engine_->ExpireLeases(now_));
  }

  Job GetJob(const std::string& id) { return *engine_->GetJob(id); }
  Candidate Row(int64_t uid, int64_t slot) {
    Commit();
    return **store_.FindCandidate({uid, slot});
  }

  absl::Time now_ = absl::FromUnixSeconds(1000);
  InMemoryJobStore store_;
  std::unique_ptr<JobEngine> engine_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_JOB_ENGINE_FIXTURE_H_
