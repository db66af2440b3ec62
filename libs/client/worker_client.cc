#include "libs/client/worker_client.h"

#include <utility>

#include "libs/rpc/call.h"

namespace niwaki::client {
namespace {

using WorkerStub = v1::WorkerService::StubInterface;

}  // namespace

WorkerClient::WorkerClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::WorkerService::NewStub(std::move(channel))) {}

absl::StatusOr<v1::LeaseCandidatesResponse> WorkerClient::Lease(
    const v1::LeaseCandidatesRequest& request, absl::Duration timeout) {
  return calls_.Run<v1::LeaseCandidatesResponse>(
      request.wait(), timeout,
      [&](grpc::ClientContext& context, v1::LeaseCandidatesResponse& response) {
        return stub_->LeaseCandidates(&context, request, &response);
      });
}

absl::StatusOr<v1::ExtendLeasesResponse> WorkerClient::Extend(
    const v1::ExtendLeasesRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &WorkerStub::ExtendLeases, request, timeout);
}

absl::StatusOr<v1::ReportScoresResponse> WorkerClient::Report(
    const v1::ReportScoresRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &WorkerStub::ReportScores, request, timeout);
}

}  // namespace niwaki::client
