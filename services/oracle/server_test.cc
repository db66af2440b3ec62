#include "services/oracle/server.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/client/oracle_client.h"
#include "libs/cost/cost.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule_kind.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/estimate.h"
#include "libs/latency/lookup_table.h"
#include "libs/latency/signature.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/health.h"
#include "libs/store/connection.h"

namespace niwaki::oracle {
namespace {

using OracleStub = v1::OracleService::StubInterface;

constexpr char kDevice[] = "devices/stm32f746";
constexpr absl::Duration kTimeout = absl::Seconds(10);

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.listen = "127.0.0.1:0";
    options_.db_path = absl::StrCat(::testing::TempDir(), "/oracle_", NewUuid(), "/oracle.db");
    auto server = OracleServer::Start(options_);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    oracle_ = std::make_unique<client::OracleClient>(server_->address());
    stub_ = v1::OracleService::NewStub(rpc::MakeChannel(server_->address()));
  }

  v1::EstimateCostsRequest Request(const std::vector<arch::Subnet>& subnets) {
    v1::EstimateCostsRequest request;
    request.set_device(kDevice);
    request.set_space_name("kws");
    for (const arch::Subnet& subnet : subnets) {
      request.add_subnets()->set_genes(subnet.genes.data(), subnet.genes.size());
    }
    return request;
  }

  // Every operator of the largest network, each taking `latency_us`.
  std::vector<v1::LookupEntry> Entries(double latency_us) {
    const arch::Graph graph = arch::BuildGraph(space_, arch::MaxSubnet(space_));
    std::vector<v1::LookupEntry> entries;
    for (const arch::Op& op : graph.ops) {
      v1::LookupEntry& entry = entries.emplace_back();
      entry.set_device(kDevice);
      entry.set_signature(latency::OpSignature::Of(graph, op).ToText());
      entry.set_latency_us(latency_us);
      entry.set_count(1);
      entry.set_provenance(v1::PROVENANCE_MEASURED);
      entry.set_source("test");
    }
    return entries;
  }

  // A raw call: no retries, the service's own answer.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (OracleStub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                                const Request& request) {
    return rpc::Call<OracleStub>(*stub_, method, request, kTimeout);
  }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  Options options_;
  std::unique_ptr<OracleServer> server_;
  std::unique_ptr<client::OracleClient> oracle_;
  std::unique_ptr<OracleStub> stub_;
};

TEST_F(ServerTest, CostsAreThoseOfTheLibraries) {
  Random random(/*seed=*/3);
  std::vector<arch::Subnet> subnets;
  for (int i = 0; i < 50; ++i) subnets.push_back(arch::SampleSubnet(space_, random));
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto table, latency::LookupTable::Open("", [] {
                                store::ConnectionOptions options;
                                options.in_memory = true;
                                return options;
                              }()));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto response, oracle_->EstimateCosts(Request(subnets)));

  ASSERT_EQ(response.costs_size(), subnets.size());
  const device::Device device = *device::FindDevice("stm32f746");
  for (size_t i = 0; i < subnets.size(); ++i) {
    const v1::Cost& cost = response.costs(i);
    const cost::Cost expected =
        latency::EstimateCosts(arch::BuildGraph(space_, subnets[i]), device, table->snapshot());
    EXPECT_EQ(cost.sram_bytes(), expected.sram_bytes);
    EXPECT_EQ(cost.flash_bytes(), expected.flash_bytes);
    EXPECT_EQ(cost.macs(), expected.macs);
    EXPECT_EQ(cost.params(), expected.params);
    EXPECT_EQ(cost.latency_us().value(), expected.latency_us.value());
    EXPECT_EQ(cost.latency_us().high(), expected.latency_us.high());
    EXPECT_EQ(cost.latency_us().provenance(), v1::PROVENANCE_PREDICTED);
    EXPECT_EQ(cost.energy_mj().value(), expected.energy_mj.value());
  }
}

TEST_F(ServerTest, EstimatesListTheNetworksSchedulesAndTakeTheFastestThatFits) {
  const arch::Graph graph = arch::BuildGraph(space_, arch::MaxSubnet(space_));
  engine::NetworkPlanner planner;
  const absl::Span<const engine::NamedPlan> plans = planner.Schedules(graph);
  ASSERT_GE(plans.size(), 2);
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto response, oracle_->EstimateCosts(request));

  const v1::Cost whole = response.costs(0);
  EXPECT_EQ(whole.schedule(), "whole");
  ASSERT_EQ(whole.schedules_size(), static_cast<int>(plans.size()));
  for (int i = 0; i < whole.schedules_size(); ++i) {
    const v1::ScheduleCost& schedule = whole.schedules(i);
    SCOPED_TRACE(schedule.name());
    EXPECT_EQ(schedule.name(), engine::ScheduleKindName(plans[i].kind));
    // What would be emitted.
    EXPECT_EQ(schedule.sram_bytes(), plans[i].planned.plan.memory.arena_bytes);
    EXPECT_EQ(schedule.slowdown(), plans[i].planned.slowdown());
    EXPECT_DOUBLE_EQ(schedule.latency_us().value(),
                     whole.latency_us().value() * schedule.slowdown());
    request.set_sram_limit_bytes(schedule.sram_bytes());
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto limited, oracle_->EstimateCosts(request));
    const v1::Cost& cost = limited.costs(0);
    EXPECT_EQ(cost.schedule(), schedule.name());
    EXPECT_EQ(cost.sram_bytes(), schedule.sram_bytes());
    EXPECT_EQ(cost.flash_bytes(), schedule.flash_bytes());
    EXPECT_EQ(cost.latency_us().value(), schedule.latency_us().value());
    EXPECT_EQ(cost.schedules_size(), whole.schedules_size());
  }
  // Less than any: the smallest, and the caller sees that it does not fit.
  request.set_sram_limit_bytes(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto least, oracle_->EstimateCosts(request));
  EXPECT_EQ(least.costs(0).schedule(), "streamed");
  EXPECT_EQ(least.costs(0).sram_bytes(), plans.back().planned.plan.memory.arena_bytes);
}

TEST_F(ServerTest, CostsOfARevisionAreRefusedOnceTheDeviceHasAnother) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::GetDeviceResponse device, oracle_->GetDevice(kDevice));
  EXPECT_EQ(device.device().name(), kDevice);
  EXPECT_EQ(device.device().sram_bytes(), device::FindDevice("stm32f746")->sram_bytes());
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  request.set_device_revision(device.revision());
  NIWAKI_ASSERT_OK(oracle_->EstimateCosts(request).status());

  NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(Entries(/*latency_us=*/7)).status());

  const absl::Status status = oracle_->EstimateCosts(request).status();
  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kDeviceChanged));
  EXPECT_EQ(GetErrorDetail(status)->value, device.revision());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::GetDeviceResponse after, oracle_->GetDevice(kDevice));
  EXPECT_EQ(GetErrorDetail(status)->limit, after.revision());
  // Of another device nothing has changed.
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto other, oracle_->GetDevice("devices/stm32f412"));
  request.set_device("devices/stm32f412");
  request.set_device_revision(other.revision());
  NIWAKI_EXPECT_OK(oracle_->EstimateCosts(request).status());
  EXPECT_THAT(oracle_->GetDevice("devices/z80"),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
}

TEST_F(ServerTest, CostsOfAnOlderVersionStayAsTheyWere) {
  NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(Entries(/*latency_us=*/7)).status());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::GetDeviceResponse device, oracle_->GetDevice(kDevice));
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto before, oracle_->EstimateCosts(request));
  EXPECT_EQ(before.table_version(), device.table_version());
  NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(Entries(/*latency_us=*/14)).status());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto after, oracle_->EstimateCosts(request));
  EXPECT_EQ(after.table_version(), device.table_version() + 1);
  EXPECT_EQ(after.costs(0).latency_us().value(), 2 * before.costs(0).latency_us().value());

  request.set_table_version(device.table_version());
  request.set_device_revision(device.revision());
  // After a restart, too.
  for (int start = 0; start < 2; ++start) {
    client::OracleClient oracle(server_->address());
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto again, oracle.EstimateCosts(request));
    EXPECT_EQ(again.SerializeAsString(), before.SerializeAsString());
    const auto is_old = [](const v1::LookupEntry& entry) {
      EXPECT_EQ(entry.latency_us(), 7);
      return true;
    };
    NIWAKI_ASSERT_OK(oracle.ForEachLookupEntry(kDevice, device.table_version(), is_old));
    server_.reset();
    NIWAKI_ASSERT_OK_AND_ASSIGN(server_, OracleServer::Start(options_));
  }
}

TEST_F(ServerTest, VersionThatIsNotThereIsRefused) {
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  request.set_table_version(99);
  EXPECT_THAT(oracle_->EstimateCosts(request).status(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kTableVersionGone));
  request.set_table_version(-1);
  EXPECT_THAT(oracle_->EstimateCosts(request).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST_F(ServerTest, RevisionOutlivesARestart) {
  NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(Entries(/*latency_us=*/7)).status());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::GetDeviceResponse before, oracle_->GetDevice(kDevice));
  server_.reset();

  NIWAKI_ASSERT_OK_AND_ASSIGN(server_, OracleServer::Start(options_));
  client::OracleClient again(server_->address());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::GetDeviceResponse after, again.GetDevice(kDevice));
  EXPECT_EQ(after.revision(), before.revision());
}

TEST_F(ServerTest, UnknownLatencyComesWithItsReason) {
  v1::Device phone;
  phone.set_name("devices/phone");
  phone.set_core("cortex-a76");
  phone.set_clock_hz(1);
  phone.set_sram_bytes(1 << 20);
  phone.set_flash_bytes(1 << 20);
  NIWAKI_ASSERT_OK(oracle_->PutDevice(phone).status());
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto known, oracle_->EstimateCosts(request));
  request.set_device("devices/phone");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto unknown, oracle_->EstimateCosts(request));

  EXPECT_EQ(known.costs(0).latency_unknown(), "");
  EXPECT_EQ(unknown.costs(0).latency_unknown(),
            "there is no latency model for device 'phone' or its core 'cortex-a76', and the "
            "latency table has no entries of the device");
}

TEST_F(ServerTest, MeasuredEntriesChangeTheAnswer) {
  const v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto before, oracle_->EstimateCosts(request));
  const std::vector<v1::LookupEntry> entries = Entries(/*latency_us=*/7);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, oracle_->PutLookupEntries(entries));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto after, oracle_->EstimateCosts(request));
  EXPECT_GT(version, before.table_version());
  EXPECT_EQ(after.table_version(), version);
  EXPECT_EQ(after.costs(0).latency_us().provenance(), v1::PROVENANCE_MEASURED);
  const int ops = arch::BuildGraph(space_, arch::MaxSubnet(space_)).ops.size();
  EXPECT_NEAR(after.costs(0).latency_us().value(), 7.0 * ops, 1e-6);
}

TEST_F(ServerTest, EntriesSurviveARestart) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, oracle_->PutLookupEntries(Entries(7)));
  server_->Shutdown();
  server_ = nullptr;

  NIWAKI_ASSERT_OK_AND_ASSIGN(server_, OracleServer::Start(options_));

  client::OracleClient oracle(server_->address());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto answer,
                              oracle.EstimateCosts(Request({arch::MaxSubnet(space_)})));
  EXPECT_EQ(answer.table_version(), version);
  EXPECT_EQ(answer.costs(0).latency_us().provenance(), v1::PROVENANCE_MEASURED);
}

TEST_F(ServerTest, RepeatedRequestGivesTheSameAnswerAlsoAfterARestart) {
  v1::PutLookupEntriesRequest put;
  *put.add_entries() = Entries(7)[0];
  put.set_request_id(NewUuid());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::PutLookupEntriesResponse first,
                              Call(&OracleStub::PutLookupEntries, put));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t later, oracle_->PutLookupEntries(Entries(8)));
  server_->Shutdown();
  server_ = nullptr;
  NIWAKI_ASSERT_OK_AND_ASSIGN(server_, OracleServer::Start(options_));
  stub_ = v1::OracleService::NewStub(rpc::MakeChannel(server_->address()));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::PutLookupEntriesResponse again,
                              Call(&OracleStub::PutLookupEntries, put));

  EXPECT_EQ(again.table_version(), first.table_version());
  EXPECT_LT(again.table_version(), later);
  put.mutable_entries(0)->set_latency_us(9);
  const absl::Status reused = Call(&OracleStub::PutLookupEntries, put).status();
  EXPECT_THAT(reused, HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
  EXPECT_EQ(GetErrorDetail(reused)->field, "request_id");
}

TEST_F(ServerTest, ListsComeInPages) {
  const std::vector<v1::LookupEntry> entries = Entries(7);
  NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(entries));
  v1::ListLookupEntriesRequest request;
  request.set_device(kDevice);
  request.set_page_size(3);
  std::vector<std::string> signatures;
  do {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::ListLookupEntriesResponse page,
                                Call(&OracleStub::ListLookupEntries, request));
    ASSERT_LE(page.entries_size(), 3);
    for (const auto& entry : page.entries()) signatures.push_back(entry.signature());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::vector<std::string> all;
  NIWAKI_ASSERT_OK(oracle_->ForEachLookupEntry("", 0, [&](const v1::LookupEntry& entry) {
    all.push_back(entry.signature());
    return true;
  }));
  EXPECT_EQ(signatures, all);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));

  v1::ListDevicesRequest devices;
  devices.set_page_size(1);
  std::vector<std::string> names;
  do {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::ListDevicesResponse page,
                                Call(&OracleStub::ListDevices, devices));
    for (const auto& device : page.devices()) names.push_back(device.name());
    devices.set_page_token(page.next_page_token());
  } while (!devices.page_token().empty());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto listed, oracle_->ListDevices());
  EXPECT_EQ(names.size(), listed.size());
  EXPECT_GE(names.size(), 4u);
}

TEST_F(ServerTest, MadeUpPagesAreRefused) {
  v1::ListDevicesRequest devices;
  devices.set_page_token("made-up");
  EXPECT_THAT(Call(&OracleStub::ListDevices, devices),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
  devices.clear_page_token();
  devices.set_page_size(-1);
  EXPECT_THAT(Call(&OracleStub::ListDevices, devices),
              StatusIs(absl::StatusCode::kInvalidArgument, "page_size"));
  v1::ListLookupEntriesRequest entries;
  entries.set_page_token("made-up");
  EXPECT_THAT(Call(&OracleStub::ListLookupEntries, entries),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
}

TEST_F(ServerTest, BadSubnetIsNamed) {
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_), arch::MinSubnet(space_)});
  request.add_subnets()->set_json(R"({"ks":[9]})");

  const absl::Status status = Call(&OracleStub::EstimateCosts, request).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  EXPECT_THAT(GetErrorDetail(status)->field, ::testing::StartsWith("subnets[2]"));
}

TEST_F(ServerTest, BadRequestsAreRefused) {
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  request.set_device("devices/z80");
  EXPECT_THAT(Call(&OracleStub::EstimateCosts, request),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  request.set_device(kDevice);
  request.set_space_name("atlantis");
  EXPECT_THAT(Call(&OracleStub::EstimateCosts, request),
              HasReason(absl::StatusCode::kNotFound, reason::kSpaceUnknown));
  EXPECT_THAT(Call(&OracleStub::EstimateCosts, Request({})),
              StatusIs(absl::StatusCode::kInvalidArgument, "subnets"));
  EXPECT_THAT(Call(&OracleStub::EstimateCosts,
                   Request(std::vector<arch::Subnet>(4097, arch::MinSubnet(space_)))),
              StatusIs(absl::StatusCode::kInvalidArgument, "4097"));
  v1::PutLookupEntriesRequest put;
  *put.add_entries() = Entries(1)[0];
  put.set_request_id("not a uuid");
  EXPECT_THAT(Call(&OracleStub::PutLookupEntries, put),
              StatusIs(absl::StatusCode::kInvalidArgument, "request_id"));
  put.set_request_id(NewUuid());
  put.mutable_entries(0)->set_latency_us(std::nan(""));
  EXPECT_THAT(Call(&OracleStub::PutLookupEntries, put),
              StatusIs(absl::StatusCode::kInvalidArgument, "entries[0]"));
}

TEST_F(ServerTest, UsersDeviceWithBlockEntriesAnswers) {
  v1::Device phone;
  phone.set_name("devices/phone");
  phone.set_core("cortex-a76");
  phone.set_clock_hz(2'730'000'000);
  phone.set_sram_bytes(int64_t{8} << 30);
  phone.set_flash_bytes(int64_t{256} << 30);
  NIWAKI_ASSERT_OK(oracle_->PutDevice(phone));
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  request.set_device(phone.name());
  // Nothing is known of its latencies; what its networks need of its memory is.
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::EstimateCostsResponse before,
                              Call(&OracleStub::EstimateCosts, request));
  EXPECT_GT(before.costs(0).sram_bytes(), 0);
  EXPECT_FALSE(before.costs(0).has_latency_us());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto blocks,
                              latency::BlocksOf(arch::BuildGraph(space_, arch::MaxSubnet(space_))));
  std::vector<v1::LookupEntry> entries;
  for (const latency::BlockOfGraph& block : blocks) {
    v1::LookupEntry& entry = entries.emplace_back();
    entry.set_device(phone.name());
    entry.set_signature(block.signature.ToText());
    entry.set_latency_us(100);
    entry.set_count(1);
    entry.set_provenance(v1::PROVENANCE_MEASURED);
  }
  NIWAKI_ASSERT_OK(oracle_->PutLookupEntries(entries));
  *request.add_subnets() = Request({arch::MinSubnet(space_)}).subnets(0);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::EstimateCostsResponse response,
                              Call(&OracleStub::EstimateCosts, request));

  EXPECT_EQ(response.costs(0).latency_us().value(), 100.0 * blocks.size());
  EXPECT_EQ(response.costs(0).latency_us().provenance(), v1::PROVENANCE_MEASURED);
  // The table does not cover the other network, and nothing else knows the phone.
  EXPECT_FALSE(response.costs(1).has_latency_us());
  // Its power is not known.
  EXPECT_FALSE(response.costs(0).has_energy_mj());
  EXPECT_FALSE(response.costs(1).has_energy_mj());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto devices, oracle_->ListDevices());
  EXPECT_EQ(devices.size(), device::CatalogueDevices().size() + 1);
  phone.set_name("devices/stm32f746");
  EXPECT_THAT(oracle_->PutDevice(phone),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  EXPECT_EQ(GetErrorDetail(oracle_->PutDevice(phone).status())->field, "device.name");
  phone.set_name("devices/other");
  phone.set_clock_hz(0);
  EXPECT_EQ(GetErrorDetail(oracle_->PutDevice(phone).status())->field, "device.clock_hz");
}

TEST_F(ServerTest, UsersDeviceKeepsItsMemoriesPowerAndKernels) {
  v1::Device board;
  board.set_name("devices/board");
  board.set_core("cortex-m7");
  board.set_clock_hz(400'000'000);
  board.set_sram_bytes(64 << 10);
  board.set_flash_bytes(1 << 20);
  v1::MemoryRegion& arena = *board.add_memory();
  arena.set_name("axi");
  arena.set_kind(v1::MEMORY_KIND_SRAM);
  arena.set_bytes(64 << 10);
  arena.set_use(v1::MEMORY_USE_ARENA);
  v1::MemoryRegion& weights = *board.add_memory();
  weights.set_name("qspi");
  weights.set_kind(v1::MEMORY_KIND_FLASH);
  weights.set_bytes(1 << 20);
  weights.set_use(v1::MEMORY_USE_WEIGHTS);
  board.set_active_power_mw(50);
  board.set_kernel_set("niwaki-1");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, oracle_->PutDevice(board));
  EXPECT_THAT(oracle_->PutDevice(board), IsOkAndHolds(version));
  server_->Shutdown();
  server_ = nullptr;
  NIWAKI_ASSERT_OK_AND_ASSIGN(server_, OracleServer::Start(options_));
  client::OracleClient again(server_->address());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Device> devices, again.ListDevices());

  EXPECT_EQ(devices[0].SerializeAsString(), board.SerializeAsString());
}

TEST_F(ServerTest, EnergyOfADeviceWithoutPowerIsAbsent) {
  v1::Device board;
  board.set_name("devices/board");
  board.set_core("cortex-m7");
  board.set_clock_hz(400'000'000);
  board.set_sram_bytes(64 << 10);
  board.set_flash_bytes(1 << 20);
  NIWAKI_ASSERT_OK(oracle_->PutDevice(board));
  v1::EstimateCostsRequest request = Request({arch::MaxSubnet(space_)});
  request.set_device(board.name());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::EstimateCostsResponse without,
                              oracle_->EstimateCosts(request));
  board.set_active_power_mw(50);
  NIWAKI_ASSERT_OK(oracle_->PutDevice(board));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::EstimateCostsResponse with,
                              oracle_->EstimateCosts(request));

  EXPECT_GT(without.costs(0).latency_us().value(), 0);
  EXPECT_FALSE(without.costs(0).has_energy_mj());
  EXPECT_DOUBLE_EQ(with.costs(0).energy_mj().value(),
                   with.costs(0).latency_us().value() * 50 * 1e-6);
}

TEST_F(ServerTest, HugeMessageIsRefusedAndServiceGoesOn) {
  v1::EstimateCostsRequest request = Request({});
  rpc::ChannelOptions unlimited;
  unlimited.max_message_bytes = 1 << 30;
  auto stub = v1::OracleService::NewStub(rpc::MakeChannel(server_->address(), unlimited));
  request.add_subnets()->set_json(std::string(64 << 20, ' '));

  EXPECT_THAT(rpc::Call(*stub, &OracleStub::EstimateCosts, request, kTimeout),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  EXPECT_THAT(oracle_->EstimateCosts(Request({arch::MaxSubnet(space_)})), IsOk());
}

TEST_F(ServerTest, ClientsAskAtOnce) {
  constexpr int kClients = 4;
  constexpr int kRounds = 20;
  std::vector<absl::Status> statuses(kClients);
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      Random random(i);
      client::OracleClient oracle(server_->address());
      for (int round = 0; round < kRounds && statuses[i].ok(); ++round) {
        statuses[i] =
            round % 4 == 0
                ? oracle.PutLookupEntries(Entries(i + 1)).status()
                : oracle.EstimateCosts(Request({arch::SampleSubnet(space_, random)})).status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  for (const absl::Status& status : statuses) EXPECT_THAT(status, IsOk());
}

TEST_F(ServerTest, HealthIsServedUntilTheEnd) {
  EXPECT_THAT(oracle_->WaitUntilServing(kTimeout), IsOk());
  EXPECT_THAT(
      rpc::CheckHealth(rpc::MakeChannel(server_->address()), "niwaki.v1.OracleService", kTimeout),
      IsOk());
}

TEST_F(ServerTest, TakenPortIsAnError) {
  Options second = options_;
  second.listen = server_->address();
  second.db_path += "2";
  EXPECT_THAT(OracleServer::Start(second),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse));
}

TEST_F(ServerTest, LockedDatabaseIsAnError) {
  const auto second = OracleServer::Start(options_);

  EXPECT_THAT(second, HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseLocked));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, options_.db_path));
}

TEST_F(ServerTest, NewerDatabaseIsAnError) {
  server_->Shutdown();
  server_ = nullptr;
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(auto connection, store::Connection::Open(options_.db_path));
    NIWAKI_ASSERT_OK(connection->Execute("PRAGMA user_version=1000"));
  }

  EXPECT_THAT(OracleServer::Start(options_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
}

TEST_F(ServerTest, DamagedDatabaseIsAnError) {
  Options damaged = options_;
  damaged.db_path += ".damaged";
  NIWAKI_ASSERT_OK(WriteFileAtomically(damaged.db_path, std::string(8192, 'x')));

  EXPECT_THAT(OracleServer::Start(damaged), StatusIs(absl::StatusCode::kDataLoss, damaged.db_path));
}

TEST_F(ServerTest, ImpossibleFoldersAreErrors) {
  Options impossible = options_;
  // A file where a folder should be: no rights of any user help.
  impossible.db_path = options_.db_path + "/folder/oracle.db";
  EXPECT_THAT(OracleServer::Start(impossible),
              StatusIs(absl::StatusCode::kInvalidArgument, options_.db_path));
  impossible.db_path = options_.db_path + "3";
  impossible.address_file = options_.db_path + "/address";
  EXPECT_THAT(OracleServer::Start(impossible), StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

TEST_F(ServerTest, AddressFileNamesTheRealPort) {
  Options other = options_;
  other.db_path += "4";
  other.address_file = options_.db_path + ".address";

  NIWAKI_ASSERT_OK_AND_ASSIGN(auto server, OracleServer::Start(other));

  EXPECT_THAT(ReadFile(other.address_file), IsOkAndHolds(server->address() + "\n"));
}

}  // namespace
}  // namespace niwaki::oracle
