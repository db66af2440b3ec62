#include "libs/client/worker_client.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"

namespace niwaki::client {
namespace {

using WorkerStub = v1::WorkerService::StubInterface;

}  // namespace

WorkerClient::WorkerClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::WorkerService::NewStub(std::move(channel))) {}

absl::StatusOr<v1::LeaseCandidatesResponse> WorkerClient::Lease(
    const v1::LeaseCandidatesRequest& request, absl::Duration timeout) {
  grpc::ClientContext context;
  rpc::SetTimeout(context, timeout + absl::Seconds(request.wait().seconds()) +
                               absl::Nanoseconds(request.wait().nanos()));
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) {
      return Error(absl::StatusCode::kCancelled, reason::kShuttingDown)
          .Message("the worker is stopping");
    }
    leasing_ = &context;
  }
  v1::LeaseCandidatesResponse response;
  const grpc::Status status = stub_->LeaseCandidates(&context, request, &response);
  absl::MutexLock lock(&mutex_);
  leasing_ = nullptr;
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return response;
}

absl::StatusOr<v1::ExtendLeasesResponse> WorkerClient::Extend(
    const v1::ExtendLeasesRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &WorkerStub::ExtendLeases, request, timeout);
}

absl::StatusOr<v1::ReportScoresResponse> WorkerClient::Report(
    const v1::ReportScoresRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &WorkerStub::ReportScores, request, timeout);
}

void WorkerClient::CancelLeasing() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  // Does not block: it only asks for the end.
  if (leasing_ != nullptr) leasing_->TryCancel();
}

}  // namespace niwaki::client
