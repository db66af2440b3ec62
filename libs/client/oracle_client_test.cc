#include "libs/client/oracle_client.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/server.h"

namespace niwaki::client {
namespace {

constexpr int kItems = 25;
constexpr int kPage = 10;

// Lists of kItems in pages of kPage; fails as told.
class FakeOracleService final : public v1::OracleService::Service {
 public:
  grpc::Status EstimateCosts(grpc::ServerContext*, const v1::EstimateCostsRequest* request,
                             v1::EstimateCostsResponse* response) override {
    if (failures-- > 0) return grpc::Status(failure, "as told");
    for (int i = 0; i < request->subnets_size(); ++i) response->add_costs()->set_macs(i);
    return grpc::Status::OK;
  }

  grpc::Status ListDevices(grpc::ServerContext*, const v1::ListDevicesRequest* request,
                           v1::ListDevicesResponse* response) override {
    for (int i = Begin(request->page_token()); i < End(request->page_token()); ++i) {
      response->add_devices()->set_name(absl::StrCat("devices/", i));
    }
    response->set_next_page_token(NextToken(request->page_token()));
    return grpc::Status::OK;
  }

  grpc::Status PutLookupEntries(grpc::ServerContext*, const v1::PutLookupEntriesRequest* request,
                                v1::PutLookupEntriesResponse* response) override {
    ++puts;
    request_ids.insert(request->request_id());
    if (failures-- > 0) return grpc::Status(failure, "as told");
    response->set_table_version(request->entries_size());
    return grpc::Status::OK;
  }

  grpc::Status ListLookupEntries(grpc::ServerContext*, const v1::ListLookupEntriesRequest* request,
                                 v1::ListLookupEntriesResponse* response) override {
    devices.insert(request->device());
    for (int i = Begin(request->page_token()); i < End(request->page_token()); ++i) {
      response->add_entries()->set_count(i);
    }
    response->set_next_page_token(NextToken(request->page_token()));
    return grpc::Status::OK;
  }

  int failures = 0;
  grpc::StatusCode failure = grpc::StatusCode::UNAVAILABLE;
  int puts = 0;
  std::set<std::string> request_ids;
  std::set<std::string> devices;

 private:
  static int Begin(const std::string& token) {
    int begin = 0;
    return token.empty() || !absl::SimpleAtoi(token, &begin) ? 0 : begin;
  }
  static int End(const std::string& token) { return std::min(kItems, Begin(token) + kPage); }
  static std::string NextToken(const std::string& token) {
    return End(token) == kItems ? "" : absl::StrCat(End(token));
  }
};

class OracleClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions server;
    server.services = {&service_};
    NIWAKI_ASSERT_OK_AND_ASSIGN(server_, rpc::Server::Start(std::move(server)));
    ClientOptions options;
    options.retry.max_attempts = 3;
    options.retry.backoff.initial = absl::Milliseconds(1);
    oracle_ = std::make_unique<OracleClient>(server_->address(), options);
  }

  FakeOracleService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<OracleClient> oracle_;
};

TEST_F(OracleClientTest, EveryPageOfAListComes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Device> devices, oracle_->ListDevices());
  ASSERT_EQ(devices.size(), kItems);
  EXPECT_EQ(devices.back().name(), absl::StrCat("devices/", kItems - 1));

  std::vector<int64_t> counts;
  NIWAKI_ASSERT_OK(oracle_->ForEachLookupEntry("devices/3", 0, [&](const v1::LookupEntry& entry) {
    counts.push_back(entry.count());
    return true;
  }));
  EXPECT_EQ(counts.size(), kItems);
  EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end()));
  EXPECT_EQ(service_.devices, std::set<std::string>{"devices/3"});
}

TEST_F(OracleClientTest, VisitorMayStop) {
  int visited = 0;
  NIWAKI_ASSERT_OK(
      oracle_->ForEachLookupEntry("", 0, [&](const v1::LookupEntry&) { return ++visited < 12; }));

  EXPECT_EQ(visited, 12);
}

TEST_F(OracleClientTest, RepeatedPutCarriesOneRequestId) {
  service_.failures = 2;

  EXPECT_THAT(oracle_->PutLookupEntries(std::vector<v1::LookupEntry>(4)), IsOkAndHolds(4));

  EXPECT_EQ(service_.puts, 3);
  ASSERT_EQ(service_.request_ids.size(), 1);
  EXPECT_TRUE(rpc::IsUuid(*service_.request_ids.begin()));
}

TEST_F(OracleClientTest, ErrorsOfTheCallerAreNotRepeated) {
  service_.failures = 1;
  service_.failure = grpc::StatusCode::INVALID_ARGUMENT;

  EXPECT_THAT(oracle_->PutLookupEntries({}),
              StatusIs(absl::StatusCode::kInvalidArgument, "as told"));

  EXPECT_EQ(service_.puts, 1);
}

TEST_F(OracleClientTest, GivesUpAfterTheLastAttempt) {
  service_.failures = 100;

  EXPECT_THAT(oracle_->EstimateCosts(v1::EstimateCostsRequest()),
              StatusIs(absl::StatusCode::kUnavailable, "as told"));

  EXPECT_EQ(service_.failures, 97);
}

TEST_F(OracleClientTest, WaitsForTheServer) {
  NIWAKI_EXPECT_OK(oracle_->WaitUntilServing(absl::Seconds(20)));
}

}  // namespace
}  // namespace niwaki::client
