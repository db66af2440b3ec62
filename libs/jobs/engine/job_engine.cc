#include "libs/jobs/engine/job_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/tested_front.h"
#include "libs/store/request_record.h"

namespace niwaki::jobs {
namespace {

constexpr size_t kLoadPage = 1000;

absl::Status JobUnknown(absl::string_view job_id) {
  return Error(absl::StatusCode::kNotFound, reason::kJobUnknown)
      .Field("name")
      .Value(absl::StrCat("jobs/", job_id))
      .Message(absl::StrCat("job '", job_id, "' does not exist"));
}

absl::Status JobNotRunning(absl::string_view job_id, JobState state, absl::string_view limit) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning)
      .Field("state")
      .Value(JobStateName(state))
      .Limit(limit)
      .Message(absl::StrCat("job '", job_id, "' is ", JobStateName(state), ", not ", limit));
}

}  // namespace

absl::StatusOr<std::unique_ptr<JobEngine>> JobEngine::Load(const JobStore& store,
                                                           const EngineOptions& options,
                                                           absl::Time now) {
  std::unique_ptr<JobEngine> engine(new JobEngine(store, options, now));
  NIWAKI_RETURN_IF_ERROR(engine->LoadLive(store, now));
  return engine;
}

absl::Status JobEngine::LoadLive(const JobStore& store, absl::Time now) {
  NIWAKI_ASSIGN_OR_RETURN(LiveState state, store.Load());
  next_job_uid_ = state.next_job_uid;
  LoadDrains(state.drained_workers);
  for (Job& job : state.jobs) {
    const int64_t uid = job.uid;
    LiveJob& live = live_.try_emplace(uid, std::move(job)).first->second;
    uid_of_id_[live.job.id] = uid;
    live.loaded = true;
    live.pace_start = now;
    live.pace_outcomes = live.job.counters.outcomes();
    NIWAKI_RETURN_IF_ERROR(LoadOutcomes(store, live, now));
  }
  for (auto& [ref, candidate] : state.open_candidates) {
    LiveJob* live = FindLive(ref.job_uid);
    if (live == nullptr) continue;
    const Candidate& open = live->open.emplace(ref.slot, std::move(candidate)).first->second;
    LinkKey(*live, open);
    if (open.state == CandidateState::kLeased) {
      leases_.Claim({ref, open.epoch}, open.worker, now);
      NoteCall(open.worker, live->precision(), now);
    } else {
      live->ready.insert(ref.slot);
    }
  }
  return absl::OkStatus();
}

absl::Status JobEngine::LoadOutcomes(const JobStore& store, LiveJob& live, absl::Time now) {
  for (const CandidateState state : {CandidateState::kScored, CandidateState::kFailed}) {
    int64_t from_slot = 0;
    size_t found = kLoadPage;
    while (found == kLoadPage) {
      NIWAKI_ASSIGN_OR_RETURN(const std::vector<Candidate> page,
                              store.ListCandidates(live.job.uid, from_slot, state, kLoadPage));
      for (const Candidate& candidate : page) {
        if (state == CandidateState::kScored && !candidate.refused()) live.front->Add(candidate);
        if (candidate.proof.has_value()) LoadProof(live, candidate, now);
        if (state == CandidateState::kFailed) live.failures.Add(candidate.state_reason);
      }
      found = page.size();
      if (found > 0) from_slot = page.back().slot + 1;
    }
  }
  return absl::OkStatus();
}

JobEngine::LiveJob* JobEngine::FindLive(absl::string_view job_id) {
  const auto it = uid_of_id_.find(job_id);
  return it == uid_of_id_.end() ? nullptr : FindLive(it->second);
}

const JobEngine::LiveJob* JobEngine::FindLive(absl::string_view job_id) const {
  const auto it = uid_of_id_.find(job_id);
  return it == uid_of_id_.end() ? nullptr : &live_.at(it->second);
}

JobEngine::LiveJob* JobEngine::FindLive(int64_t job_uid) {
  const auto it = live_.find(job_uid);
  return it == live_.end() ? nullptr : &it->second;
}

absl::StatusOr<Job> JobEngine::NotLive(absl::string_view job_id,
                                       std::optional<JobState> fine) const {
  NIWAKI_ASSIGN_OR_RETURN(std::optional<Job> ended, rows_.FindJob(job_id));
  if (!ended.has_value()) return JobUnknown(job_id);
  if (fine.has_value() && ended->state == *fine) return *std::move(ended);
  return JobNotRunning(job_id, ended->state, "RUNNING");
}

absl::StatusOr<Job> JobEngine::CreateJob(Job job, absl::Time now) {
  const bool taken_live = FindLive(job.id) != nullptr;
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> ended, rows_.FindJob(job.id));
  if (taken_live || ended.has_value()) {
    return Error(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists)
        .Field("job_id")
        .Value(job.id)
        .Message(absl::StrCat("job '", job.id, "' exists already"));
  }
  NIWAKI_RETURN_IF_ERROR(CheckRoom());
  return Admit(std::move(job), now).job;
}

absl::Status JobEngine::CheckRoom() const {
  const int64_t live = live_.size();
  const int64_t max = options_.max_live_jobs;
  if (live < max) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, reason::kQueueFull)
      .Field("jobs")
      .Value(live)
      .Limit(max)
      .Message(absl::StrCat(live, " jobs have not ended, the limit is ", max));
}

JobEngine::LiveJob& JobEngine::Admit(Job job, absl::Time now) {
  job.uid = next_job_uid_++;
  rows_.pending().next_job_uid = next_job_uid_;
  job.state = JobState::kQueued;
  job.state_reason.clear();
  job.counters = {};
  job.create_time = now;
  job.end_time.reset();
  job.version = 0;
  LiveJob& live = live_.try_emplace(job.uid, std::move(job)).first->second;
  uid_of_id_[live.job.id] = live.job.uid;
  live.pace_start = now;
  Touch(live);
  Happened(JobCreated{NameOf(live.job)});
  NoteAbsentWorkers(now);
  return live;
}

absl::StatusOr<Job> JobEngine::PauseJob(absl::string_view job_id, absl::Time now) {
  LiveJob* live = FindLive(job_id);
  if (live == nullptr) return NotLive(job_id, std::nullopt);
  if (live->job.state != JobState::kPaused) SetState(*live, JobState::kPaused, "", now);
  return live->job;
}

absl::StatusOr<Job> JobEngine::ResumeJob(absl::string_view job_id, absl::Time now) {
  LiveJob* live = FindLive(job_id);
  if (live == nullptr) return NotLive(job_id, std::nullopt);
  if (live->job.state == JobState::kPaused) SetState(*live, JobState::kRunning, "", now);
  return live->job;
}

absl::StatusOr<Job> JobEngine::CancelJob(absl::string_view job_id, absl::Time now) {
  LiveJob* live = FindLive(job_id);
  if (live == nullptr) return NotLive(job_id, JobState::kCancelled);
  const int64_t uid = live->job.uid;
  End(*live, JobState::kCancelled, "cancelled by a user", now);
  return rows_.pending().jobs.at(uid);
}

absl::Status JobEngine::DeleteJob(absl::string_view job_id, absl::string_view etag) {
  if (const LiveJob* live = FindLive(job_id)) {
    return JobNotRunning(job_id, live->job.state, "ended");
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> job, rows_.FindJob(job_id));
  if (!job.has_value()) return JobUnknown(job_id);
  if (!etag.empty() && etag != job->etag()) {
    return Error(absl::StatusCode::kAborted, reason::kEtagMismatch)
        .Field("etag")
        .Value(etag)
        .Limit(job->etag())
        .Message(absl::StrCat("job '", job_id, "' has etag ", job->etag(), " now"));
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> test, EndedTestOf(*job));
  for (const Job* gone : {test.has_value() ? &*test : nullptr, &*job}) {
    if (gone == nullptr) continue;
    rows_.DeleteJob(gone->uid);
    Happened(JobDeleted{NameOf(*gone)});
  }
  return absl::OkStatus();
}

absl::StatusOr<Job> JobEngine::GetJob(absl::string_view job_id) const {
  if (const LiveJob* live = FindLive(job_id)) return live->job;
  NIWAKI_ASSIGN_OR_RETURN(std::optional<Job> ended, rows_.FindJob(job_id));
  if (!ended.has_value()) return JobUnknown(job_id);
  return *std::move(ended);
}

std::optional<std::vector<int64_t>> JobEngine::FrontSlots(int64_t job_uid) const {
  const auto it = live_.find(job_uid);
  if (it == live_.end()) return std::nullopt;
  return it->second.front->Slots();
}

void JobEngine::SetStateReason(int64_t job_uid, absl::string_view state_reason) {
  LiveJob* live = FindLive(job_uid);
  if (live == nullptr || live->job.state_reason == state_reason) return;
  live->job.state_reason = std::string(state_reason);
  Touch(*live);
  Happened(JobReasonChanged{NameOf(live->job), live->job.state_reason});
}

void JobEngine::FailJob(int64_t job_uid, absl::string_view state_reason, absl::Time now) {
  if (LiveJob* live = FindLive(job_uid)) End(*live, JobState::kFailed, state_reason, now);
}

void JobEngine::SetState(LiveJob& live, JobState state, absl::string_view state_reason,
                         absl::Time now) {
  NIWAKI_CHECK(MayBecome(live.job.state, state));
  Happened(JobStateChanged{NameOf(live.job), live.job.state, state, std::string(state_reason)});
  live.job.state = state;
  live.job.state_reason = std::string(state_reason);
  live.pace_start = now;
  live.pace_outcomes = live.job.counters.outcomes();
  Touch(live);
}

void JobEngine::End(LiveJob& live, JobState state, absl::string_view state_reason, absl::Time now) {
  for (auto& [slot, candidate] : live.open) {
    if (candidate.state == CandidateState::kLeased) MakePending(live, candidate);
  }
  for (auto& [slot, candidate] : live.proofs) {
    if (candidate.proof->state != ProofState::kLeased) continue;
    leases_.Release({live.job.uid, slot});
    SetProofState(live, candidate, ProofState::kPending);
  }
  for (const auto& [slot, candidate] : live.open) {
    UnlinkKey(live, candidate);
    WakeSameKey(KeyOf(live, candidate));
  }
  SetState(live, state, state_reason, now);
  live.job.end_time = now;
  live.job.remaining.reset();
  const int64_t uid = live.job.uid;
  dirty_.erase(uid);
  uid_of_id_.erase(live.job.id);
  rows_.pending().jobs.insert_or_assign(uid, std::move(live.job));
  live_.erase(uid);
}

void JobEngine::EndIfComplete(LiveJob& live, absl::Time now) {
  const JobCounters& counters = live.job.counters;
  if (counters.outcomes() < live.job.slots()) return;
  if (counters.scored == 0 && counters.failed > 0) {
    return End(live, JobState::kFailed, live.failures.JobReason(counters.failed), now);
  }
  // Its proofs begin or go on as soon as this is committed (AdvanceProof).
  if (WantsProof(live, now)) return;
  Succeed(live, now);
}

void JobEngine::Succeed(LiveJob& live, absl::Time now) {
  const JobCounters& counters = live.job.counters;
  const absl::string_view why = counters.scored > 0 ? "" : "no network within the limits was found";
  const int64_t uid = live.job.uid;
  const bool test = live.job.spec.test_front && live.front->size() > 0;
  End(live, JobState::kSucceeded, why, now);
  // There is room: this job has just left.
  if (test) Admit(TestJobOf(rows_.pending().jobs.at(uid)), now);
}

void JobEngine::Touch(LiveJob& live) {
  ++live.job.version;
  dirty_.insert(live.job.uid);
}

absl::StatusOr<std::optional<std::string>> JobEngine::FindAnswer(
    const RequestRecord& request) const {
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<RequestRecord> known,
                          rows_.FindRequest(request.request_id));
  return store::AnswerOf(known, request);
}

void JobEngine::RecordAnswer(RequestRecord record) {
  if (record.request_id.empty()) return;
  rows_.pending().requests.insert_or_assign(record.request_id, std::move(record));
}

absl::StatusOr<Supernet> JobEngine::PutSupernet(Supernet supernet, absl::Time now) {
  NIWAKI_ASSIGN_OR_RETURN(std::optional<Supernet> known, rows_.FindSupernet(supernet.name));
  if (known.has_value()) {
    if (known->digest == supernet.digest && known->data_digest == supernet.data_digest &&
        known->space_text == supernet.space_text) {
      return *std::move(known);
    }
    return Error(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists)
        .Field("supernet.name")
        .Value(supernet.name)
        .Message(absl::StrCat("supernet '", supernet.name, "' exists already with other content"));
  }
  supernet.create_time = now;
  rows_.pending().supernets.insert_or_assign(supernet.name, supernet);
  Happened(SupernetRegistered{supernet.name, supernet.digest});
  return supernet;
}

Mutations JobEngine::TakeMutations(absl::Time now) {
  for (const int64_t uid : dirty_) {
    LiveJob& live = live_.at(uid);
    const JobCounters& counters = live.job.counters;
    const int64_t done = counters.outcomes() - live.pace_outcomes;
    live.job.remaining.reset();
    const double left = live.job.slots() - counters.outcomes();
    // How long proofs take does not follow from how long scores took.
    if (done > 0 && left > 0 && live.job.state == JobState::kRunning) {
      live.job.remaining = (now - live.pace_start) * (left / done);
    }
    rows_.pending().jobs.insert_or_assign(uid, live.job);
  }
  dirty_.clear();
  return rows_.Take();
}

JobEvents JobEngine::TakeEvents() { return std::exchange(events_, {}); }

void JobEngine::Prefetch(absl::Span<const ExpectedReads* const> reads) {
  std::vector<ScoreKey> scores;
  std::vector<std::string> request_ids;
  for (const ExpectedReads* expected : reads) {
    request_ids.insert(request_ids.end(), expected->request_ids.begin(),
                       expected->request_ids.end());
    for (const std::string& text : expected->lease_ids) {
      const absl::StatusOr<LeaseId> id = LeaseId::Parse(text);
      if (!id.ok()) continue;
      const LiveJob* live = FindLive(id->ref.job_uid);
      if (live == nullptr) continue;
      const auto it = live->open.find(id->ref.slot);
      if (it != live->open.end()) scores.push_back(KeyOf(*live, it->second));
    }
    for (const ExpectedReads::Proposed& proposed : expected->proposed) {
      const LiveJob* live = FindLive(proposed.job_uid);
      if (live != nullptr) scores.push_back({live->scoring, proposed.subnet});
    }
  }
  // After an error each command reads for itself, and answers with the error if it stays.
  rows_.Prefetch(scores, request_ids).IgnoreError();
}

std::vector<int64_t> JobEngine::LiveJobs() const {
  std::vector<int64_t> uids;
  for (const auto& [uid, live] : live_) uids.push_back(uid);
  return uids;
}

}  // namespace niwaki::jobs
