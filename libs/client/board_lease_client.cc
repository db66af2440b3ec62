#include "libs/client/board_lease_client.h"

#include <utility>

#include "libs/rpc/call.h"

namespace niwaki::client {
namespace {

using BoardStub = v1::BoardService::StubInterface;

}  // namespace

BoardLeaseClient::BoardLeaseClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::BoardService::NewStub(std::move(channel))) {}

absl::StatusOr<v1::RegisterBoardResponse> BoardLeaseClient::Register(
    const v1::RegisterBoardRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &BoardStub::RegisterBoard, request, timeout);
}

absl::StatusOr<v1::LeaseMeasurementResponse> BoardLeaseClient::Lease(
    const v1::LeaseMeasurementRequest& request, absl::Duration timeout) {
  return calls_.Run<v1::LeaseMeasurementResponse>(
      request.wait(), timeout,
      [&](grpc::ClientContext& context, v1::LeaseMeasurementResponse& response) {
        return stub_->LeaseMeasurement(&context, request, &response);
      });
}

absl::StatusOr<v1::ExtendMeasurementsResponse> BoardLeaseClient::Extend(
    const v1::ExtendMeasurementsRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &BoardStub::ExtendMeasurements, request, timeout);
}

absl::StatusOr<v1::ReportMeasurementResponse> BoardLeaseClient::Report(
    const v1::ReportMeasurementRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &BoardStub::ReportMeasurement, request, timeout);
}

}  // namespace niwaki::client
