#include "services/worker/worker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/retry_class.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/precision.h"
#include "services/worker/duration.h"

namespace niwaki::worker {
namespace {

// Longest failure text that is reported.
constexpr size_t kMaxFailureBytes = 1000;
// How long the last call may take.
constexpr absl::Duration kFarewellTimeout = absl::Seconds(2);

HeartbeatOptions HeartbeatOptionsOf(const WorkerOptions& options, std::function<void()> on_drain) {
  HeartbeatOptions heartbeat;
  heartbeat.worker = options.name;
  heartbeat.instance = options.instance;
  heartbeat.call_timeout = options.call_timeout;
  heartbeat.clock = options.clock;
  heartbeat.on_drain = std::move(on_drain);
  return heartbeat;
}

ReportSenderOptions SenderOptionsOf(const WorkerOptions& options) {
  return {options.name, options.call_timeout, options.backoff, options.clock,
          options.new_request_id};
}

// A coordinator that does not know of tasks leases candidates to score.
v1::LeaseTask TaskOf(const v1::Lease& lease) {
  return lease.task() == v1::LEASE_TASK_UNSPECIFIED ? v1::LEASE_TASK_SCORE : lease.task();
}

// What decides whether the scorer must be prepared again.
std::string ContextKey(const v1::Lease& lease) {
  return absl::StrCat(TaskOf(lease), "/", lease.supernet_digest(), "/",
                      lease.evaluation().data_digest(), "/",
                      lease.evaluation().calibration_images(), "/",
                      lease.evaluation().evaluation_images(), "/", lease.evaluation().split());
}

absl::Status CheckScore(const v1::Score& score) {
  for (const auto& [name, value] :
       {std::pair("top1", score.top1()), {"top5", score.top5()}, {"loss", score.loss()}}) {
    if (std::isfinite(value)) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite)
        .Field(name)
        .Value(value)
        .Message(absl::StrCat(name, " is not a finite number"));
  }
  return absl::OkStatus();
}

// Errors that say something about the candidates' files, not about this machine.
bool FailsCandidates(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kDataLoss;
}

// A worker that is not let in ends and says so, instead of asking without end.
bool IsAway(const absl::Status& status) {
  return MayAnswerLater(status.code()) && RetryClassOf(status.code()) != RetryClass::kOnceAllowed;
}

}  // namespace

Worker::Worker(WorkerOptions options, client::WorkerClient* coordinator, FetchArtifact fetch,
               UploadArtifact upload, Scorer* scorer)
    : options_(std::move(options)),
      coordinator_(coordinator),
      fetch_(std::move(fetch)),
      upload_(std::move(upload)),
      scorer_(scorer),
      sender_(SenderOptionsOf(options_), coordinator, &leases_),
      heartbeat_(HeartbeatOptionsOf(options_,
                                    [this] {
                                      absl::MutexLock lock(&mutex_);
                                      draining_ = true;
                                    }),
                 coordinator, &leases_) {}

absl::Status Worker::Run() {
  Log(Severity::kInfo, "worker_started",
      {{"worker", options_.name}, {"precision", scorer_->precision()}});
  absl::Status status;
  while (status.ok() && !stopping()) {
    absl::StatusOr<v1::LeaseCandidatesResponse> response = Lease();
    status = response.status();
    if (!status.ok()) break;
    status = Process(*response);
    absl::MutexLock lock(&mutex_);
    if (response->drain() || draining_) break;
  }
  const int left = sender_.Drain(options_.report_patience);
  heartbeat_.Stop();
  SayFarewell(status);
  Log(status.ok() ? Severity::kInfo : Severity::kError, "worker_ended",
      {{"worker", options_.name},
       {"finished", finished()},
       {"unreported", left},
       {"error", status.message()}});
  return status;
}

void Worker::SayFarewell(const absl::Status& status) {
  v1::ExtendLeasesRequest request;
  request.set_worker(options_.name);
  request.set_instance(options_.instance);
  request.set_last(true);
  request.set_trouble(std::string(status.message().substr(0, kMaxFailureBytes)));
  const absl::Duration timeout = std::min(options_.call_timeout, kFarewellTimeout);
  const absl::Status said = coordinator_->Extend(request, timeout).status();
  if (!said.ok()) Log(Severity::kInfo, "farewell_failed", {{"error", said.message()}});
}

void Worker::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  coordinator_->CancelLeasing();
}

int64_t Worker::finished() const {
  absl::MutexLock lock(&mutex_);
  return finished_;
}

bool Worker::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool Worker::Wait(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !options_.clock->AwaitWithDeadline(mutex_, absl::Condition(&stopping_),
                                            options_.clock->Now() + duration);
}

absl::StatusOr<v1::LeaseCandidatesResponse> Worker::Lease() {
  v1::LeaseCandidatesRequest request;
  request.set_worker(options_.name);
  request.set_max_candidates(options_.max_candidates);
  request.set_precision(scorer_->precision());
  for (const v1::LeaseTask task : options_.tasks) {
    request.add_tasks(task);
    if (task == v1::LEASE_TASK_PROVE) request.set_quantiser_version(scorer_->quantiser_version());
  }
  request.set_knows_split(true);
  request.set_instance(options_.instance);
  *request.mutable_wait() = FromDuration(options_.lease_wait);
  // Kept until an answer comes: leases whose answer was lost are given again.
  request.set_request_id(options_.new_request_id());
  rpc::Backoff backoff(options_.backoff);
  bool away = false;
  while (!stopping()) {
    absl::StatusOr<v1::LeaseCandidatesResponse> response =
        coordinator_->Lease(request, options_.call_timeout);
    if (response.ok()) {
      if (away) Log(Severity::kInfo, "coordinator_back");
      return response;
    }
    if (!IsAway(response.status())) return response.status();
    if (!away && !stopping()) {
      Log(Severity::kWarning, "coordinator_away", {{"error", response.status().message()}});
    }
    away = true;
    if (!Wait(backoff.Next())) break;
  }
  return v1::LeaseCandidatesResponse();
}

absl::Status Worker::CheckPrecision(const v1::LeaseCandidatesResponse& response) const {
  for (const v1::Lease& lease : response.leases()) {
    // An int8 network is the same from every device.
    if (TaskOf(lease) == v1::LEASE_TASK_PROVE) continue;
    const std::string wanted = jobs::PrecisionOrDefault(lease.evaluation().precision());
    if (wanted == scorer_->precision()) continue;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("evaluation.precision")
        .Value(wanted)
        .Limit(scorer_->precision())
        .Message(absl::StrCat("the coordinator wants ", lease.candidate(), " scored in ", wanted,
                              ", but this worker computes in ", scorer_->precision()));
  }
  return absl::OkStatus();
}

absl::Status Worker::CheckTask(const v1::Lease& lease) const {
  const v1::LeaseTask task = TaskOf(lease);
  if (std::count(options_.tasks.begin(), options_.tasks.end(), task) == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field("task")
        .Value(static_cast<int>(task))
        .Message(absl::StrCat("this worker does not take ", v1::LeaseTask_Name(task)));
  }
  const int version = scorer_->quantiser_version();
  if (task != v1::LEASE_TASK_PROVE || lease.quantiser_version() == version) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
      .Field("quantiser_version")
      .Value(lease.quantiser_version())
      .Limit(version)
      .Message(absl::StrCat("a network of quantiser ", lease.quantiser_version(),
                            " is wanted, this worker's is version ", version));
}

absl::Status Worker::Process(const v1::LeaseCandidatesResponse& response) {
  NIWAKI_RETURN_IF_ERROR(CheckPrecision(response));
  if (response.leases().empty()) return absl::OkStatus();
  for (const v1::Lease& lease : response.leases()) leases_.Add(lease.lease_id(), lease.epoch());
  heartbeat_.SetTtl(ToDuration(response.ttl()));
  for (const v1::Lease& lease : response.leases()) {
    absl::Status failure = CheckTask(lease);
    if (!stopping() && failure.ok()) NIWAKI_RETURN_IF_ERROR(Prepare(lease, failure));
    if (stopping()) {
      // Not extended any more: it goes to another worker.
      leases_.Remove(lease.lease_id());
      continue;
    }
    if (!leases_.Start(lease.lease_id())) continue;
    // Should the candidate kill this process, the coordinator must know which one it was.
    heartbeat_.BeatSoon();
    WorkOn(lease, failure);
  }
  return absl::OkStatus();
}

absl::Status Worker::Prepare(const v1::Lease& lease, absl::Status& failure) {
  const std::string key = ContextKey(lease);
  if (key == prepared_) return absl::OkStatus();
  prepared_.clear();
  ScoreContext context;
  context.task = TaskOf(lease);
  context.supernet_digest = lease.supernet_digest();
  context.evaluation = lease.evaluation();
  for (const auto& [digest, path] : {std::pair(lease.supernet_digest(), &context.supernet_path),
                                     {lease.evaluation().data_digest(), &context.data_path}}) {
    absl::StatusOr<std::string> fetched = Fetch(digest);
    if (FailsCandidates(fetched.status())) {
      failure = fetched.status();
      return absl::OkStatus();
    }
    NIWAKI_RETURN_IF_ERROR(fetched.status());
    *path = *std::move(fetched);
  }
  if (stopping()) return absl::OkStatus();
  failure = scorer_->Prepare(context);
  if (failure.ok()) prepared_ = key;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Worker::Fetch(const std::string& digest) {
  rpc::Backoff backoff(options_.backoff);
  while (true) {
    absl::StatusOr<std::string> path = fetch_(digest);
    if (!MayRepeatCall(path.status().code(), /*idempotent=*/true)) return path;
    Log(Severity::kWarning, "fetch_failed",
        {{"digest", digest}, {"error", path.status().message()}});
    if (!Wait(backoff.Next())) return std::string();
  }
}

absl::StatusOr<v1::Score> Worker::CheckedScore(const std::string& subnet_json) {
  NIWAKI_ASSIGN_OR_RETURN(v1::Score score, scorer_->Score(subnet_json));
  NIWAKI_RETURN_IF_ERROR(CheckScore(score));
  return score;
}

absl::StatusOr<std::string> Worker::Upload(const std::string& bytes) {
  rpc::Backoff backoff(options_.backoff);
  while (true) {
    absl::StatusOr<std::string> digest = upload_(bytes);
    if (!MayRepeatCall(digest.status().code(), /*idempotent=*/true)) return digest;
    Log(Severity::kWarning, "upload_failed", {{"error", digest.status().message()}});
    if (!Wait(backoff.Next())) return absl::CancelledError("told to stop");
  }
}

absl::StatusOr<v1::Int8Network> Worker::ProvenAndUploaded(const std::string& subnet_json) {
  NIWAKI_ASSIGN_OR_RETURN(ProvenNetwork proven, scorer_->Prove(subnet_json));
  NIWAKI_RETURN_IF_ERROR(CheckScore(proven.score));
  v1::Int8Network network;
  NIWAKI_ASSIGN_OR_RETURN(*network.mutable_digest(), Upload(proven.file));
  network.set_quantiser_version(scorer_->quantiser_version());
  network.set_quantise_key(std::move(proven.quantise_key));
  *network.mutable_score() = std::move(proven.score);
  if (proven.test_score.has_value()) {
    NIWAKI_RETURN_IF_ERROR(CheckScore(*proven.test_score));
    *network.mutable_test_score() = *std::move(proven.test_score);
  }
  return network;
}

absl::Status Worker::FillReport(const v1::Lease& lease, v1::ScoreReport& report) {
  if (TaskOf(lease) == v1::LEASE_TASK_PROVE) {
    NIWAKI_ASSIGN_OR_RETURN(*report.mutable_network(), ProvenAndUploaded(lease.subnet_json()));
    Log(Severity::kInfo, "candidate_proven",
        {{"candidate", lease.candidate()},
         {"digest", report.network().digest()},
         {"top1", report.network().score().top1()},
         {"seconds", report.network().score().seconds()}});
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(*report.mutable_score(), CheckedScore(lease.subnet_json()));
  Log(Severity::kDebug, "candidate_scored",
      {{"candidate", lease.candidate()},
       {"top1", report.score().top1()},
       {"seconds", report.score().seconds()}});
  return absl::OkStatus();
}

void Worker::WorkOn(const v1::Lease& lease, const absl::Status& failure) {
  v1::ScoreReport report;
  report.set_lease_id(lease.lease_id());
  report.set_epoch(lease.epoch());
  const absl::Status status = failure.ok() ? FillReport(lease, report) : failure;
  if (!status.ok() && stopping() && absl::IsCancelled(status)) {
    // Nothing to say about the candidate: it goes to another worker.
    leases_.Remove(lease.lease_id());
    return;
  }
  if (!status.ok()) {
    Log(Severity::kWarning, "candidate_failed",
        {{"candidate", lease.candidate()}, {"error", status.message()}});
    report.set_failure(std::string(status.message().substr(0, kMaxFailureBytes)));
    report.set_failure_code(static_cast<int>(status.code()));
  }
  leases_.Finish(lease.lease_id());
  sender_.Add(std::move(report));
  absl::MutexLock lock(&mutex_);
  ++finished_;
}

}  // namespace niwaki::worker
