#include "libs/jobs/proof/proof_driver.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/digest.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/job.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/proof/fake_proof_boards.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kSlots = 3;

// A job whose networks are all scored and on its front, a worker that proves at once, and a driver.
class ProofDriverTest : public ::testing::Test {
 protected:
  ProofDriverTest() { Start(); }
  ~ProofDriverTest() override { loop_->Stop(); }

  // Again: as after a kill.
  void Start() {
    driver_ = nullptr;
    if (loop_ != nullptr) loop_->Stop();
    loop_ = nullptr;
    events_ = std::make_unique<EventStream>();
    driver_ = std::make_unique<ProofDriver>(store_, boards_, clock_, ProofDriverOptions());
    events_->Subscribe(*driver_);
    EngineLoopOptions options;
    options.events = events_.get();
    loop_ = *EngineLoop::Create(store_, clock_, options);
  }

  void Do(const EngineLoop::Apply& apply) {
    loop_->Submit(apply, [](const absl::Status& status) { NIWAKI_EXPECT_OK(status); });
    Settle();
  }

  // Until nobody has anything to do now.
  void Settle() {
    for (int i = 0; i < 1000; ++i) {
      const bool stepped = loop_->Step();
      if (!driver_->Step(*loop_) && !stepped) return;
    }
    ADD_FAILURE() << "never settles";
  }

  void MakeScored(ProofMembers members) {
    Do([members](JobEngine& engine, absl::Time now) {
      Job job;
      job.id = "a";
      job.spec.device = "stm32f746";
      job.spec.max_candidates = kSlots;
      job.spec.proof.members = members;
      job.supernet_digest = "supernet";
      const int64_t uid = engine.CreateJob(job, now)->uid;
      std::vector<Proposal> proposals;
      for (int slot = 0; slot < kSlots; ++slot) {
        Proposal proposal;
        proposal.slot = slot;
        proposal.subnet_json = absl::StrCat("network ", slot);
        proposal.subnet_id =
            FingerprintOf(proposal.subnet_json.data(), proposal.subnet_json.size());
        proposal.cost.schedule = "streamed_75";
        proposal.cost.latency_us =
            cost::Figure::Of(100 + slot, 100, 200, cost::Provenance::kPredicted);
        proposals.push_back(proposal);
      }
      return engine.AddCandidates(uid, proposals, now);
    });
    Work();
  }

  // Everything that is there to be scored or proven.
  void Work() {
    Do([](JobEngine& engine, absl::Time now) {
      WorkerAbilities abilities;
      abilities.proves = true;
      abilities.quantiser_version = 1;
      while (true) {
        const auto grants = engine.Lease("w", kDefaultPrecision, 10, now, abilities);
        if (grants->empty()) return absl::OkStatus();
        for (const LeaseGrant& grant : *grants) {
          Report report;
          report.lease_id = grant.id.ToString();
          report.epoch = grant.id.epoch;
          const double top1 = 0.5 + 0.01 * grant.id.ref.slot;
          const Score score = {top1, 0.9, 1, 100, 0};
          if (grant.task == LeaseTask::kScore) {
            report.score = score;
          } else {
            report.network = Int8Network{
                Sha256Hex(grant.subnet_json), 1, Sha256Hex("from " + grant.subnet_json), score, {}};
          }
          EXPECT_EQ(engine.ReportScores("w", {report}, now)->front().verdict, Verdict::kAccepted);
        }
      }
    });
  }

  Job GetJob() { return **store_.FindJob("a"); }
  std::vector<Candidate> Proofs() { return *store_.ListProofs(GetJob().uid); }

  InMemoryJobStore store_;
  FakeProofBoards boards_;
  FakeClock clock_{absl::FromUnixSeconds(1000)};
  std::unique_ptr<EventStream> events_;
  std::unique_ptr<ProofDriver> driver_;
  std::unique_ptr<EngineLoop> loop_;
};

TEST_F(ProofDriverTest, WholeFrontIsProvenOnABoard) {
  MakeScored(ProofMembers::kFront);
  EXPECT_EQ(GetJob().counters.proof.pending, kSlots);
  Work();
  clock_.Advance(absl::Seconds(1));
  Settle();

  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  EXPECT_EQ(GetJob().proof_board, "core/cortex-m7");
  ASSERT_THAT(Proofs(), SizeIs(kSlots));
  for (const Candidate& candidate : Proofs()) {
    EXPECT_EQ(candidate.proof->figures->bill_digest, candidate.proof->network->digest);
  }
  ASSERT_THAT(boards_.requests(), SizeIs(kSlots));
  EXPECT_EQ(boards_.requests()[0].schedule, "streamed_75");
  EXPECT_EQ(boards_.requests()[0].board, "core/cortex-m7");
}

TEST_F(ProofDriverTest, WithoutABoardTheInt8NetworkIsTheProof) {
  boards_.board = std::string(kNoBoard);
  MakeScored(ProofMembers::kBest);
  Work();
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  ASSERT_THAT(Proofs(), SizeIs(1));
  EXPECT_EQ(Proofs()[0].proof->state, ProofState::kProven);
  EXPECT_THAT(boards_.requests(), SizeIs(0));
}

TEST_F(ProofDriverTest, KilledAnywhereItAsksForNothingTwice) {
  boards_.outcomes[Sha256Hex("network 2")] = {};
  MakeScored(ProofMembers::kBest);
  Start();
  Settle();
  Work();
  Start();
  Settle();
  ASSERT_THAT(boards_.requests(), SizeIs(1));
  EXPECT_EQ(GetJob().counters.proof.measuring, 1);
  // The answer is lost, and so is the commit: it is asked again under the same id.
  Start();
  clock_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_THAT(boards_.requests(), SizeIs(1));
  boards_.outcomes.clear();
  clock_.Advance(absl::Seconds(1));
  Settle();
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
}

TEST_F(ProofDriverTest, CommitThatFailsAfterTheMeasurementWasAskedForIsRepeatedUnderItsId) {
  MakeScored(ProofMembers::kBest);
  boards_.board = absl::UnavailableError("not yet");
  Work();
  boards_.board = std::string("core/cortex-m7");
  // The choice of the board is the next commit, the measurement the one behind it.
  store_.FailCommit(2, absl::UnavailableError("connection lost"));
  for (int i = 0; i < 50 && GetJob().state == JobState::kRunning; ++i) {
    clock_.Advance(absl::Seconds(2));
    Settle();
  }
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  EXPECT_THAT(boards_.requests(), SizeIs(1));
}

TEST_F(ProofDriverTest, OracleThatIsAwayIsSaidAndTakenBack) {
  MakeScored(ProofMembers::kBest);
  boards_.board = absl::UnavailableError("the oracle is away");
  Work();
  EXPECT_THAT(GetJob().state_reason, HasSubstr("the proof stands still: the oracle is away"));
  boards_.board = std::string("core/cortex-m7");
  boards_.outcomes[Sha256Hex("network 2")].waiting = "no board of core cortex-m7 is connected";
  clock_.Advance(absl::Seconds(10));
  Settle();
  EXPECT_THAT(GetJob().state_reason, HasSubstr("measurements/1 waits: no board of core"));
  boards_.outcomes.clear();
  clock_.Advance(absl::Seconds(10));
  Settle();
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  EXPECT_EQ(GetJob().state_reason, "");
}

TEST_F(ProofDriverTest, BoardThatNeverComesDoesNotKeepTheJob) {
  boards_.outcomes[Sha256Hex("network 2")].waiting = "no board of core cortex-m7 is connected";
  MakeScored(ProofMembers::kBest);
  Work();
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(absl::Minutes(1));
    Settle();
  }
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  EXPECT_THAT(Proofs()[0].proof->reason, HasSubstr("no board took it"));
}

TEST_F(ProofDriverTest, RefusedMeasurementIsCountedAndNotRepeatedForEver) {
  boards_.measure_error = absl::InvalidArgumentError("no such schedule");
  MakeScored(ProofMembers::kBest);
  Work();
  clock_.Advance(absl::Seconds(10));
  Settle();
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
  EXPECT_EQ(Proofs()[0].proof->measurements, 3);
  EXPECT_THAT(Proofs()[0].proof->reason, HasSubstr("no such schedule"));
}

TEST_F(ProofDriverTest, PausedJobGoesOnWhenItIsResumed) {
  boards_.outcomes[Sha256Hex("network 2")] = {};
  MakeScored(ProofMembers::kBest);
  Work();
  Do([](JobEngine& engine, absl::Time now) { return engine.PauseJob("a", now).status(); });
  boards_.outcomes.clear();
  clock_.Advance(absl::Seconds(10));
  Settle();
  EXPECT_EQ(GetJob().state, JobState::kPaused);
  Do([](JobEngine& engine, absl::Time now) { return engine.ResumeJob("a", now).status(); });
  clock_.Advance(absl::Seconds(10));
  Settle();
  EXPECT_EQ(GetJob().state, JobState::kSucceeded);
}

}  // namespace
}  // namespace niwaki::jobs
