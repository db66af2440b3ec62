// The four calls of those who drive boards. No retries here: who drives decides itself how long to
// keep trying, and must be able to stop in between.

#ifndef NIWAKI_LIBS_CLIENT_BOARD_LEASE_CLIENT_H_
#define NIWAKI_LIBS_CLIENT_BOARD_LEASE_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/client/waiting_calls.h"
#include "proto/niwaki/v1/board_service.grpc.pb.h"

namespace niwaki::client {

// Thread-safe. Errors are those of board_service.proto, or Unavailable and DeadlineExceeded of the
// transport.
class BoardLeaseClient {
 public:
  explicit BoardLeaseClient(std::shared_ptr<grpc::Channel> channel);

  absl::StatusOr<v1::RegisterBoardResponse> Register(const v1::RegisterBoardRequest& request,
                                                     absl::Duration timeout);
  // Waits as long as the request says, plus `timeout` for the way.
  absl::StatusOr<v1::LeaseMeasurementResponse> Lease(const v1::LeaseMeasurementRequest& request,
                                                     absl::Duration timeout);
  absl::StatusOr<v1::ExtendMeasurementsResponse> Extend(
      const v1::ExtendMeasurementsRequest& request, absl::Duration timeout);
  absl::StatusOr<v1::ReportMeasurementResponse> Report(const v1::ReportMeasurementRequest& request,
                                                       absl::Duration timeout);

  // Ends all running Leases, and every later one at once, with Cancelled.
  void CancelLeasing() { calls_.Cancel(); }

 private:
  const std::unique_ptr<v1::BoardService::StubInterface> stub_;
  WaitingCalls calls_{"the service of the board is stopping"};
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_BOARD_LEASE_CLIENT_H_
