#include "libs/client/worker_client.h"

#include <memory>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"

namespace niwaki::client {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(20);

// Leases are held back while `hold`; everything else is answered at once.
class FakeWorkerService final : public v1::WorkerService::Service {
 public:
  grpc::Status LeaseCandidates(grpc::ServerContext* context, const v1::LeaseCandidatesRequest*,
                               v1::LeaseCandidatesResponse* response) override {
    if (hold) {
      leasing.Notify();
      while (!context->IsCancelled()) std::this_thread::yield();
      return grpc::Status::CANCELLED;
    }
    response->add_leases()->set_lease_id("l1-0-1");
    return grpc::Status::OK;
  }

  grpc::Status ExtendLeases(grpc::ServerContext*, const v1::ExtendLeasesRequest*,
                            v1::ExtendLeasesResponse* response) override {
    response->add_revoked_lease_ids("l1-0-1");
    return grpc::Status::OK;
  }

  grpc::Status ReportScores(grpc::ServerContext*, const v1::ReportScoresRequest*,
                            v1::ReportScoresResponse*) override {
    ++reports;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
  }

  bool hold = false;
  int reports = 0;
  absl::Notification leasing;
};

class WorkerClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions options;
    options.services = {&service_};
    NIWAKI_ASSERT_OK_AND_ASSIGN(server_, rpc::Server::Start(std::move(options)));
    client_ = std::make_unique<WorkerClient>(rpc::MakeChannel(server_->address()));
  }

  FakeWorkerService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<WorkerClient> client_;
};

TEST_F(WorkerClientTest, CallsReachTheService) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases,
                              client_->Lease(v1::LeaseCandidatesRequest(), kTimeout));
  EXPECT_EQ(leases.leases(0).lease_id(), "l1-0-1");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto lost,
                              client_->Extend(v1::ExtendLeasesRequest(), kTimeout));
  EXPECT_EQ(lost.revoked_lease_ids(0), "l1-0-1");
}

TEST_F(WorkerClientTest, ErrorsComeBackWithoutARetry) {
  EXPECT_THAT(client_->Report(v1::ReportScoresRequest(), kTimeout),
              StatusIs(absl::StatusCode::kUnavailable, "away"));

  EXPECT_EQ(service_.reports, 1);
}

TEST_F(WorkerClientTest, CancelEndsARunningLeaseAndLaterOnesAtOnce) {
  service_.hold = true;
  absl::Status running;
  std::thread worker(
      [&] { running = client_->Lease(v1::LeaseCandidatesRequest(), kTimeout).status(); });
  service_.leasing.WaitForNotification();

  client_->CancelLeasing();

  worker.join();
  EXPECT_THAT(running, StatusIs(absl::StatusCode::kCancelled, ""));
  EXPECT_THAT(client_->Lease(v1::LeaseCandidatesRequest(), kTimeout),
              HasReason(absl::StatusCode::kCancelled, reason::kShuttingDown));
  NIWAKI_EXPECT_OK(client_->Extend(v1::ExtendLeasesRequest(), kTimeout));
}

}  // namespace
}  // namespace niwaki::client
