#include "services/coordinator/oracle_cost_source.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"

namespace niwaki::coordinator {
namespace {

// Answers with the number of genes as SRAM, or with `failure`.
class FakeOracle : public v1::OracleService::Service {
 public:
  grpc::Status EstimateCosts(grpc::ServerContext*, const v1::EstimateCostsRequest* request,
                             v1::EstimateCostsResponse* response) override {
    last = *request;
    for (const v1::SubnetRef& subnet : request->subnets()) {
      v1::Cost& cost = *response->add_costs();
      cost.set_sram_bytes(subnet.genes().size());
      cost.set_schedule("streamed_50");
      // The list is for people: what is in it does not matter here.
      cost.add_schedules()->set_name("Anything");
      cost.mutable_latency_us()->set_value(latency_us);
      cost.mutable_latency_us()->set_low(latency_us);
      cost.mutable_latency_us()->set_high(latency_us);
      cost.mutable_latency_us()->set_provenance(provenance);
    }
    return rpc::ToGrpcStatus(failure);
  }

  v1::EstimateCostsRequest last;
  absl::Status failure;
  double latency_us = 7;
  v1::Provenance provenance = v1::PROVENANCE_MEASURED;
};

class OracleCostSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions options;
    options.services = {&oracle_};
    server_ = *rpc::Server::Start(std::move(options));
    source_ = std::make_unique<OracleCostSource>(server_->address());
  }

  absl::StatusOr<std::vector<cost::Cost>> Ask() {
    const std::vector<arch::Subnet> subnets = {arch::MinSubnet(space_), arch::MaxSubnet(space_)};
    return source_->EstimateCosts({"f746", "", 65536, 7}, space_, subnets);
  }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  FakeOracle oracle_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<OracleCostSource> source_;
};

TEST_F(OracleCostSourceTest, EveryQuestionCarriesItsOwnSpace) {
  // More structures than it keeps, each asked about twice.
  for (int round = 0; round < 2; ++round) {
    for (int classes = 2; classes < 22; ++classes) {
      const arch::SearchSpace space = space_.WithNumClasses(classes);
      NIWAKI_ASSERT_OK(source_->EstimateCosts({"f746"}, space, {arch::MinSubnet(space)}).status());
      ASSERT_EQ(oracle_.last.space_definition().num_classes(), classes);
      NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace read,
                                  arch::SearchSpace::FromMessage(oracle_.last.space_definition()));
      ASSERT_EQ(read.structure(), space.structure());
    }
  }
}

TEST_F(OracleCostSourceTest, AsksForTheDeviceTheSpaceAndTheGenes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<cost::Cost> costs, Ask());

  ASSERT_EQ(costs.size(), 2);
  EXPECT_EQ(costs[0].sram_bytes, space_.layout().num_genes);
  EXPECT_EQ(costs[0].latency_us.provenance(), cost::Provenance::kMeasured);
  EXPECT_FALSE(costs[0].energy_mj.known());
  EXPECT_EQ(costs[0].schedule, "streamed_50");
  EXPECT_EQ(oracle_.last.device(), "devices/f746");
  EXPECT_EQ(oracle_.last.sram_limit_bytes(), 65536);
  EXPECT_EQ(oracle_.last.table_version(), 7);
  EXPECT_EQ(oracle_.last.space_definition().name(), "kws");
}

TEST_F(OracleCostSourceTest, UnknownDeviceIsTheJobsField) {
  oracle_.failure = Error(absl::StatusCode::kNotFound, reason::kDeviceUnknown)
                        .Field("device")
                        .Value("devices/f746")
                        .Message("no such device");
  const absl::Status status = Ask().status();
  EXPECT_THAT(status, HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_EQ(GetErrorDetail(status)->field, "spec.device");
}

TEST_F(OracleCostSourceTest, NonsenseIsAnErrorOfTheOracle) {
  oracle_.latency_us = -1;
  EXPECT_THAT(Ask(), HasReason(absl::StatusCode::kInternal, reason::kOracleUnavailable));
}

TEST_F(OracleCostSourceTest, ProvenanceThatIsNotKnownHereIsRefused) {
  oracle_.provenance = static_cast<v1::Provenance>(9);

  const absl::Status status = Ask().status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInternal, reason::kOracleUnavailable));
  EXPECT_EQ(GetErrorDetail(status)->field, "latency_us.provenance");
  EXPECT_EQ(GetErrorDetail(status)->value, "9");
}

TEST_F(OracleCostSourceTest, AbsentOracleIsNamed) {
  const std::string address = server_->address();
  server_.reset();
  const absl::Status status = Ask().status();
  EXPECT_THAT(status, HasReason(absl::StatusCode::kUnavailable, reason::kOracleUnavailable));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, address));
}

}  // namespace
}  // namespace niwaki::coordinator
