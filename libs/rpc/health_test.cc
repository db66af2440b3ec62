#include "libs/rpc/health.h"

#include <memory>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"

namespace niwaki::rpc {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr char kServiceName[] = "niwaki.v1.OracleService";

class HealthTest : public ::testing::Test {
 protected:
  // The probe is asked once before the server starts, then never again.
  void Serve(absl::Status probe) {
    ServerOptions options;
    options.services = {&service_};
    options.health_probe = [probe] { return probe; };
    options.health_period = absl::Hours(1);
    NIWAKI_ASSERT_OK_AND_ASSIGN(server_, Server::Start(std::move(options)));
    channel_ = MakeChannel(server_->address());
  }

  v1::OracleService::Service service_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(HealthTest, ServingServerAndServiceAreOk) {
  Serve(absl::OkStatus());

  NIWAKI_EXPECT_OK(CheckHealth(channel_, "", kTimeout));
  NIWAKI_EXPECT_OK(CheckHealth(channel_, kServiceName, kTimeout));
}

TEST_F(HealthTest, FailedProbeIsUnavailable) {
  Serve(absl::DataLossError("the database is gone"));

  EXPECT_THAT(CheckHealth(channel_, kServiceName, kTimeout),
              StatusIs(absl::StatusCode::kUnavailable, "not serving"));
}

TEST_F(HealthTest, UnknownServiceIsNotFound) {
  Serve(absl::OkStatus());

  EXPECT_THAT(CheckHealth(channel_, "niwaki.v1.Nothing", kTimeout),
              StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_F(HealthTest, ServerThatIsGoneIsUnavailable) {
  Serve(absl::OkStatus());
  server_->Shutdown(absl::ZeroDuration());

  EXPECT_THAT(CheckHealth(channel_, "", kTimeout), StatusIs(absl::StatusCode::kUnavailable, ""));
}

}  // namespace
}  // namespace niwaki::rpc
