#include "libs/latency/snapshot.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/engine/emit/engine_version.h"
#include "libs/latency/latency_model.h"

namespace niwaki::latency {
namespace {

using ::testing::ElementsAre;

LookupEntry Entry(const std::string& device, double latency_us) {
  LookupEntry entry;
  entry.device = device;
  entry.signature = "add 8x8x8 8x8x8 k1 s1 none int8";
  entry.latency_us = latency_us;
  return entry;
}

TEST(SnapshotTest, EditingLeavesTheBaseAlone) {
  SnapshotEditor first((LatencySnapshot()));
  first.Put(Entry("a", 1));
  first.Put(Entry("b", 2));
  const auto base = first.Finish(1);

  SnapshotEditor second(*base);
  second.Put(Entry("a", 3));
  second.Erase(KeyOf(Entry("b", 0)));
  const auto next = second.Finish(2);

  EXPECT_EQ(base->entries().size(), 2);
  EXPECT_EQ(base->Table("a", cost::Provenance::kMeasured)->begin()->second.mean_us, 1);
  EXPECT_EQ(next->entries().size(), 1);
  EXPECT_EQ(next->Table("a", cost::Provenance::kMeasured)->begin()->second.mean_us, 3);
  EXPECT_EQ(next->Table("b", cost::Provenance::kMeasured), nullptr);
  EXPECT_EQ(next->version(), 2);
}

TEST(SnapshotTest, RevisionFollowsWhateverCostsFollowFrom) {
  const device::Device device = *device::FindDevice("stm32f746");
  SnapshotEditor first((LatencySnapshot()));
  const auto empty = first.Finish(1);
  const std::string revision = empty->RevisionOf(device);
  EXPECT_EQ(revision.size(), 32);

  SnapshotEditor second(*empty);
  second.Put(Entry("other", 1));
  EXPECT_EQ(second.Finish(2)->RevisionOf(device), revision);
  SnapshotEditor third(*empty);
  third.Put(Entry(device.name, 1));
  const auto with = third.Finish(2);
  EXPECT_NE(with->RevisionOf(device), revision);
  // Another figure, or the same in another order of writes.
  SnapshotEditor fourth(*with);
  fourth.Put(Entry(device.name, 2));
  const auto changed = fourth.Finish(3);
  EXPECT_NE(changed->RevisionOf(device), with->RevisionOf(device));
  SnapshotEditor fifth(*changed);
  fifth.Put(Entry(device.name, 1));
  EXPECT_EQ(fifth.Finish(4)->RevisionOf(device), with->RevisionOf(device));
  SnapshotEditor sixth(*changed);
  sixth.Erase(KeyOf(Entry(device.name, 0)));
  EXPECT_EQ(sixth.Finish(4)->RevisionOf(device), revision);

  device::Device other = device;
  other.description = "in other words";
  EXPECT_EQ(empty->RevisionOf(other), revision);
  other.clock_hz += 1;
  EXPECT_NE(empty->RevisionOf(other), revision);
  other = device;
  other.memory[0].bytes += 1;
  EXPECT_NE(empty->RevisionOf(other), revision);
  LatencyModel model = DefaultModels()[0];
  model.target = device.name;
  SnapshotEditor seventh(*empty);
  seventh.PutModel(model);
  EXPECT_NE(seventh.Finish(2)->RevisionOf(device), revision);
}

TEST(SnapshotTest, UntouchedTablesAreShared) {
  SnapshotEditor first((LatencySnapshot()));
  first.Put(Entry("a", 1));
  first.Put(Entry("b", 2));
  const auto base = first.Finish(1);
  SnapshotEditor second(*base);
  second.Put(Entry("a", 3));

  const auto next = second.Finish(2);

  EXPECT_EQ(next->Table("b", cost::Provenance::kMeasured),
            base->Table("b", cost::Provenance::kMeasured));
  EXPECT_NE(next->Table("a", cost::Provenance::kMeasured),
            base->Table("a", cost::Provenance::kMeasured));
}

TEST(SnapshotTest, BlocksStandInTablesOfTheirOwn) {
  LookupEntry entry = Entry("a", 5);
  entry.signature = "pool 5x5x1152 1x1x1152 in160x160 float32";
  SnapshotEditor editor((LatencySnapshot()));
  editor.Put(entry);
  const auto with = editor.Finish(1);
  SnapshotEditor again(*with);
  again.Erase(KeyOf(entry));
  const auto without = again.Finish(2);

  EXPECT_EQ(with->Table("a", cost::Provenance::kMeasured), nullptr);
  ASSERT_NE(with->Blocks("a", cost::Provenance::kMeasured), nullptr);
  EXPECT_EQ(with->Blocks("a", cost::Provenance::kMeasured)->begin()->second.mean_us, 5);
  EXPECT_EQ(without->Blocks("a", cost::Provenance::kMeasured), nullptr);
  EXPECT_TRUE(without->entries().empty());
}

TEST(SnapshotTest, UsersDevicesStandBesideTheCatalogue) {
  device::Device device;
  device.name = "note10";
  SnapshotEditor editor((LatencySnapshot()));
  editor.PutDevice(device);
  const auto snapshot = editor.Finish(1);

  EXPECT_TRUE(snapshot->FindDevice("note10").ok());
  EXPECT_TRUE(snapshot->FindDevice("stm32f746").ok());
  EXPECT_FALSE(LatencySnapshot().FindDevice("note10").ok());
  EXPECT_EQ(snapshot->AllDevices().size(), device::CatalogueDevices().size() + 1);
  EXPECT_EQ(snapshot->AllDevices()[0].name, "note10");
}

TEST(SnapshotTest, DevicesOwnModelComesBeforeItsCores) {
  device::Device device;
  device.name = "board";
  device.core = "cortex-m7";
  LatencyModel core;
  core.target = "cortex-m7";
  SnapshotEditor editor((LatencySnapshot()));
  EXPECT_EQ(LatencySnapshot().ModelFor(device), nullptr);
  editor.PutModel(core);
  const auto with_core = editor.Finish(1);
  LatencyModel own;
  own.target = "board";
  SnapshotEditor again(*with_core);
  again.PutModel(own);

  EXPECT_EQ(with_core->ModelFor(device)->target, "cortex-m7");
  EXPECT_EQ(again.Finish(2)->ModelFor(device)->target, "board");
}

RowBuild Build(char firmware, const std::string& engine = engine::EngineVersion()) {
  return {"ram/flash", "niwaki", std::string(64, firmware), std::string(64, 'c'), engine};
}

LookupEntry Built(double latency_us, const RowBuild& build, int64_t time, int channels = 8) {
  LookupEntry entry = Entry("a", latency_us);
  entry.signature = absl::StrCat("add 8x8x", channels, " 8x8x", channels, " k1 s1 none int8");
  entry.form = "whole";
  entry.build = build;
  entry.time = absl::FromUnixSeconds(time);
  return entry;
}

// Figures that answer, by form kWhole.
std::set<double> Answers(const LatencySnapshot& snapshot) {
  std::set<double> answers;
  const auto tables = snapshot.BuiltTables("a", cost::Provenance::kMeasured);
  const auto* const whole = tables[static_cast<size_t>(OpForm::kWhole)];
  if (whole == nullptr) return answers;
  for (const auto& [signature, latency] : *whole) answers.insert(latency.mean_us);
  return answers;
}

TEST(SnapshotTest, BuildThatWasMeasuredLastAnswersAloneAndOthersStay) {
  SnapshotEditor first((LatencySnapshot()));
  first.Put(Built(1, Build('1'), 100, 8));
  first.Put(Built(2, Build('1'), 100, 16));
  const auto one = first.Finish(1);
  EXPECT_THAT(Answers(*one), ElementsAre(1, 2));

  SnapshotEditor second(*one);
  second.Put(Built(3, Build('2'), 200, 8));
  const auto two = second.Finish(2);
  EXPECT_THAT(Answers(*two), ElementsAre(3));
  EXPECT_TRUE(two->IsUsed(Built(3, Build('2'), 200)));
  EXPECT_FALSE(two->IsUsed(Built(1, Build('1'), 100)));
  EXPECT_EQ(two->entries().size(), 3u);

  // What was measured long ago, of a file, does not come before what is there.
  SnapshotEditor third(*two);
  third.Put(Built(4, Build('3'), 50));
  EXPECT_THAT(Answers(*third.Finish(3)), ElementsAre(3));

  // Withdrawn: the one of before answers again.
  SnapshotEditor fourth(*two);
  fourth.Erase(KeyOf(Built(3, Build('2'), 200)));
  EXPECT_THAT(Answers(*fourth.Finish(3)), ElementsAre(1, 2));
}

TEST(SnapshotTest, RowsOfAnotherEngineAreKeptAndNeverAnswer) {
  SnapshotEditor editor((LatencySnapshot()));
  editor.Put(Built(1, Build('1', "another"), 300));
  editor.Put(Built(2, Build('2'), 100));
  const auto snapshot = editor.Finish(1);

  EXPECT_THAT(Answers(*snapshot), ElementsAre(2));
  const std::vector<RowSet> sets = snapshot->RowSets("a");
  ASSERT_EQ(sets.size(), 2u);
  for (const RowSet& set : sets) {
    EXPECT_EQ(set.rows, 1);
    EXPECT_EQ(set.used, set.build.engine_version == engine::EngineVersion());
  }
}

TEST(SnapshotTest, RowsThatNameNoBuildKeepTheirMeaning) {
  SnapshotEditor editor((LatencySnapshot()));
  editor.Put(Entry("a", 7));
  editor.Put(Built(2, Build('2'), 100));
  const auto snapshot = editor.Finish(1);

  EXPECT_EQ(snapshot->Table("a", cost::Provenance::kMeasured)->begin()->second.mean_us, 7);
  EXPECT_THAT(Answers(*snapshot), ElementsAre(2));
  EXPECT_TRUE(snapshot->IsUsed(Entry("a", 7)));
}

}  // namespace
}  // namespace niwaki::latency
