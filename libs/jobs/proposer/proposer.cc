#include "libs/jobs/proposer/proposer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/base/retry_class.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/proposer/front_proposals.h"

namespace niwaki::jobs {
namespace {

// Begins the state_reason of a job whose candidates cannot be proposed just now.
constexpr absl::string_view kExcuse = "no new candidates for now: ";

}  // namespace

Proposer::~Proposer() { Stop(); }

void Proposer::OnCommitted(const CommittedChanges& changes) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return;
  for (const JobEvent& event : changes.events) {
    if (!std::holds_alternative<EngineLoaded>(event)) continue;
    // What was heard before is in the rows, or it is not so. Answers are still to be taken.
    news_.loaded = true;
    news_.states.clear();
    news_.outcomes.clear();
  }
  for (const auto& [uid, job] : changes.rows.jobs) news_.states[uid] = {job.state, job.slots()};
  for (const auto& [ref, candidate] : changes.rows.candidates) {
    if (IsOutcome(candidate.state)) news_.outcomes.emplace_back(ref.job_uid, candidate);
  }
}

void Proposer::Start(EngineLoop& loop) {
  loop_ = &loop;
  thread_ = std::thread([this] { Loop(); });
}

bool Proposer::Step(EngineLoop& loop) {
  loop_ = &loop;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_ || (news_.empty() && !more_ && NextTry() > clock_.Now())) return false;
  }
  more_ = RunOnce();
  return true;
}

void Proposer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

bool Proposer::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void Proposer::Loop() {
  while (!stopping()) {
    more_ = RunOnce();
    if (!more_) Wait(NextTry());
  }
}

void Proposer::Wait(absl::Time until) {
  absl::MutexLock lock(&mutex_);
  const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !news_.empty();
  };
  clock_.AwaitWithDeadline(mutex_, absl::Condition(&something), until);
}

bool Proposer::RunOnce() {
  News news;
  {
    absl::MutexLock lock(&mutex_);
    news = std::exchange(news_, {});
  }
  Take(news);
  bool more = false;
  const absl::Time now = clock_.Now();
  ran_at_ = now;
  for (auto& [uid, search] : searches_) {
    if (search.next_try <= now) more |= Advance(uid, search);
  }
  return more;
}

void Proposer::Take(News& news) {
  if (news.loaded) searches_.clear();
  for (const auto& [uid, job] : news.states) {
    const auto& [state, slots] = job;
    if (IsFinal(state)) {
      searches_.erase(uid);
      continue;
    }
    const auto [it, fresh] = searches_.try_emplace(uid);
    if (fresh) it->second.generation = ++generation_;
    it->second.state = state;
    if (slots > it->second.slots && it->second.search != nullptr) {
      // More are to be searched, by what the rows say now.
      it->second = Search();
      it->second.generation = ++generation_;
      it->second.state = state;
    }
    it->second.slots = slots;
  }
  for (const auto& [uid, candidate] : news.outcomes) {
    const auto it = searches_.find(uid);
    if (it != searches_.end() && it->second.search != nullptr) {
      it->second.search->SetOutcome(candidate);
    }
  }
  for (const Sent& sent : news.sent) TakeSent(sent);
}

void Proposer::TakeSent(const Sent& sent) {
  const auto it = searches_.find(sent.job_uid);
  if (it == searches_.end() || it->second.generation != sent.generation) return;
  Search& search = it->second;
  search.sending = false;
  if (!sent.status.ok()) {
    // The store failed; the proposals are still to be sent.
    search.pause = std::max(options_.min_pause, std::min(search.pause * 2, options_.max_pause));
    search.next_try = clock_.Now() + search.pause;
    return;
  }
  search.unsent.erase(search.unsent.begin(), search.unsent.begin() + sent.count);
}

bool Proposer::Advance(int64_t job_uid, Search& search) {
  if (search.state == JobState::kPaused) return false;
  if (search.search == nullptr && !search.front_read) {
    const absl::Status status = Restore(job_uid, search);
    if (!status.ok()) {
      Excuse(job_uid, search, status);
      return false;
    }
  }
  if (search.front_read) {
    ClearExcuse(job_uid, search);
    Send(job_uid, search);
    return false;
  }
  if (!search.search->idle()) {
    absl::StatusOr<std::vector<Proposal>> proposals = search.search->Advance(costs_);
    if (!proposals.ok()) {
      Excuse(job_uid, search, proposals.status());
      return false;
    }
    ClearExcuse(job_uid, search);
    std::move(proposals->begin(), proposals->end(), std::back_inserter(search.unsent));
  }
  Send(job_uid, search);
  return !search.search->idle();
}

absl::Status Proposer::Restore(int64_t job_uid, Search& search) {
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> job, reader_.FindJobByUid(job_uid));
  if (!job.has_value()) return absl::NotFoundError("the job is gone");
  if (job->spec.tested_uid != 0) {
    NIWAKI_ASSIGN_OR_RETURN(search.unsent, FrontProposals(*job, reader_));
    search.front_read = true;
  } else {
    NIWAKI_ASSIGN_OR_RETURN(search.search, JobSearch::Restore(*job, reader_));
  }
  // An excuse of an earlier search is this one's to take back.
  search.excused = absl::StartsWith(job->state_reason, kExcuse);
  return absl::OkStatus();
}

void Proposer::Send(int64_t job_uid, Search& search) {
  if (search.sending || search.unsent.empty()) return;
  search.sending = true;
  ExpectedReads reads;
  for (const Proposal& proposal : search.unsent) {
    if (!proposal.infeasible) reads.proposed.push_back({job_uid, proposal.subnet_id});
  }
  loop_->Submit(
      [job_uid, proposals = search.unsent](JobEngine& engine, absl::Time now) {
        return engine.AddCandidates(job_uid, proposals, now);
      },
      [this, job_uid, generation = search.generation,
       count = search.unsent.size()](const absl::Status& status) {
        absl::MutexLock lock(&mutex_);
        news_.sent.push_back({job_uid, generation, count, status});
      },
      std::move(reads));
}

void Proposer::Excuse(int64_t job_uid, Search& search, const absl::Status& status) {
  const bool transient = MayAnswerLater(status.code());
  search.pause = std::max(options_.min_pause, std::min(search.pause * 2, options_.max_pause));
  search.next_try = clock_.Now() + (transient ? search.pause : options_.max_pause);
  if (search.excused && transient) return;
  search.excused = true;
  loop_->Submit(
      [job_uid, transient, message = std::string(status.message())](JobEngine& engine,
                                                                    absl::Time now) {
        if (transient) {
          engine.SetStateReason(job_uid, absl::StrCat(kExcuse, message));
        } else {
          engine.FailJob(job_uid, message, now);
        }
        return absl::OkStatus();
      },
      [](const absl::Status&) {});
}

void Proposer::ClearExcuse(int64_t job_uid, Search& search) {
  search.pause = absl::ZeroDuration();
  if (!search.excused) return;
  search.excused = false;
  loop_->Submit(
      [job_uid](JobEngine& engine, absl::Time) {
        engine.SetStateReason(job_uid, "");
        return absl::OkStatus();
      },
      [](const absl::Status&) {});
}

absl::Time Proposer::NextTry() const {
  // Also those that came due while the last round ran: it had not looked at them.
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [uid, search] : searches_) {
    if (search.next_try > ran_at_) next = std::min(next, search.next_try);
  }
  return next;
}

}  // namespace niwaki::jobs
