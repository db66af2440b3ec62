#include "libs/latency/lookup_rows.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/store/connection.h"
#include "libs/store/migrate.h"

namespace niwaki::latency {
namespace {

using ::testing::SizeIs;

class LookupRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string folder = ::testing::TempDir() + "/rows_" + info->name();
    NIWAKI_ASSERT_OK(MakeFolders(folder));
    NIWAKI_ASSERT_OK_AND_ASSIGN(connection_, store::Connection::Open(folder + "/a.db"));
    NIWAKI_ASSERT_OK(store::Migrate(*connection_, 1, LookupMigrations()));
  }

  std::shared_ptr<const LatencySnapshot> In(int64_t version) {
    SnapshotEditor editor((LatencySnapshot()));
    NIWAKI_EXPECT_OK(LoadVersion(*connection_, version, editor));
    return editor.Finish(version);
  }

  std::unique_ptr<store::Connection> connection_;
};

LookupEntry Entry(double latency_us) {
  LookupEntry entry;
  entry.device = "stm32f746";
  entry.signature = "conv2d 8x8x8 8x8x16 k1 s1 relu6 int8";
  entry.latency_us = latency_us;
  return entry;
}

TEST_F(LookupRowsTest, VersionsCountFromZero) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(KeptVersions kept, ReadKeptVersions(*connection_));
  EXPECT_EQ(kept.oldest, 0);
  EXPECT_EQ(kept.newest, 0);
  NIWAKI_ASSERT_OK(BumpVersion(*connection_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(kept, ReadKeptVersions(*connection_));
  EXPECT_EQ(kept.oldest, 0);
  EXPECT_EQ(kept.newest, 1);
}

TEST_F(LookupRowsTest, RowThatHoldsIsNoChange) {
  EXPECT_THAT(PutRow(*connection_, Entry(1), 1), IsOkAndHolds(true));
  EXPECT_THAT(PutRow(*connection_, Entry(1), 2), IsOkAndHolds(false));
  EXPECT_THAT(PutRow(*connection_, Entry(2), 3), IsOkAndHolds(true));
  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM entry"), IsOkAndHolds(2));
  EXPECT_THAT(connection_->QueryInt("SELECT until FROM entry WHERE since = 1"), IsOkAndHolds(3));
}

TEST_F(LookupRowsTest, LastOfAKeyInOneVersionHolds) {
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(1), 1));
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(2), 2));
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(3), 2));
  ASSERT_THAT(In(2)->entries(), SizeIs(1));
  EXPECT_EQ(In(2)->entries().begin()->second.latency_us, 3);
  EXPECT_EQ(In(1)->entries().begin()->second.latency_us, 1);
}

TEST_F(LookupRowsTest, EndedEntryCanComeAgain) {
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(1), 1));
  EXPECT_THAT(EndEntries(*connection_, "stm32f746", "", 2), IsOkAndHolds(1));
  EXPECT_THAT(EndEntries(*connection_, "stm32f746", "", 3), IsOkAndHolds(0));
  EXPECT_THAT(PutRow(*connection_, Entry(1), 4), IsOkAndHolds(true));
  EXPECT_THAT(In(1)->entries(), SizeIs(1));
  EXPECT_THAT(In(2)->entries(), SizeIs(0));
  EXPECT_THAT(In(3)->entries(), SizeIs(0));
  EXPECT_THAT(In(4)->entries(), SizeIs(1));
}

LookupEntry BuiltEntry(double latency_us, const std::string& measurement) {
  LookupEntry entry = Entry(latency_us);
  entry.form = "whole";
  entry.build = {"ram/flash", "niwaki", std::string(64, 'f'), std::string(64, 'c'), "engine"};
  entry.measurement = measurement;
  entry.counted = 216 * latency_us;
  entry.unit = "cycles";
  entry.clock_hz = 216'000'000;
  entry.time = absl::FromUnixSeconds(1000);
  return entry;
}

TEST_F(LookupRowsTest, RowsOfAnotherBuildOrFormStandBesideEachOther) {
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(1), 1));
  NIWAKI_ASSERT_OK(PutRow(*connection_, BuiltEntry(2, "measurements/1"), 2));
  LookupEntry other = BuiltEntry(3, "measurements/2");
  other.build.firmware_digest = std::string(64, 'e');
  NIWAKI_ASSERT_OK(PutRow(*connection_, other, 3));
  other.form = "whole planar_input";
  NIWAKI_ASSERT_OK(PutRow(*connection_, other, 4));

  const auto snapshot = In(4);
  ASSERT_THAT(snapshot->entries(), SizeIs(4));
  const LookupEntry& read = snapshot->entries().at(KeyOf(BuiltEntry(2, "")));
  EXPECT_EQ(read.counted, 432);
  EXPECT_EQ(read.unit, "cycles");
  EXPECT_EQ(read.clock_hz, 216'000'000);
  EXPECT_EQ(read.measurement, "measurements/1");
  EXPECT_EQ(read.time, absl::FromUnixSeconds(1000));
  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM build"), IsOkAndHolds(2));
}

TEST_F(LookupRowsTest, RowsOfAMeasurementEndTogetherAndStayInVersionsOfBefore) {
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(1), 1));
  NIWAKI_ASSERT_OK(PutRow(*connection_, BuiltEntry(2, "measurements/1"), 1));
  LookupEntry other = BuiltEntry(3, "measurements/2");
  other.form = "whole planar";
  NIWAKI_ASSERT_OK(PutRow(*connection_, other, 1));

  EXPECT_THAT(EndRowsOf(*connection_, "measurements/1", 2),
              IsOkAndHolds(::testing::ElementsAre(KeyOf(BuiltEntry(2, "")))));
  EXPECT_THAT(EndRowsOf(*connection_, "measurements/1", 3), IsOkAndHolds(SizeIs(0)));
  // That is what rows have that people wrote.
  EXPECT_THAT(EndRowsOf(*connection_, "", 3), IsOkAndHolds(SizeIs(0)));

  EXPECT_THAT(In(1)->entries(), SizeIs(3));
  EXPECT_THAT(In(2)->entries(), SizeIs(2));
}

TEST_F(LookupRowsTest, CoefficientsAreThoseOfTheirModelsVersion) {
  LatencyModel model = DefaultModels()[0];
  model.coefficients = {{"conv", {1, 0, 0, 0, 0}}, {"add", {2, 0, 0, 0, 0}}};
  NIWAKI_ASSERT_OK(PutRow(*connection_, model, 1));
  model.coefficients = {{"conv", {3, 0, 0, 0, 0}}};
  NIWAKI_ASSERT_OK(PutRow(*connection_, model, 2));
  EXPECT_THAT(In(1)->models().at(model.target).coefficients, SizeIs(2));
  ASSERT_THAT(In(2)->models().at(model.target).coefficients, SizeIs(1));
  EXPECT_EQ(In(2)->models().at(model.target).coefficients.at("conv").cycles_per_mac, 3);
}

TEST_F(LookupRowsTest, RowThatCannotBeIsDataLoss) {
  NIWAKI_ASSERT_OK(PutRow(*connection_, Entry(1), 1));
  NIWAKI_ASSERT_OK(connection_->Execute("UPDATE entry SET signature = 'nonsense'"));
  SnapshotEditor editor((LatencySnapshot()));
  EXPECT_THAT(LoadVersion(*connection_, 1, editor),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::latency
