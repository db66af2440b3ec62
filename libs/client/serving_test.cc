#include "libs/client/serving.h"

#include <atomic>
#include <memory>
#include <thread>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"

namespace niwaki::client {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

class ServingTest : public ::testing::Test {
 protected:
  void Serve() {
    rpc::ServerOptions options;
    options.services = {&service_};
    options.health_period = absl::Milliseconds(5);
    options.health_probe = [this] {
      ++probes_;
      return healthy_ ? absl::OkStatus() : absl::UnavailableError("not yet");
    };
    NIWAKI_ASSERT_OK_AND_ASSIGN(server_, rpc::Server::Start(std::move(options)));
    channel_ = rpc::MakeChannel(server_->address());
  }

  std::atomic<bool> healthy_{true};
  std::atomic<int> probes_{0};
  v1::OracleService::Service service_;
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ServingTest, ServingServerIsSeen) {
  Serve();

  NIWAKI_EXPECT_OK(WaitUntilServing(channel_, server_->address(), kPatience));
}

TEST_F(ServingTest, WaitsUntilTheServerIsHealthy) {
  healthy_ = false;
  Serve();
  std::thread recovery([this] {
    while (probes_ < 3) std::this_thread::yield();
    healthy_ = true;
  });

  const absl::Status status = WaitUntilServing(channel_, server_->address(), kPatience);

  recovery.join();
  NIWAKI_EXPECT_OK(status);
}

TEST_F(ServingTest, UnhealthyServerIsUnavailableWithTheAddress) {
  healthy_ = false;
  Serve();

  EXPECT_THAT(WaitUntilServing(channel_, server_->address(), absl::Milliseconds(100)),
              StatusIs(absl::StatusCode::kUnavailable, server_->address()));
}

TEST_F(ServingTest, AbsentServerIsUnavailableWithTheAddress) {
  Serve();
  const std::string address = server_->address();
  server_.reset();

  EXPECT_THAT(WaitUntilServing(rpc::MakeChannel(address), address, absl::Milliseconds(100)),
              StatusIs(absl::StatusCode::kUnavailable, address));
}

}  // namespace
}  // namespace niwaki::client
