#include "services/worker/fake_coordinator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/worker/duration.h"

namespace niwaki::worker {
namespace {

// What nothing here ever takes.
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kCancelPoll = absl::Milliseconds(5);
constexpr int kEvaluationImages = 1000;

grpc::Status Away() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away on purpose"); }

}  // namespace

v1::Lease& FakeCoordinator::Add(const std::string& subnet_json, const std::string& supernet_digest,
                                const std::string& data_digest, const std::string& precision) {
  v1::Lease& lease = pending_.emplace_back();
  lease.set_lease_id(absl::StrCat("lease-", added_));
  lease.set_epoch(1);
  lease.set_candidate(absl::StrCat("jobs/a/candidates/", added_));
  lease.set_subnet_json(subnet_json);
  lease.set_supernet_digest(supernet_digest);
  lease.mutable_evaluation()->set_data_digest(data_digest);
  lease.mutable_evaluation()->set_evaluation_images(kEvaluationImages);
  lease.mutable_evaluation()->set_precision(precision);
  ++added_;
  return lease;
}

void FakeCoordinator::AddCandidate(const std::string& subnet_json,
                                   const std::string& supernet_digest,
                                   const std::string& data_digest, const std::string& precision,
                                   v1::Split split) {
  absl::MutexLock lock(&mutex_);
  Add(subnet_json, supernet_digest, data_digest, precision).mutable_evaluation()->set_split(split);
}

void FakeCoordinator::AddProof(const std::string& subnet_json, int quantiser_version,
                               const std::string& precision) {
  absl::MutexLock lock(&mutex_);
  v1::Lease& lease = Add(subnet_json, "s", "d", precision);
  lease.mutable_evaluation()->set_split(v1::SPLIT_VALIDATION);
  lease.set_task(v1::LEASE_TASK_PROVE);
  lease.set_quantiser_version(quantiser_version);
}

void FakeCoordinator::SetAway(bool away) {
  absl::MutexLock lock(&mutex_);
  away_ = away;
}

void FakeCoordinator::LoseReportAnswers(int times) {
  absl::MutexLock lock(&mutex_);
  lost_answers_ = times;
}

void FakeCoordinator::RefuseReportsOf(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  refused_ = lease_id;
}

void FakeCoordinator::Revoke(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  revoked_.push_back(lease_id);
}

void FakeCoordinator::SetDrain() {
  absl::MutexLock lock(&mutex_);
  drain_ = true;
}

bool FakeCoordinator::AwaitReports(size_t count) {
  absl::MutexLock lock(&mutex_);
  const auto enough = [this, count]()
                          ABSL_NO_THREAD_SAFETY_ANALYSIS { return reports_.size() >= count; };
  return mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
}

bool FakeCoordinator::AwaitRunning(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  const auto seen = [this, &lease_id]()
                        ABSL_NO_THREAD_SAFETY_ANALYSIS { return running_.count(lease_id) > 0; };
  return mutex_.AwaitWithTimeout(absl::Condition(&seen), kPatience);
}

std::map<std::string, v1::ScoreReport> FakeCoordinator::reports() const {
  absl::MutexLock lock(&mutex_);
  return reports_;
}

int FakeCoordinator::repeated_reports() const {
  absl::MutexLock lock(&mutex_);
  return repeated_reports_;
}

int FakeCoordinator::heartbeats() const {
  absl::MutexLock lock(&mutex_);
  return heartbeats_;
}

int FakeCoordinator::lease_calls() const {
  absl::MutexLock lock(&mutex_);
  return lease_calls_;
}

std::string FakeCoordinator::last_precision() const {
  absl::MutexLock lock(&mutex_);
  return last_precision_;
}

bool FakeCoordinator::last_knows_split() const {
  absl::MutexLock lock(&mutex_);
  return last_knows_split_;
}

v1::LeaseCandidatesRequest FakeCoordinator::last_lease_call() const {
  absl::MutexLock lock(&mutex_);
  return last_lease_call_;
}

std::optional<v1::ExtendLeasesRequest> FakeCoordinator::farewell() const {
  absl::MutexLock lock(&mutex_);
  return farewell_;
}

void FakeCoordinator::AwaitCandidate(grpc::ServerContext* context, absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  const auto ready = [this]()
                         ABSL_NO_THREAD_SAFETY_ANALYSIS { return !pending_.empty() || drain_; };
  while (absl::Now() < end && !context->IsCancelled()) {
    if (mutex_.AwaitWithTimeout(absl::Condition(&ready), kCancelPoll)) return;
  }
}

grpc::Status FakeCoordinator::LeaseCandidates(grpc::ServerContext* context,
                                              const v1::LeaseCandidatesRequest* request,
                                              v1::LeaseCandidatesResponse* response) {
  absl::MutexLock lock(&mutex_);
  ++lease_calls_;
  last_precision_ = request->precision();
  last_knows_split_ = request->knows_split();
  last_lease_call_ = *request;
  if (away_) return Away();
  AwaitCandidate(context, ToDuration(request->wait()));
  while (!drain_ && !pending_.empty() && response->leases_size() < request->max_candidates()) {
    *response->add_leases() = std::move(pending_.front());
    pending_.pop_front();
  }
  *response->mutable_ttl() = FromDuration(ttl_);
  response->set_drain(drain_);
  return grpc::Status::OK;
}

grpc::Status FakeCoordinator::ExtendLeases(grpc::ServerContext* /*context*/,
                                           const v1::ExtendLeasesRequest* request,
                                           v1::ExtendLeasesResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (request->last()) {
    farewell_ = *request;
    return away_ ? Away() : grpc::Status::OK;
  }
  ++heartbeats_;
  if (away_) return Away();
  for (const v1::LeaseRef& ref : request->leases()) {
    if (ref.running()) running_.insert(ref.lease_id());
  }
  for (std::string& lease_id : revoked_) response->add_revoked_lease_ids(std::move(lease_id));
  revoked_.clear();
  *response->mutable_ttl() = FromDuration(ttl_);
  response->set_drain(drain_);
  return grpc::Status::OK;
}

grpc::Status FakeCoordinator::ReportScores(grpc::ServerContext* /*context*/,
                                           const v1::ReportScoresRequest* request,
                                           v1::ReportScoresResponse* response) {
  absl::MutexLock lock(&mutex_);
  if (away_) return Away();
  for (const v1::ScoreReport& report : request->reports()) {
    if (report.lease_id() == refused_) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "refused on purpose");
    }
  }
  const bool is_new = report_request_ids_.insert(request->request_id()).second;
  for (const v1::ScoreReport& report : request->reports()) {
    if (is_new && reports_.count(report.lease_id()) > 0) ++repeated_reports_;
    reports_[report.lease_id()] = report;
    v1::ScoreVerdict& verdict = *response->add_verdicts();
    verdict.set_lease_id(report.lease_id());
    verdict.set_verdict(v1::VERDICT_ACCEPTED);
  }
  return lost_answers_-- > 0 ? Away() : grpc::Status::OK;
}

}  // namespace niwaki::worker
