#include "libs/client/coordinator_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/retry_class.h"
#include "libs/base/status_macros.h"
#include "libs/client/retrying_call.h"
#include "libs/client/serving.h"
#include "libs/rpc/backoff.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"

namespace niwaki::client {
namespace {

using JobStub = v1::JobService::StubInterface;
using SupernetStub = v1::SupernetService::StubInterface;
using WorkerStub = v1::WorkerService::StubInterface;

// The most that one page holds.
constexpr int kPageSize = 1000;
// A watch is renewed after this long, so that a coordinator that went without a word is noticed.
constexpr absl::Duration kWatchTimeout = absl::Minutes(10);
// How often a front that changes between its pages is read anew.
constexpr int kFrontAttempts = 10;

// One job's change by a request of only name and request_id.
template <typename Request, typename Response>
absl::StatusOr<v1::Job> ChangeJob(const ClientOptions& options, JobStub& stub,
                                  grpc::Status (JobStub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                                  const std::string& name) {
  Request request;
  request.set_name(name);
  NIWAKI_ASSIGN_OR_RETURN(Response response,
                          RetryingCall(options, stub, method, WithRequestId(std::move(request))));
  return std::move(*response.mutable_job());
}

}  // namespace

bool IsFinal(v1::JobState state) {
  return state == v1::JOB_STATE_SUCCEEDED || state == v1::JOB_STATE_FAILED ||
         state == v1::JOB_STATE_CANCELLED;
}

CoordinatorClient::CoordinatorClient(const std::string& address, const ClientOptions& options)
    : options_(options),
      address_(address),
      channel_(rpc::MakeChannel(address, options.channel)),
      jobs_(v1::JobService::NewStub(channel_)),
      supernets_(v1::SupernetService::NewStub(channel_)),
      workers_(v1::WorkerService::NewStub(channel_)) {}

absl::Status CoordinatorClient::WaitUntilServing(absl::Duration timeout) {
  return client::WaitUntilServing(channel_, address_, timeout);
}

absl::StatusOr<v1::CreateJobResponse> CoordinatorClient::CreateJob(
    const v1::CreateJobRequest& request) {
  return RetryingCall(options_, *jobs_, &JobStub::CreateJob, WithRequestId(request));
}

absl::StatusOr<v1::Job> CoordinatorClient::GetJob(const std::string& name) {
  v1::GetJobRequest request;
  request.set_name(name);
  NIWAKI_ASSIGN_OR_RETURN(v1::GetJobResponse response,
                          RetryingCall(options_, *jobs_, &JobStub::GetJob, request));
  return std::move(*response.mutable_job());
}

absl::StatusOr<std::vector<v1::Job>> CoordinatorClient::ListJobs(int64_t limit,
                                                                 std::string* trouble) {
  std::vector<v1::Job> jobs;
  v1::ListJobsRequest request;
  do {
    request.set_page_size(limit > 0 ? std::min<int64_t>(kPageSize, limit - jobs.size())
                                    : kPageSize);
    NIWAKI_ASSIGN_OR_RETURN(v1::ListJobsResponse response,
                            RetryingCall(options_, *jobs_, &JobStub::ListJobs, request));
    if (trouble != nullptr) *trouble = response.trouble();
    for (v1::Job& job : *response.mutable_jobs()) jobs.push_back(std::move(job));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (limit <= 0 || jobs.size() < limit));
  return jobs;
}

absl::StatusOr<v1::Job> CoordinatorClient::CancelJob(const std::string& name) {
  return ChangeJob(options_, *jobs_, &JobStub::CancelJob, name);
}

absl::StatusOr<v1::Job> CoordinatorClient::PauseJob(const std::string& name) {
  return ChangeJob(options_, *jobs_, &JobStub::PauseJob, name);
}

absl::StatusOr<v1::Job> CoordinatorClient::ResumeJob(const std::string& name) {
  return ChangeJob(options_, *jobs_, &JobStub::ResumeJob, name);
}

absl::StatusOr<v1::Job> CoordinatorClient::TestFront(const std::string& name) {
  return ChangeJob(options_, *jobs_, &JobStub::TestFront, name);
}

absl::Status CoordinatorClient::DeleteJob(const std::string& name, const std::string& etag) {
  v1::DeleteJobRequest request;
  request.set_name(name);
  request.set_etag(etag);
  return RetryingCall(options_, *jobs_, &JobStub::DeleteJob, WithRequestId(std::move(request)))
      .status();
}

absl::Status CoordinatorClient::WatchOnce(const std::string& name,
                                          const std::function<bool(const v1::Job&)>& on_change,
                                          v1::Job& last, bool& wanted) {
  grpc::ClientContext context;
  rpc::SetTimeout(context, kWatchTimeout);
  v1::WatchJobRequest request;
  request.set_name(name);
  const auto stream = jobs_->WatchJob(&context, request);
  v1::WatchJobResponse response;
  while (wanted && stream->Read(&response)) {
    last = std::move(*response.mutable_job());
    wanted = on_change(last);
  }
  if (!wanted) context.TryCancel();
  return rpc::FromGrpcStatus(stream->Finish());
}

absl::StatusOr<v1::Job> CoordinatorClient::WatchJob(
    const std::string& name, const std::function<bool(const v1::Job&)>& on_change,
    const std::function<void(const absl::Status&)>& on_away) {
  v1::Job last;
  bool wanted = true;
  rpc::Backoff backoff(options_.retry.backoff);
  absl::Time heard = options_.clock->Now();
  const auto note = [&](const v1::Job& job) {
    heard = options_.clock->Now();
    backoff.Reset();
    return on_change(job);
  };
  while (true) {
    const absl::Status status = WatchOnce(name, note, last, wanted);
    if (!wanted || IsFinal(last.state())) return last;
    // The stream's own deadline is no failure, nor is a coordinator that stops and ends its
    // streams.
    if (absl::IsDeadlineExceeded(status)) heard = options_.clock->Now();
    const bool again = status.ok() || absl::IsCancelled(status) ||
                       MayRepeatCall(status.code(), /*idempotent=*/true);
    if (!again) return status;
    const absl::Duration wait = backoff.Next();
    if (options_.clock->Now() + wait - heard > options_.retry.deadline) {
      return status.ok() ? rpc::FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE,
                                                            "the coordinator ends the watch"))
                         : status;
    }
    if (on_away && !absl::IsDeadlineExceeded(status)) on_away(status);
    options_.clock->Sleep(wait);
  }
}

absl::Status CoordinatorClient::ForEachCandidate(
    const std::string& job, v1::CandidateState state,
    const std::function<bool(const v1::Candidate&)>& visit) {
  v1::ListCandidatesRequest request;
  request.set_parent(job);
  request.set_page_size(kPageSize);
  request.set_state(state);
  do {
    NIWAKI_ASSIGN_OR_RETURN(v1::ListCandidatesResponse response,
                            RetryingCall(options_, *jobs_, &JobStub::ListCandidates, request));
    for (const v1::Candidate& candidate : response.candidates()) {
      if (!visit(candidate)) return absl::OkStatus();
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::Candidate> CoordinatorClient::GetCandidate(const std::string& job,
                                                              int64_t slot) {
  v1::Candidate found;
  bool is_there = false;
  NIWAKI_RETURN_IF_ERROR(
      ForEachCandidate(job, v1::CANDIDATE_STATE_UNSPECIFIED, [&](const v1::Candidate& candidate) {
        is_there = candidate.slot() == slot;
        if (is_there) found = candidate;
        return candidate.slot() < slot;
      }));
  if (is_there) return found;
  return Error(absl::StatusCode::kNotFound, reason::kCandidateUnknown)
      .Field("candidate")
      .Value(absl::StrCat(job, "/candidates/", slot))
      .Message(absl::StrCat("job ", job, " has no candidate ", slot));
}

absl::StatusOr<Front> CoordinatorClient::GetFrontOnce(const std::string& job) {
  Front front;
  v1::GetFrontRequest request;
  request.set_parent(job);
  request.set_page_size(kPageSize);
  do {
    NIWAKI_ASSIGN_OR_RETURN(v1::GetFrontResponse response,
                            RetryingCall(options_, *jobs_, &JobStub::GetFront, request));
    for (v1::Candidate& candidate : *response.mutable_candidates()) {
      front.candidates.push_back(std::move(candidate));
    }
    front.objectives.clear();
    for (int metric : response.objectives()) {
      front.objectives.push_back(static_cast<v1::Metric>(metric));
    }
    front.etag = response.etag();
    front.test_job = response.test_job();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return front;
}

absl::StatusOr<Front> CoordinatorClient::GetFront(const std::string& job) {
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<Front> front = GetFrontOnce(job);
    if (front.status().code() != absl::StatusCode::kAborted || attempt == kFrontAttempts) {
      return front;
    }
  }
}

absl::StatusOr<v1::Supernet> CoordinatorClient::RegisterSupernet(const v1::Supernet& supernet) {
  v1::RegisterSupernetRequest request;
  *request.mutable_supernet() = supernet;
  NIWAKI_ASSIGN_OR_RETURN(v1::RegisterSupernetResponse response,
                          RetryingCall(options_, *supernets_, &SupernetStub::RegisterSupernet,
                                       WithRequestId(std::move(request))));
  return std::move(*response.mutable_supernet());
}

absl::StatusOr<v1::Supernet> CoordinatorClient::GetSupernet(const std::string& name) {
  v1::GetSupernetRequest request;
  request.set_name(name);
  NIWAKI_ASSIGN_OR_RETURN(v1::GetSupernetResponse response,
                          RetryingCall(options_, *supernets_, &SupernetStub::GetSupernet, request));
  return std::move(*response.mutable_supernet());
}

absl::StatusOr<std::vector<v1::Supernet>> CoordinatorClient::ListSupernets() {
  std::vector<v1::Supernet> supernets;
  v1::ListSupernetsRequest request;
  request.set_page_size(kPageSize);
  do {
    NIWAKI_ASSIGN_OR_RETURN(
        v1::ListSupernetsResponse response,
        RetryingCall(options_, *supernets_, &SupernetStub::ListSupernets, request));
    for (v1::Supernet& supernet : *response.mutable_supernets()) {
      supernets.push_back(std::move(supernet));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return supernets;
}

absl::StatusOr<std::vector<v1::Worker>> CoordinatorClient::ListWorkers() {
  std::vector<v1::Worker> workers;
  v1::ListWorkersRequest request;
  request.set_page_size(kPageSize);
  do {
    NIWAKI_ASSIGN_OR_RETURN(v1::ListWorkersResponse response,
                            RetryingCall(options_, *workers_, &WorkerStub::ListWorkers, request));
    for (v1::Worker& worker : *response.mutable_workers()) workers.push_back(std::move(worker));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return workers;
}

absl::StatusOr<v1::Worker> CoordinatorClient::DrainWorker(const std::string& name, bool undo) {
  v1::DrainWorkerRequest request;
  request.set_name(name);
  request.set_undo(undo);
  NIWAKI_ASSIGN_OR_RETURN(v1::DrainWorkerResponse response,
                          RetryingCall(options_, *workers_, &WorkerStub::DrainWorker,
                                       WithRequestId(std::move(request))));
  return std::move(*response.mutable_worker());
}

}  // namespace niwaki::client
