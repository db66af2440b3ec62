#include "libs/client/board_lease_client.h"

#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"

namespace niwaki::client {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr int kWaiting = 2;

// Leases wait until the caller leaves.
class FakeBoardService final : public v1::BoardService::Service {
 public:
  grpc::Status RegisterBoard(grpc::ServerContext*, const v1::RegisterBoardRequest* request,
                             v1::RegisterBoardResponse* response) override {
    response->mutable_board()->set_service(request->service());
    return grpc::Status::OK;
  }
  grpc::Status LeaseMeasurement(grpc::ServerContext* context, const v1::LeaseMeasurementRequest*,
                                v1::LeaseMeasurementResponse*) override {
    waiting.DecrementCount();
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  }
  grpc::Status ExtendMeasurements(grpc::ServerContext*,
                                  const v1::ExtendMeasurementsRequest* request,
                                  v1::ExtendMeasurementsResponse* response) override {
    *response->mutable_revoked_lease_ids() = request->lease_ids();
    return grpc::Status::OK;
  }
  grpc::Status ReportMeasurement(grpc::ServerContext*, const v1::ReportMeasurementRequest*,
                                 v1::ReportMeasurementResponse*) override {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "as told");
  }

  absl::BlockingCounter waiting{kWaiting};
};

class BoardLeaseClientTest : public ::testing::Test {
 protected:
  BoardLeaseClientTest() {
    rpc::ServerOptions options;
    options.services = {&service_};
    server_ = *rpc::Server::Start(std::move(options));
    client_ = std::make_unique<BoardLeaseClient>(rpc::MakeChannel(server_->address()));
  }

  FakeBoardService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<BoardLeaseClient> client_;
};

TEST_F(BoardLeaseClientTest, CallsAreMadeOnce) {
  v1::RegisterBoardRequest board;
  board.set_service("lab");
  EXPECT_EQ(client_->Register(board, kTimeout)->board().service(), "lab");
  v1::ExtendMeasurementsRequest extend;
  extend.add_lease_ids("m1-1");
  EXPECT_EQ(client_->Extend(extend, kTimeout)->revoked_lease_ids(0), "m1-1");
  EXPECT_THAT(client_->Report({}, kTimeout), StatusIs(absl::StatusCode::kUnavailable, "as told"));
}

TEST_F(BoardLeaseClientTest, AllThatWaitsIsCancelledAndWhatComesLater) {
  v1::LeaseMeasurementRequest request;
  request.mutable_wait()->set_seconds(30);
  std::vector<absl::Status> statuses(kWaiting);
  std::vector<std::thread> threads;
  for (absl::Status& status : statuses) {
    threads.emplace_back([&] { status = client_->Lease(request, kTimeout).status(); });
  }
  service_.waiting.Wait();

  client_->CancelLeasing();

  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) {
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  }
  EXPECT_THAT(client_->Lease(request, kTimeout),
              HasReason(absl::StatusCode::kCancelled, reason::kShuttingDown));
}

}  // namespace
}  // namespace niwaki::client
