#include "libs/client/board_lease_client.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"

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
  grpc::ClientContext context;
  rpc::SetTimeout(context, timeout + absl::Seconds(request.wait().seconds()) +
                               absl::Nanoseconds(request.wait().nanos()));
  {
    absl::MutexLock lock(&mutex_);
    if (cancelled_) {
      return Error(absl::StatusCode::kCancelled, reason::kShuttingDown)
          .Message("the service of the board is stopping");
    }
    leasing_.insert(&context);
  }
  v1::LeaseMeasurementResponse response;
  const grpc::Status status = stub_->LeaseMeasurement(&context, request, &response);
  absl::MutexLock lock(&mutex_);
  leasing_.erase(&context);
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return response;
}

absl::StatusOr<v1::ExtendMeasurementsResponse> BoardLeaseClient::Extend(
    const v1::ExtendMeasurementsRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &BoardStub::ExtendMeasurements, request, timeout);
}

absl::StatusOr<v1::ReportMeasurementResponse> BoardLeaseClient::Report(
    const v1::ReportMeasurementRequest& request, absl::Duration timeout) {
  return rpc::Call(*stub_, &BoardStub::ReportMeasurement, request, timeout);
}

void BoardLeaseClient::CancelLeasing() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  // Does not block: it only asks for the end.
  for (grpc::ClientContext* context : leasing_) context->TryCancel();
}

}  // namespace niwaki::client
