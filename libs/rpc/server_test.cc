#include "libs/rpc/server.h"

#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/health.h"
#include "libs/rpc/reactor.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"

namespace niwaki::rpc {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr char kServiceName[] = "niwaki.v1.OracleService";
// What an unhealthy or healthy probe needs to be seen, many times over.
constexpr absl::Duration kPatience = absl::Seconds(20);

// Answers ListDevices with one device named by the page token; with an error for the token "bad";
// when the test says so for the token "wait".
class EchoService : public v1::OracleService::CallbackService {
 public:
  grpc::ServerUnaryReactor* ListDevices(grpc::CallbackServerContext* context,
                                        const v1::ListDevicesRequest* request,
                                        v1::ListDevicesResponse* response) override {
    if (request->page_token() == "bad") {
      return FinishUnary(context, Error(absl::StatusCode::kNotFound, reason::kDeviceUnknown)
                                      .Field("page_token")
                                      .Message("device 'bad'"));
    }
    response->add_devices()->set_name(request->page_token());
    if (request->page_token() != "wait") return FinishUnary(context, absl::OkStatus());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    std::thread([this, reactor] {
      waiting.Notify();
      release.WaitForNotification();
      reactor->Finish(grpc::Status::OK);
    }).detach();
    return reactor;
  }

  absl::Notification waiting;
  absl::Notification release;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerOptions Options() {
    ServerOptions options;
    options.services = {&service_};
    options.health_period = absl::Milliseconds(10);
    return options;
  }

  absl::StatusOr<v1::ListDevicesResponse> List(const std::string& address,
                                               const std::string& text) {
    auto stub = v1::OracleService::NewStub(MakeChannel(address));
    v1::ListDevicesRequest request;
    request.set_page_token(text);
    return Call(*stub, &v1::OracleService::StubInterface::ListDevices, request, kTimeout);
  }

  EchoService service_;
};

TEST_F(ServerTest, AnswersCallsOnFreePort) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(Options()));

  NIWAKI_ASSERT_OK_AND_ASSIGN(v1::ListDevicesResponse response, List(server->address(), "hello"));

  EXPECT_GT(server->port(), 0);
  EXPECT_EQ(response.devices(0).name(), "hello");
}

TEST_F(ServerTest, ErrorsArriveWithTheirReason) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(Options()));

  EXPECT_THAT(List(server->address(), "bad"),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
}

TEST_F(ServerTest, TakenPortIsNamed) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto first, Server::Start(Options()));
  ServerOptions options = Options();
  options.listen = first->address();

  const auto second = Server::Start(options);

  EXPECT_THAT(second, HasReason(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, first->address()));
}

TEST_F(ServerTest, PortIsFreeAfterShutdown) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto first, Server::Start(Options()));
  NIWAKI_ASSERT_OK(List(first->address(), "used"));
  ServerOptions options = Options();
  options.listen = first->address();
  first->Shutdown(absl::ZeroDuration());

  EXPECT_THAT(Server::Start(options), IsOk());
}

TEST_F(ServerTest, MalformedOptionsAreRefused) {
  ServerOptions options = Options();
  options.listen = "nowhere";
  EXPECT_THAT(Server::Start(options),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  options = Options();
  options.max_message_bytes = -1;
  EXPECT_THAT(Server::Start(options),
              StatusIs(absl::StatusCode::kInvalidArgument, "max_message_bytes"));
}

TEST_F(ServerTest, LargeMessageIsRefused) {
  ServerOptions options = Options();
  options.max_message_bytes = 4096;
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(options));

  EXPECT_THAT(List(server->address(), std::string(5000, 'x')),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  EXPECT_THAT(List(server->address(), "small"), IsOk());
}

TEST_F(ServerTest, HealthHasAnEntryPerService) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(Options()));
  const auto channel = MakeChannel(server->address());

  EXPECT_THAT(CheckHealth(channel, "", kTimeout), IsOk());
  EXPECT_THAT(CheckHealth(channel, kServiceName, kTimeout), IsOk());
  EXPECT_THAT(CheckHealth(channel, "niwaki.v1.Other", kTimeout),
              StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_F(ServerTest, HealthFollowsTheProbe) {
  std::atomic<bool> healthy{true};
  ServerOptions options = Options();
  options.health_probe = [&healthy] {
    return healthy ? absl::OkStatus() : absl::UnavailableError("database gone");
  };
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(options));
  const auto channel = MakeChannel(server->address());
  const auto becomes = [&](absl::StatusCode code) {
    const absl::Time end = absl::Now() + kPatience;
    while (absl::Now() < end) {
      if (CheckHealth(channel, kServiceName, kTimeout).code() == code) return true;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return false;
  };

  EXPECT_TRUE(becomes(absl::StatusCode::kOk));
  healthy = false;
  EXPECT_TRUE(becomes(absl::StatusCode::kUnavailable));
  healthy = true;
  EXPECT_TRUE(becomes(absl::StatusCode::kOk));
}

TEST_F(ServerTest, FailingProbeIsSeenAtOnce) {
  ServerOptions options = Options();
  options.health_period = absl::Hours(1);
  options.health_probe = [] { return absl::UnavailableError("database gone"); };
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(options));

  EXPECT_THAT(CheckHealth(MakeChannel(server->address()), "", kTimeout),
              StatusIs(absl::StatusCode::kUnavailable, "not serving"));
}

TEST_F(ServerTest, ShutdownLetsRunningCallsFinish) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, Server::Start(Options()));
  absl::StatusOr<v1::ListDevicesResponse> answer;
  std::thread caller([&] { answer = List(server->address(), "wait"); });
  service_.waiting.WaitForNotification();

  std::thread stopper([&] { server->Shutdown(kTimeout); });
  service_.release.Notify();
  stopper.join();
  caller.join();

  EXPECT_THAT(answer, IsOk());
  EXPECT_THAT(List(server->address(), "x"), StatusIs(absl::StatusCode::kUnavailable, ""));
}

// Whether the server knows the reflection protocol: it then answers an empty request with
// something else than UNIMPLEMENTED.
bool HasReflection(const std::string& address) {
  grpc::ClientContext context;
  SetTimeout(context, kTimeout);
  const auto channel = MakeChannel(address);
  grpc::TemplatedGenericStub<v1::ListDevicesRequest, v1::ListDevicesResponse> stub(channel);
  class Reactor : public grpc::ClientBidiReactor<v1::ListDevicesRequest, v1::ListDevicesResponse> {
   public:
    void OnReadDone(bool ok) override {
      if (ok) StartRead(&answer);
    }
    void OnDone(const grpc::Status& status) override {
      code = status.error_code();
      done.Notify();
    }
    v1::ListDevicesResponse answer;
    grpc::StatusCode code;
    absl::Notification done;
  } reactor;
  stub.PrepareBidiStreamingCall(&context,
                                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                grpc::StubOptions(), &reactor);
  v1::ListDevicesRequest nothing;
  reactor.StartRead(&reactor.answer);
  reactor.StartWriteLast(&nothing, grpc::WriteOptions());
  reactor.StartCall();
  reactor.done.WaitForNotification();
  return reactor.code != grpc::StatusCode::UNIMPLEMENTED;
}

TEST_F(ServerTest, ReflectionIsThereUnlessSwitchedOff) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto with, Server::Start(Options()));
  ServerOptions options = Options();
  options.reflection = false;
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto without, Server::Start(options));

  EXPECT_TRUE(HasReflection(with->address()));
  EXPECT_FALSE(HasReflection(without->address()));
}

TEST(ChannelTest, NobodyThereIsUnavailable) {
  // Port 1 is nobody's.
  const auto channel = MakeChannel("127.0.0.1:1");

  EXPECT_THAT(WaitUntilConnected(*channel, "127.0.0.1:1", absl::Milliseconds(50)),
              HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
  EXPECT_THAT(CheckHealth(channel, "", kTimeout),
              HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
}

}  // namespace
}  // namespace niwaki::rpc
