#include "libs/jobs/proof/proof_driver.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/retry_class.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/candidate_ref.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/proof/proof_plan.h"

namespace niwaki::jobs {
namespace {

constexpr int64_t kPage = 1000;
// Begins the state_reason of a job whose proofs stand still.
constexpr absl::string_view kExcuse = "the proof stands still: ";

// The same for the same measurement of the same member of the same job, and for no other: jobs are
// told apart by when they were made, for uids begin anew in a new database.
std::string RequestIdOf(const Job& job, const Candidate& candidate, int64_t number) {
  const std::string hex = Sha256Hex(
      absl::StrCat("measurement ", number, "\njob ", job.uid, " ", job.id, "\nmade ",
                   absl::ToUnixMicros(job.create_time), "\nslot ", candidate.slot, "\nnetwork ",
                   candidate.proof->network->digest, "\nboard ", job.proof_board));
  const absl::string_view h = hex;
  return absl::StrCat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4), "-",
                      h.substr(16, 4), "-", h.substr(20, 12));
}

bool MayProve(const Job& job) {
  return job.state == JobState::kRunning && job.spec.proof.members != ProofMembers::kNone &&
         job.spec.tested_uid == 0 && job.counters.outcomes() >= job.slots();
}

}  // namespace

ProofDriver::~ProofDriver() { Stop(); }

void ProofDriver::OnCommitted(const CommittedChanges& changes) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return;
  for (const auto& [uid, job] : changes.rows.jobs) {
    // Others have nothing to prove, or have ended: they are forgotten when they are looked at.
    if (job.spec.proof.members != ProofMembers::kNone) changed_.insert(uid);
  }
}

void ProofDriver::Start(EngineLoop& loop) {
  loop_ = &loop;
  thread_ = std::thread([this] { Loop(); });
}

bool ProofDriver::Step(EngineLoop& loop) {
  loop_ = &loop;
  return RunOnce();
}

void ProofDriver::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

bool ProofDriver::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void ProofDriver::Loop() {
  while (!stopping()) {
    if (!RunOnce()) Wait(NextTry());
  }
}

void ProofDriver::Wait(absl::Time until) {
  absl::MutexLock lock(&mutex_);
  const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !changed_.empty() || !answered_.empty();
  };
  clock_.AwaitWithDeadline(mutex_, absl::Condition(&something), until);
}

void ProofDriver::TakeNews() {
  std::set<int64_t> changed;
  std::map<int64_t, Answers> answered;
  {
    absl::MutexLock lock(&mutex_);
    changed.swap(changed_);
    answered.swap(answered_);
  }
  for (const auto& [uid, answers] : answered) {
    const auto it = work_.find(uid);
    if (it == work_.end()) continue;
    Work& work = it->second;
    work.sent -= std::min(answers.count, work.sent);
    work.due = true;
    if (answers.lost) {
      // The store failed, or the loop is stopping.
      work.pause = std::max(options_.min_pause, std::min(work.pause * 2, options_.max_pause));
      work.next_try = clock_.Now() + work.pause;
    }
  }
  for (const int64_t uid : changed) work_[uid].due = true;
}

absl::Time ProofDriver::NextTry() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [uid, work] : work_) {
    if (work.due && work.sent == 0) next = std::min(next, work.next_try);
  }
  return next;
}

bool ProofDriver::RunOnce() {
  TakeNews();
  bool any = false;
  for (auto it = work_.begin(); it != work_.end();) {
    const auto next = std::next(it);
    Work& work = it->second;
    // One step of a job at a time: what follows depends on what is committed by then.
    if (work.due && work.sent == 0 && work.next_try <= clock_.Now()) {
      any = true;
      work.due = false;
      const int64_t uid = it->first;
      const absl::StatusOr<bool> live = Advance(uid, work);
      if (!live.ok()) {
        Retry(uid, work, live.status());
      } else if (!*live) {
        work_.erase(it);
      }
    }
    it = next;
  }
  return any;
}

absl::StatusOr<bool> ProofDriver::Advance(int64_t job_uid, Work& work) {
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> job, reader_.FindJobByUid(job_uid));
  if (!job.has_value() || IsFinal(job->state)) return false;
  if (!MayProve(*job)) return true;
  // An excuse of an earlier driver is this one's to take back.
  if (absl::StartsWith(job->state_reason, kExcuse)) work.excuse = job->state_reason;
  NIWAKI_RETURN_IF_ERROR(job->counters.proof.under_way() == 0 ? Plan(*job, work)
                                                              : CarryOn(*job, work));
  return true;
}

absl::Status ProofDriver::Plan(const Job& job, Work& work) {
  std::vector<Candidate> scored;
  int64_t from_slot = 0;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(
        std::vector<Candidate> page,
        reader_.ListCandidates(job.uid, from_slot, CandidateState::kScored, kPage));
    const bool last = page.size() < kPage;
    if (!last) from_slot = page.back().slot + 1;
    std::move(page.begin(), page.end(), std::back_inserter(scored));
    if (last) break;
  }
  SetExcuse(job.uid, work, "");
  const auto plan = std::make_shared<ProofPlan>(PlanProofs(job, scored));
  Send(job.uid, work, [uid = job.uid, plan](JobEngine& engine, absl::Time now) {
    return engine.AdvanceProof(uid, *plan, now);
  });
  return absl::OkStatus();
}

absl::Status ProofDriver::CarryOn(const Job& job, Work& work) {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<Candidate> proofs, reader_.ListProofs(job.uid));
  const auto is = [](const Candidate& candidate, ProofState state) {
    return candidate.proof->state == state;
  };
  if (job.proof_board.empty()) {
    const bool any = std::any_of(proofs.begin(), proofs.end(), [&](const Candidate& candidate) {
      return is(candidate, ProofState::kQuantised);
    });
    if (!any) return absl::OkStatus();
    NIWAKI_ASSIGN_OR_RETURN(const std::string board, boards_.FindBoard(job.spec.device));
    SetExcuse(job.uid, work, "");
    Send(job.uid, work, [uid = job.uid, board](JobEngine& engine, absl::Time) {
      engine.SetProofBoard(uid, board);
      return absl::OkStatus();
    });
    return absl::OkStatus();
  }
  absl::Duration wait = options_.poll_wait;
  std::string waiting;
  bool measuring = false;
  for (const Candidate& candidate : proofs) {
    if (is(candidate, ProofState::kQuantised)) {
      NIWAKI_RETURN_IF_ERROR(Measure(job, candidate, work));
    }
  }
  for (const Candidate& candidate : proofs) {
    if (!is(candidate, ProofState::kMeasuring)) continue;
    measuring = true;
    NIWAKI_RETURN_IF_ERROR(
        FollowUp(job, candidate, work.sent > 0 ? absl::ZeroDuration() : wait, work, waiting));
    wait = absl::ZeroDuration();
  }
  work.pause = absl::ZeroDuration();
  if (measuring || !work.excuse.empty()) SetExcuse(job.uid, work, waiting);
  if (measuring) {
    work.due = true;
    // What was handed in may be followed by more at once.
    work.next_try = clock_.Now() + (work.sent > 0 ? absl::ZeroDuration() : options_.poll_pause);
  }
  return absl::OkStatus();
}

absl::Status ProofDriver::Measure(const Job& job, const Candidate& candidate, Work& work) {
  const CandidateRef ref = {job.uid, candidate.slot};
  const int64_t number = candidate.proof->measurements + 1;
  BoardRequest request;
  request.board = job.proof_board;
  request.network_digest = candidate.proof->network->digest;
  request.schedule = candidate.cost.schedule;
  request.request_id = RequestIdOf(job, candidate, number);
  const absl::StatusOr<std::string> measurement = boards_.Measure(request);
  if (!measurement.ok() && MayAnswerLater(measurement.status().code())) {
    return measurement.status();
  }
  if (!measurement.ok()) {
    MeasurementOutcome outcome;
    outcome.failure = std::string(measurement.status().message());
    Send(job.uid, work, [ref, number, outcome](JobEngine& engine, absl::Time) {
      engine.EndMeasurement(ref, number, outcome);
      return absl::OkStatus();
    });
    return absl::OkStatus();
  }
  Send(job.uid, work, [ref, number, name = *measurement](JobEngine& engine, absl::Time) {
    engine.BeginMeasurement(ref, number, name);
    return absl::OkStatus();
  });
  return absl::OkStatus();
}

absl::Status ProofDriver::FollowUp(const Job& job, const Candidate& candidate, absl::Duration wait,
                                   Work& work, std::string& waiting) {
  const Proof& proof = *candidate.proof;
  absl::StatusOr<BoardMeasurement> found = boards_.Follow(proof.measurement, wait);
  MeasurementOutcome outcome;
  if (!found.ok()) {
    if (MayAnswerLater(found.status().code())) return found.status();
    outcome.failure = std::string(found.status().message());
  } else if (found->ended) {
    outcome.figures = std::move(found->figures);
    outcome.failure = std::move(found->failure);
    outcome.fault_of_network = found->fault_of_network;
  } else if (found->waiting.empty()) {
    work.waits_since.erase(candidate.slot);
    return absl::OkStatus();
  } else {
    waiting = absl::StrCat(proof.measurement, " waits: ", found->waiting);
    const absl::Time now = clock_.Now();
    const absl::Time since = work.waits_since.try_emplace(candidate.slot, now).first->second;
    if (now - since < options_.board_patience) return absl::OkStatus();
    outcome.failure = absl::StrCat("no board took it: ", found->waiting);
    outcome.give_up = true;
  }
  work.waits_since.erase(candidate.slot);
  const CandidateRef ref = {job.uid, candidate.slot};
  Send(job.uid, work, [ref, number = proof.measurements, outcome](JobEngine& engine, absl::Time) {
    engine.EndMeasurement(ref, number, outcome);
    return absl::OkStatus();
  });
  return absl::OkStatus();
}

void ProofDriver::Send(int64_t job_uid, Work& work, EngineLoop::Apply apply) {
  ++work.sent;
  loop_->Submit(std::move(apply), [this, job_uid](const absl::Status& status) {
    // What was not committed is seen in the rows, and done again.
    absl::MutexLock lock(&mutex_);
    Answers& answers = answered_[job_uid];
    ++answers.count;
    answers.lost = answers.lost || !status.ok();
  });
}

void ProofDriver::SetExcuse(int64_t job_uid, Work& work, const std::string& excuse) {
  const std::string text = excuse.empty() ? "" : absl::StrCat(kExcuse, excuse);
  if (work.excuse == text) return;
  work.excuse = text;
  Send(job_uid, work, [job_uid, text](JobEngine& engine, absl::Time) {
    engine.SetStateReason(job_uid, text);
    return absl::OkStatus();
  });
}

void ProofDriver::Retry(int64_t job_uid, Work& work, const absl::Status& why) {
  work.pause = std::max(options_.min_pause, std::min(work.pause * 2, options_.max_pause));
  work.next_try = clock_.Now() + work.pause;
  work.due = true;
  SetExcuse(job_uid, work, std::string(why.message()));
}

}  // namespace niwaki::jobs
