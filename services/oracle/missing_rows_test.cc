// A prediction says how many rows of the latency table a sum would have needed.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/client/oracle_client.h"
#include "libs/latency/signature.h"
#include "services/oracle/server.h"

namespace niwaki::oracle {
namespace {

constexpr char kDevice[] = "devices/stm32f746";

class MissingRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.listen = "127.0.0.1:0";
    options.db_path = absl::StrCat(::testing::TempDir(), "/oracle_", NewUuid(), "/oracle.db");
    auto server = OracleServer::Start(options);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    oracle_ = std::make_unique<client::OracleClient>(server_->address());
  }

  std::string SignatureOf(const arch::Op& op) {
    return latency::OpSignature::Of(graph_, op).ToText();
  }

  // Rows of all operators but those that are as the last one.
  void PutAllButTheLast() {
    std::vector<v1::LookupEntry> entries;
    for (const arch::Op& op : graph_.ops) {
      if (SignatureOf(op) == SignatureOf(graph_.ops.back())) continue;
      v1::LookupEntry& entry = entries.emplace_back();
      entry.set_device(kDevice);
      entry.set_signature(SignatureOf(op));
      entry.set_latency_us(7);
      entry.set_count(1);
      entry.set_provenance(v1::PROVENANCE_MEASURED);
      entry.set_source("test");
    }
    NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(entries));
  }

  v1::Cost Estimate() {
    const arch::Subnet subnet = arch::MaxSubnet(space_);
    v1::EstimateCostsRequest request;
    request.set_device(kDevice);
    request.set_space_name("kws");
    request.add_subnets()->set_genes(subnet.genes.data(), subnet.genes.size());
    const auto response = oracle_->EstimateCosts(request);
    EXPECT_THAT(response, IsOk());
    return response->costs(0);
  }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  const arch::Graph graph_ = arch::BuildGraph(space_, arch::MaxSubnet(space_));
  std::unique_ptr<OracleServer> server_;
  std::unique_ptr<client::OracleClient> oracle_;
};

TEST_F(MissingRowsTest, TableWithoutTheDeviceLacksNothingInParticular) {
  EXPECT_EQ(Estimate().latency_us().provenance(), v1::PROVENANCE_PREDICTED);
  EXPECT_EQ(Estimate().latency_rows_missing(), 0);
}

TEST_F(MissingRowsTest, PredictionSaysHowManyWereMissing) {
  PutAllButTheLast();
  int missing = 0;
  for (const arch::Op& op : graph_.ops) {
    if (SignatureOf(op) == SignatureOf(graph_.ops.back())) ++missing;
  }

  const v1::Cost cost = Estimate();

  EXPECT_EQ(cost.latency_us().provenance(), v1::PROVENANCE_PREDICTED);
  EXPECT_EQ(cost.latency_rows_missing(), missing);
}

}  // namespace
}  // namespace niwaki::oracle
