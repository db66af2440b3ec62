#include "libs/jobs/proposer/proposer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/retry_class.h"
#include "libs/base/status_macros.h"

namespace niwaki::jobs {
namespace {

}  // namespace

Proposer::~Proposer() { Stop(); }

void Proposer::OnCommitted(const Mutations& mutations) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return;
  for (const auto& [uid, job] : mutations.jobs) news_.states[uid] = job.state;
  for (const auto& [ref, candidate] : mutations.candidates) {
    if (IsOutcome(candidate.state)) news_.outcomes.emplace_back(ref.job_uid, candidate);
  }
}

absl::Status Proposer::Start(EngineLoop& loop) {
  loop_ = &loop;
  std::map<int64_t, JobState> states;
  NIWAKI_RETURN_IF_ERROR(loop.Run([&](JobEngine& engine, absl::Time) {
    for (const int64_t uid : engine.LiveJobs()) states[uid] = engine.StateOf(uid);
    return absl::OkStatus();
  }));
  {
    absl::MutexLock lock(&mutex_);
    // What was committed meanwhile is newer.
    news_.states.insert(states.begin(), states.end());
  }
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void Proposer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void Proposer::Loop() {
  bool more = false;
  while (true) {
    News news;
    if (!Wait(more ? absl::InfinitePast() : NextTry(), news)) return;
    Take(news);
    more = false;
    const absl::Time now = clock_.Now();
    for (auto& [uid, search] : searches_) {
      if (search.next_try <= now) more |= Advance(uid, search);
    }
  }
}

bool Proposer::Wait(absl::Time until, News& news) {
  absl::MutexLock lock(&mutex_);
  const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !news_.empty();
  };
  clock_.AwaitWithDeadline(mutex_, absl::Condition(&something), until);
  news = std::exchange(news_, {});
  return !stopping_;
}

void Proposer::Take(News& news) {
  for (const auto& [uid, state] : news.states) {
    if (IsFinal(state)) {
      searches_.erase(uid);
    } else {
      searches_[uid].state = state;
    }
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
  if (it == searches_.end()) return;
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
  if (search.search == nullptr) {
    const absl::Status status = Restore(job_uid, search);
    if (!status.ok()) {
      Excuse(job_uid, search, status);
      return false;
    }
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
  NIWAKI_ASSIGN_OR_RETURN(search.search, JobSearch::Restore(*job, reader_));
  return absl::OkStatus();
}

void Proposer::Send(int64_t job_uid, Search& search) {
  if (search.sending || search.unsent.empty()) return;
  search.sending = true;
  loop_->Submit(
      [job_uid, proposals = search.unsent](JobEngine& engine, absl::Time now) {
        return engine.AddCandidates(job_uid, proposals, now);
      },
      [this, job_uid, count = search.unsent.size()](const absl::Status& status) {
        absl::MutexLock lock(&mutex_);
        news_.sent.push_back({job_uid, count, status});
      });
}

void Proposer::Excuse(int64_t job_uid, Search& search, const absl::Status& status) {
  const bool transient = MayAnswerLater(status.code());
  search.pause = std::max(options_.min_pause, std::min(search.pause * 2, options_.max_pause));
  search.next_try = clock_.Now() + (transient ? search.pause : options_.max_pause);
  if (search.excused && transient) return;
  search.excused = true;
  Log(transient ? Severity::kWarning : Severity::kError, "proposer_stuck",
      {{"job_uid", job_uid}, {"status", status.ToString()}});
  loop_->Submit(
      [job_uid, transient, message = std::string(status.message())](JobEngine& engine,
                                                                    absl::Time now) {
        if (transient) {
          engine.SetStateReason(job_uid, absl::StrCat("no new candidates for now: ", message));
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
  Log(Severity::kInfo, "proposer_free", {{"job_uid", job_uid}});
  loop_->Submit(
      [job_uid](JobEngine& engine, absl::Time) {
        engine.SetStateReason(job_uid, "");
        return absl::OkStatus();
      },
      [](const absl::Status&) {});
}

absl::Time Proposer::NextTry() const {
  absl::Time next = absl::InfiniteFuture();
  const absl::Time now = clock_.Now();
  for (const auto& [uid, search] : searches_) {
    if (search.next_try > now) next = std::min(next, search.next_try);
  }
  return next;
}

}  // namespace niwaki::jobs
