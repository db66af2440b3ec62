#include "libs/latency/lookup_table.h"

#include <limits>
#include <thread>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/device/catalogue.h"
#include "libs/store/commit_fault.h"
#include "libs/store/connection.h"
#include "libs/store/request_log.h"

namespace niwaki::latency {
namespace {

constexpr char kSignature[] = "conv2d 8x8x8 8x8x16 k1 s1 relu6 int8";

LookupEntry Entry(int channels = 8) {
  LookupEntry entry;
  entry.device = "stm32f746";
  entry.signature = "conv2d 8x8x" + std::to_string(channels) + " 8x8x16 k1 s1 relu6 int8";
  entry.latency_us = 120.5;
  entry.spread_us = 0.5;
  entry.count = 10;
  entry.source = "board 7";
  return entry;
}

class LookupTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string folder = ::testing::TempDir() + "/lut_" + info->name();
    NIWAKI_ASSERT_OK(MakeFolders(folder));
    path_ = folder + "/a.db";
    Reopen();
  }

  void Reopen() {
    table_.reset();
    NIWAKI_ASSERT_OK_AND_ASSIGN(table_, LookupTable::Open(path_, {.before_commit = fault_.Hook()}));
  }

  std::string path_;
  store::CommitFault fault_;
  std::unique_ptr<LookupTable> table_;
};

TEST_F(LookupTableTest, EntryIsServedAndSurvivesReopening) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, table_->Put({Entry()}));
  Reopen();

  const auto snapshot = table_->snapshot();
  const auto* ops = snapshot->Table("stm32f746", cost::Provenance::kMeasured);

  ASSERT_NE(ops, nullptr);
  EXPECT_EQ(snapshot->version(), version);
  EXPECT_EQ(ops->at(OpSignature::FromText(kSignature).value()).mean_us, 120.5);
  EXPECT_EQ(snapshot->entries().begin()->second.source, "board 7");
  EXPECT_EQ(snapshot->Table("stm32f746", cost::Provenance::kEmulated), nullptr);
  EXPECT_EQ(snapshot->Table("stm32h743", cost::Provenance::kMeasured), nullptr);
}

TEST_F(LookupTableTest, PutAgainChangesNothing) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t first, table_->Put({Entry(), Entry(16)}));

  EXPECT_THAT(table_->Put({Entry(), Entry(16)}), IsOkAndHolds(first));
  EXPECT_EQ(table_->snapshot()->entries().size(), 2);
}

store::RequestRecord Request(const std::string& id, const std::string& digest, absl::Time time) {
  return {id, "Put", digest, "", time};
}

TEST_F(LookupTableTest, RepeatedRequestGetsTheFirstVersionAlsoAfterARestart) {
  const auto request = Request("id", "digest", absl::FromUnixSeconds(5));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t first, table_->Put({Entry()}, request));
  LookupEntry changed = Entry();
  changed.latency_us = 99;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t second, table_->Put({changed}));
  ASSERT_GT(second, first);

  Reopen();

  EXPECT_THAT(table_->Put({Entry()}, request), IsOkAndHolds(first));
  EXPECT_EQ(table_->snapshot()->version(), second);
  EXPECT_EQ(table_->snapshot()->entries().begin()->second.latency_us, 99);
}

TEST_F(LookupTableTest, ReusedRequestIdWritesNothing) {
  NIWAKI_ASSERT_OK(table_->Put({Entry()}, Request("id", "digest", absl::FromUnixSeconds(5))));

  EXPECT_THAT(table_->Put({Entry(), Entry(16)}, Request("id", "other", absl::FromUnixSeconds(5))),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));

  EXPECT_EQ(table_->snapshot()->entries().size(), 1);
}

TEST_F(LookupTableTest, RequestThatWasNotCommittedIsNew) {
  const auto request = Request("id", "digest", absl::FromUnixSeconds(5));
  fault_.FailNth(1, absl::ResourceExhaustedError("disk full"));
  EXPECT_FALSE(table_->Put({Entry()}, request).ok());

  NIWAKI_ASSERT_OK(table_->Put({Entry()}, request));

  EXPECT_EQ(table_->snapshot()->entries().size(), 1);
}

// What a program of the first version wrote: coefficients by number, one model of its own.
constexpr char kFirstVersion[] = R"sql(
PRAGMA application_id = 0x6e776b6c;
CREATE TABLE entry(
  device TEXT NOT NULL, signature TEXT NOT NULL, provenance INTEGER NOT NULL,
  latency_us REAL NOT NULL, spread_us REAL NOT NULL, count INTEGER NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY(device, signature, provenance)) STRICT, WITHOUT ROWID;
CREATE TABLE model(
  target TEXT NOT NULL PRIMARY KEY, interval_ratio REAL NOT NULL, source TEXT NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE coefficient(
  target TEXT NOT NULL REFERENCES model(target), kind INTEGER NOT NULL,
  per_mac REAL NOT NULL, per_input_byte REAL NOT NULL, per_output_byte REAL NOT NULL,
  per_weight_byte REAL NOT NULL, per_call REAL NOT NULL,
  PRIMARY KEY(target, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE version(one INTEGER PRIMARY KEY CHECK(one = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO version VALUES(1, 41);
INSERT INTO model VALUES('cortex-m7', 1.25, 'old fit');
INSERT INTO coefficient VALUES
  ('cortex-m7', 0, 0.5, 0, 0, 0, 0), ('cortex-m7', 1, 1.5, 0, 0, 0, 0),
  ('cortex-m7', 2, 2.5, 0.25, 0, 0, 0), ('cortex-m7', 3, 3.5, 0, 0.75, 0, 0),
  ('cortex-m7', 4, 4.5, 0, 0, 0, 0), ('cortex-m7', 5, 5.5, 0, 0, 0.125, 0),
  ('cortex-m7', 6, 6.5, 0, 0, 0, 9);
INSERT INTO entry VALUES
  ('stm32f746', 'conv2d 8x8x8 8x8x16 k1 s1 relu6 int8', 2, 120.5, 0.5, 10, 'board 7');
PRAGMA user_version = 1;
)sql";

TEST_F(LookupTableTest, CoefficientsByNumberBecomeNamed) {
  table_.reset();
  path_ += ".old";
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, store::Connection::Open(path_));
    NIWAKI_ASSERT_OK(connection->Execute(kFirstVersion));
  }
  const std::pair<const char*, double> expected[] = {
      {"pointwise_conv", 0.5},  {"conv", 1.5},  {"depthwise_conv", 2.5}, {"add", 3.5}, {"mul", 4.5},
      {"global_avg_pool", 5.5}, {"linear", 6.5}};

  // Twice: the second time nothing is left to bring up.
  for (int opened = 0; opened < 2; ++opened) {
    Reopen();
    const auto snapshot = table_->snapshot();
    EXPECT_EQ(snapshot->version(), 41);
    ASSERT_EQ(snapshot->models().size(), 1);
    const LatencyModel& model = snapshot->models().begin()->second;
    EXPECT_EQ(model.source, "old fit");
    EXPECT_EQ(model.coefficients.size(), 7);
    for (const auto& [kind, per_mac] : expected) {
      EXPECT_EQ(model.coefficients.at(kind).cycles_per_mac, per_mac) << kind;
    }
    EXPECT_EQ(model.coefficients.at("depthwise_conv").cycles_per_input_byte, 0.25);
    EXPECT_EQ(model.coefficients.at("add").cycles_per_output_byte, 0.75);
    EXPECT_EQ(model.coefficients.at("global_avg_pool").cycles_per_weight_byte, 0.125);
    EXPECT_EQ(model.coefficients.at("linear").cycles_per_call, 9);
    const auto* ops = snapshot->Table("stm32f746", cost::Provenance::kMeasured);
    ASSERT_NE(ops, nullptr);
    EXPECT_EQ(ops->at(OpSignature::FromText(kSignature).value()).mean_us, 120.5);
  }
}

TEST_F(LookupTableTest, ModelsLackKindsOrHaveMore) {
  LatencyModel own = DefaultModels()[0];
  own.target = "stm32f746";
  own.coefficients = {{"conv", {1, 0, 0, 0, 0}}, {"group_conv", {2, 0, 0, 0, 0}}};
  NIWAKI_ASSERT_OK(table_->PutModel(own).status());
  own.coefficients.erase("conv");
  NIWAKI_ASSERT_OK(table_->PutModel(own).status());
  Reopen();

  const auto& stored = table_->snapshot()->models().find("stm32f746")->second;

  ASSERT_EQ(stored.coefficients.size(), 1);
  EXPECT_EQ(stored.coefficients.at("group_conv").cycles_per_mac, 2);
}

TEST_F(LookupTableTest, DatabaseOfTheFirstVersionIsBroughtUp) {
  table_.reset();
  path_ += ".old";
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, store::Connection::Open(path_));
    NIWAKI_ASSERT_OK(connection->Execute(kFirstVersion));
  }
  constexpr int64_t kVersion = 41;

  Reopen();

  EXPECT_EQ(table_->snapshot()->version(), kVersion);
  const auto request = Request("id", "digest", absl::FromUnixSeconds(5));
  EXPECT_THAT(table_->Put({Entry()}, request), IsOkAndHolds(kVersion));
}

TEST_F(LookupTableTest, RequestsAreForgottenAfterADay) {
  const absl::Time begin = absl::FromUnixSeconds(5);
  NIWAKI_ASSERT_OK(table_->Put({Entry()}, Request("id", "digest", begin)));
  const absl::Time later = begin + store::kRequestMemory + absl::Seconds(1);
  NIWAKI_ASSERT_OK(table_->Put({Entry()}, Request("later", "digest", later)));

  EXPECT_THAT(table_->Put({Entry(16)}, Request("id", "other", later)), IsOk());
}

TEST_F(LookupTableTest, NewFiguresReplaceTheOldAndRaiseTheVersion) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t first, table_->Put({Entry()}));
  const auto before = table_->snapshot();
  LookupEntry changed = Entry();
  changed.latency_us = 99;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t second, table_->Put({changed}));

  EXPECT_GT(second, first);
  EXPECT_EQ(table_->snapshot()->entries().begin()->second.latency_us, 99);
  EXPECT_EQ(before->entries().begin()->second.latency_us, 120.5);
}

TEST_F(LookupTableTest, ProvenancesStandSideBySide) {
  LookupEntry emulated = Entry();
  emulated.provenance = cost::Provenance::kEmulated;
  emulated.latency_us = 80;

  NIWAKI_ASSERT_OK(table_->Put({Entry(), emulated}).status());

  const auto snapshot = table_->snapshot();
  const auto signature = OpSignature::FromText(kSignature).value();
  EXPECT_EQ(snapshot->Table("stm32f746", cost::Provenance::kMeasured)->at(signature).mean_us,
            120.5);
  EXPECT_EQ(snapshot->Table("stm32f746", cost::Provenance::kEmulated)->at(signature).mean_us, 80);
}

TEST_F(LookupTableTest, OneBadEntryRefusesAll) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const auto with = [](auto change) {
    LookupEntry entry = Entry();
    change(entry);
    return entry;
  };
  const std::pair<LookupEntry, const char*> cases[] = {
      {with([](LookupEntry& e) { e.latency_us = -1; }), "entries[1].latency_us"},
      {with([](LookupEntry& e) { e.latency_us = kNan; }), "entries[1].latency_us"},
      {with([](LookupEntry& e) { e.latency_us = 1e12; }), "entries[1].latency_us"},
      {with([](LookupEntry& e) { e.spread_us = kNan; }), "entries[1].spread_us"},
      {with([](LookupEntry& e) { e.count = 0; }), "entries[1].count"},
      {with([](LookupEntry& e) { e.provenance = cost::Provenance::kExact; }),
       "entries[1].provenance"},
      {with([](LookupEntry& e) { e.signature = "conv2d"; }), "entries[1].signature"},
      {with([](LookupEntry& e) { e.source.assign(201, 'x'); }), "entries[1].source"},
      {with([](LookupEntry& e) { e.device = "pdp11"; }), "entries[1].device"},
  };

  for (const auto& [bad, field] : cases) {
    const absl::Status status = table_->Put({Entry(), bad}).status();
    EXPECT_EQ(GetErrorDetail(status).value_or(ErrorDetail{}).field, field) << status;
  }
  EXPECT_TRUE(table_->snapshot()->entries().empty());
  EXPECT_THAT(table_->Put({cases[8].first}),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
}

TEST_F(LookupTableTest, FailedCommitChangesNothing) {
  fault_.FailNth(1, absl::ResourceExhaustedError("full"));

  EXPECT_THAT(table_->Put({Entry()}), StatusIs(absl::StatusCode::kResourceExhausted, "full"));

  EXPECT_TRUE(table_->snapshot()->entries().empty());
  NIWAKI_EXPECT_OK(table_->Put({Entry()}));
}

TEST_F(LookupTableTest, PagesHoldEveryEntryOnceInOrder) {
  std::vector<LookupEntry> entries;
  for (int i = 1; i <= 25; ++i) entries.push_back(Entry(i));
  LookupEntry elsewhere = Entry();
  elsewhere.device = "stm32h743";
  entries.push_back(elsewhere);
  NIWAKI_ASSERT_OK(table_->Put(entries).status());
  std::vector<std::string> seen;
  std::string token;

  do {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const EntryPage page,
                                ListEntries(*table_->snapshot(), "stm32f746", 10, token));
    for (const LookupEntry& entry : page.entries) seen.push_back(entry.signature);
    token = page.next_page_token;
  } while (!token.empty());

  EXPECT_EQ(seen.size(), 25);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const EntryPage all, ListEntries(*table_->snapshot(), "", 100, ""));
  EXPECT_EQ(all.entries.size(), 26);
  EXPECT_TRUE(all.next_page_token.empty());
}

TEST_F(LookupTableTest, MadeUpPageTokensAreRefused) {
  NIWAKI_ASSERT_OK(table_->Put({Entry(1), Entry(2)}).status());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const EntryPage page,
                              ListEntries(*table_->snapshot(), "stm32f746", 1, ""));

  for (const std::string& token : {std::string("x"), std::string("!!!"), std::string(5000, 'A')}) {
    EXPECT_THAT(ListEntries(*table_->snapshot(), "", 1, token).status(),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
  }
  EXPECT_THAT(ListEntries(*table_->snapshot(), "stm32h743", 1, page.next_page_token).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
}

TEST_F(LookupTableTest, DeleteRemovesAnOperatorOrADevice) {
  NIWAKI_ASSERT_OK(table_->Put({Entry(8), Entry(9), Entry(10)}).status());

  EXPECT_THAT(table_->Delete("stm32f746", kSignature), IsOkAndHolds(1));
  EXPECT_THAT(table_->Delete("stm32f746", kSignature), IsOkAndHolds(0));
  EXPECT_EQ(table_->snapshot()->entries().size(), 2);
  EXPECT_THAT(table_->Delete("stm32f746", ""), IsOkAndHolds(2));
  EXPECT_EQ(table_->snapshot()->Table("stm32f746", cost::Provenance::kMeasured), nullptr);

  Reopen();
  EXPECT_TRUE(table_->snapshot()->entries().empty());
}

TEST_F(LookupTableTest, ModelsAreSeededAndReplaced) {
  ASSERT_EQ(table_->snapshot()->models().size(), DefaultModels().size());
  LatencyModel own = DefaultModels()[0];
  own.target = "stm32f746";
  own.source = "own fit";
  own.coefficients["conv"].cycles_per_mac = 0.5;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, table_->PutModel(own));
  Reopen();

  const auto snapshot = table_->snapshot();
  EXPECT_EQ(snapshot->version(), version);
  const LatencyModel* model = snapshot->ModelFor(device::FindDevice("stm32f746").value());
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->source, "own fit");
  EXPECT_EQ(model->coefficients.at("conv").cycles_per_mac, 0.5);
  EXPECT_EQ(snapshot->ModelFor(device::FindDevice("stm32f765").value())->target, "cortex-m7");
}

TEST_F(LookupTableTest, DamagedRowIsDataLoss) {
  NIWAKI_ASSERT_OK(table_->Put({Entry()}).status());
  table_.reset();
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, store::Connection::Open(path_));
    NIWAKI_ASSERT_OK(connection->Execute("UPDATE entry SET signature = 'nonsense'"));
  }

  EXPECT_THAT(LookupTable::Open(path_).status(),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST_F(LookupTableTest, UnknownProvenanceInARowIsDataLoss) {
  NIWAKI_ASSERT_OK(table_->Put({Entry()}).status());
  table_.reset();
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, store::Connection::Open(path_));
    NIWAKI_ASSERT_OK(connection->Execute("UPDATE entry SET provenance = 9"));
  }

  EXPECT_THAT(LookupTable::Open(path_), StatusIs(absl::StatusCode::kDataLoss, "provenance 9"));
}

device::Device Board() {
  device::Device board;
  board.name = "board";
  board.core = "cortex-m7";
  board.clock_hz = 1000;
  board.memory = {{"axi", device::MemoryKind::kSram, 64, device::MemoryUse::kArena},
                  {"tcm", device::MemoryKind::kSram, 16, device::MemoryUse::kOther},
                  {"qspi", device::MemoryKind::kFlash, 128, device::MemoryUse::kWeights}};
  board.active_power_mw = 2.5;
  board.kernel_set = "niwaki-1";
  board.source = "a data sheet";
  return board;
}

TEST_F(LookupTableTest, DeviceIsServedAndSurvivesReopening) {
  device::Device plain = Board();
  plain.name = "plain";
  plain.memory = device::PlainMemory(64, 128);
  plain.active_power_mw.reset();
  plain.kernel_set = device::kDefaultKernelSet;
  NIWAKI_ASSERT_OK(table_->PutDevice(Board()).status());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, table_->PutDevice(plain));
  EXPECT_THAT(table_->PutDevice(Board()), IsOkAndHolds(version));

  Reopen();

  EXPECT_THAT(table_->snapshot()->FindDevice("board"), IsOkAndHolds(Board()));
  EXPECT_THAT(table_->snapshot()->FindDevice("plain"), IsOkAndHolds(plain));
  EXPECT_EQ(table_->snapshot()->version(), version);
}

TEST_F(LookupTableTest, ChangedMemoryAndKernelsAreAChange) {
  device::Device board = Board();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t first, table_->PutDevice(board));
  board.memory[1].bytes = 32;
  EXPECT_THAT(table_->PutDevice(board), IsOkAndHolds(first + 1));
  board.kernel_set = "niwaki-2";
  EXPECT_THAT(table_->PutDevice(board), IsOkAndHolds(first + 2));
}

// A device as it was stored before memories and kernels: power 0 where unknown.
TEST_F(LookupTableTest, DeviceOfAnOldDatabaseLoads) {
  table_.reset();
  path_ += ".old";
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, store::Connection::Open(path_));
    NIWAKI_ASSERT_OK(connection->Execute(kFirstVersion));
    NIWAKI_ASSERT_OK(connection->Execute(store::kRequestLogSchema));
    NIWAKI_ASSERT_OK(connection->Execute(
        "CREATE TABLE device(name TEXT NOT NULL PRIMARY KEY, description TEXT NOT NULL,"
        " core TEXT NOT NULL, clock_hz INTEGER NOT NULL, sram_bytes INTEGER NOT NULL,"
        " flash_bytes INTEGER NOT NULL, active_power_mw REAL NOT NULL, source TEXT NOT NULL)"
        " STRICT, WITHOUT ROWID;"
        "INSERT INTO device VALUES('old', 'd', 'cortex-m4', 1000, 64, 128, 0, 's'),"
        " ('new', '', 'cortex-m4', 1000, 64, 128, 2.5, '');"
        "PRAGMA user_version=3"));
  }
  Reopen();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device old, table_->snapshot()->FindDevice("old"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device with, table_->snapshot()->FindDevice("new"));
  EXPECT_EQ(old.memory, device::PlainMemory(64, 128));
  EXPECT_FALSE(old.active_power_mw.has_value());
  EXPECT_EQ(old.kernel_set, "default");
  EXPECT_EQ(with.active_power_mw, 2.5);
}

// The one entry's latency in that version; -1 where there is none.
double LatencyIn(LookupTable& table, int64_t version) {
  const auto snapshot = table.SnapshotAt(version);
  NIWAKI_EXPECT_OK(snapshot);
  if (!snapshot.ok() || (*snapshot)->entries().empty()) return -1;
  EXPECT_EQ((*snapshot)->version(), version);
  return (*snapshot)->entries().begin()->second.latency_us;
}

TEST_F(LookupTableTest, EveryVersionStaysAsItWas) {
  LookupEntry entry = Entry();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t first, table_->Put({entry}));
  entry.latency_us = 99;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t second, table_->Put({entry}));
  EXPECT_THAT(table_->Delete(entry.device, ""), IsOkAndHolds(1));
  entry.latency_us = 7;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t last, table_->Put({entry}));
  ASSERT_EQ(last, second + 2);

  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(LatencyIn(*table_, first - 1), -1);
    EXPECT_EQ(LatencyIn(*table_, first), 120.5);
    EXPECT_EQ(LatencyIn(*table_, second), 99);
    EXPECT_EQ(LatencyIn(*table_, last - 1), -1);
    EXPECT_EQ(LatencyIn(*table_, last), 7);
    EXPECT_EQ(*table_->SnapshotAt(0), table_->snapshot());
    Reopen();
  }
}

TEST_F(LookupTableTest, RevisionOfAnOldVersionIsTheOneOfThen) {
  const device::Device device = device::FindDevice("stm32f746").value();
  std::vector<std::string> revisions = {table_->snapshot()->RevisionOf(device)};
  const int64_t first = table_->snapshot()->version();
  NIWAKI_ASSERT_OK(table_->Put({Entry()}));
  revisions.push_back(table_->snapshot()->RevisionOf(device));
  LatencyModel model = *table_->snapshot()->ModelFor(device);
  model.coefficients["conv"].cycles_per_mac += 1;
  NIWAKI_ASSERT_OK(table_->PutModel(model));
  revisions.push_back(table_->snapshot()->RevisionOf(device));
  NIWAKI_ASSERT_OK(table_->Delete("stm32f746", kSignature));
  revisions.push_back(table_->snapshot()->RevisionOf(device));
  Reopen();

  for (size_t i = 0; i < revisions.size(); ++i) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto snapshot, table_->SnapshotAt(first + i));
    EXPECT_EQ(snapshot->RevisionOf(device), revisions[i]) << i;
  }
  EXPECT_NE(revisions[0], revisions[1]);
  EXPECT_NE(revisions[1], revisions[2]);
}

TEST_F(LookupTableTest, DeviceOfAnOldVersionIsTheOneOfThen) {
  device::Device board = Board();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t first, table_->PutDevice(board));
  board.clock_hz = 2000;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t second, table_->PutDevice(board));
  Reopen();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto before, table_->SnapshotAt(first - 1));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto then, table_->SnapshotAt(first));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto now, table_->SnapshotAt(second));
  EXPECT_FALSE(before->FindDevice("board").ok());
  EXPECT_EQ(then->FindDevice("board")->clock_hz, 1000);
  EXPECT_EQ(now->FindDevice("board")->clock_hz, 2000);
}

TEST_F(LookupTableTest, VersionThatIsNotKeptIsNamed) {
  for (const int64_t version : {int64_t{-1}, int64_t{99}}) {
    const absl::Status status = table_->SnapshotAt(version).status();
    EXPECT_THAT(status,
                HasReason(absl::StatusCode::kFailedPrecondition, reason::kTableVersionGone));
    EXPECT_EQ(GetErrorDetail(status)->limit, "0 to 1");
  }
  // History begins where a program with history first opens a database.
  path_ += ".old";
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, store::Connection::Open(path_));
    NIWAKI_ASSERT_OK(connection->Execute(kFirstVersion));
  }
  Reopen();
  NIWAKI_ASSERT_OK(table_->Put({Entry(16)}));
  EXPECT_EQ(GetErrorDetail(table_->SnapshotAt(40).status())->limit, "41 to 42");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto old, table_->SnapshotAt(41));
  EXPECT_EQ(old->entries().size(), 1);
  EXPECT_EQ(old->models().size(), 1);
}

TEST_F(LookupTableTest, MoreVersionsThanStayInMemoryAreReadAgain) {
  LookupEntry entry = Entry();
  int64_t first = 0;
  for (int i = 0; i < 20; ++i) {
    entry.latency_us = i;
    NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, table_->Put({entry}));
    if (i == 0) first = version;
  }
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(LatencyIn(*table_, first + i), i);
  }
  // One that was just read is not read again.
  EXPECT_EQ(*table_->SnapshotAt(first + 3), *table_->SnapshotAt(first + 3));
}

TEST_F(LookupTableTest, ReadersSeeWholeVersionsWhileOthersWrite) {
  std::thread writer([this] {
    for (int round = 0; round < 50; ++round) {
      LookupEntry a = Entry(1);
      LookupEntry b = Entry(2);
      a.latency_us = b.latency_us = round;
      NIWAKI_EXPECT_OK(table_->Put({a, b}));
    }
  });

  int64_t last = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto snapshot = table_->snapshot();
    EXPECT_GE(snapshot->version(), last);
    last = snapshot->version();
    if (snapshot->entries().size() != 2) continue;
    EXPECT_EQ(snapshot->entries().begin()->second.latency_us,
              snapshot->entries().rbegin()->second.latency_us);
  }
  writer.join();
  NIWAKI_EXPECT_OK(table_->Probe());
}

}  // namespace
}  // namespace niwaki::latency
