#include "libs/rpc/channel.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"

namespace niwaki::rpc {
namespace {

using OracleStub = v1::OracleService::StubInterface;

constexpr absl::Duration kTimeout = absl::Seconds(10);

// Lists one device with a name of `bytes`.
class OneDeviceService final : public v1::OracleService::Service {
 public:
  explicit OneDeviceService(size_t bytes) : bytes_(bytes) {}

  grpc::Status ListDevices(grpc::ServerContext*, const v1::ListDevicesRequest*,
                           v1::ListDevicesResponse* response) override {
    response->add_devices()->set_name(std::string(bytes_, 'd'));
    return grpc::Status::OK;
  }

 private:
  const size_t bytes_;
};

absl::StatusOr<std::unique_ptr<Server>> Serve(OneDeviceService& service) {
  ServerOptions options;
  options.services = {&service};
  return Server::Start(options);
}

absl::StatusOr<v1::ListDevicesResponse> List(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = v1::OracleService::NewStub(channel);
  return Call(*stub, &OracleStub::ListDevices, v1::ListDevicesRequest(), kTimeout);
}

TEST(ChannelTest, ConnectsWithTheFirstCall) {
  OneDeviceService service(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto server, Serve(service));
  const auto channel = MakeChannel(server->address());
  EXPECT_EQ(channel->GetState(/*try_to_connect=*/false), GRPC_CHANNEL_IDLE);

  NIWAKI_ASSERT_OK(List(channel));

  EXPECT_EQ(channel->GetState(false), GRPC_CHANNEL_READY);
}

TEST(ChannelTest, NoAnswerIsUnavailableWithTheAddress) {
  std::string address;
  {
    OneDeviceService service(1);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto server, Serve(service));
    address = server->address();
  }
  const auto channel = MakeChannel(address);

  const absl::Status status = WaitUntilConnected(*channel, address, absl::Milliseconds(50));

  EXPECT_THAT(status, HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, address));
}

TEST(ChannelTest, ConnectedServerIsSeen) {
  OneDeviceService service(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto server, Serve(service));
  const auto channel = MakeChannel(server->address());

  NIWAKI_EXPECT_OK(WaitUntilConnected(*channel, server->address(), kTimeout));
}

TEST(ChannelTest, AnswerAboveTheLimitIsRefused) {
  OneDeviceService service(2000);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto server, Serve(service));
  ChannelOptions options;
  options.max_message_bytes = 1000;

  EXPECT_THAT(List(MakeChannel(server->address(), options)),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  NIWAKI_EXPECT_OK(List(MakeChannel(server->address())));
}

TEST(ChannelTest, ProxyOfTheEnvironmentIsNotUsed) {
  OneDeviceService service(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto server, Serve(service));
  setenv("http_proxy", "http://127.0.0.1:1", /*overwrite=*/1);

  const auto answer = List(MakeChannel(server->address()));

  unsetenv("http_proxy");
  NIWAKI_EXPECT_OK(answer);
}

}  // namespace
}  // namespace niwaki::rpc
