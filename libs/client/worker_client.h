// The worker's three calls. No retries here: a worker decides itself how long it keeps trying, and
// it must be able to stop in between.

#ifndef NIWAKI_LIBS_CLIENT_WORKER_CLIENT_H_
#define NIWAKI_LIBS_CLIENT_WORKER_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/client/waiting_calls.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"

namespace niwaki::client {

// Thread-safe. Errors are those of worker_service.proto, or Unavailable and DeadlineExceeded of the
// transport.
class WorkerClient {
 public:
  explicit WorkerClient(std::shared_ptr<grpc::Channel> channel);
  // For tests that say themselves what the coordinator answers.
  explicit WorkerClient(std::unique_ptr<v1::WorkerService::StubInterface> stub)
      : stub_(std::move(stub)) {}

  // Waits as long as the request says, plus `timeout` for the way.
  absl::StatusOr<v1::LeaseCandidatesResponse> Lease(const v1::LeaseCandidatesRequest& request,
                                                    absl::Duration timeout);
  absl::StatusOr<v1::ExtendLeasesResponse> Extend(const v1::ExtendLeasesRequest& request,
                                                  absl::Duration timeout);
  absl::StatusOr<v1::ReportScoresResponse> Report(const v1::ReportScoresRequest& request,
                                                  absl::Duration timeout);

  // Ends a running Lease, and every later one at once, with Cancelled.
  void CancelLeasing() { calls_.Cancel(); }

 private:
  const std::unique_ptr<v1::WorkerService::StubInterface> stub_;
  WaitingCalls calls_{"the worker is stopping"};
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_WORKER_CLIENT_H_
