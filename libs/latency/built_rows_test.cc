// Rows of the lookup table that say what they are of: how they are checked, listed and withdrawn.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/engine_version.h"
#include "libs/latency/lookup_table.h"

namespace niwaki::latency {
namespace {

class BuiltRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string folder = ::testing::TempDir() + "/built_" + info->name();
    NIWAKI_ASSERT_OK(MakeFolders(folder));
    path_ = folder + "/a.db";
    NIWAKI_ASSERT_OK_AND_ASSIGN(table_, LookupTable::Open(path_));
  }

  std::string path_;
  std::unique_ptr<LookupTable> table_;
};

LookupEntry Plain() {
  LookupEntry entry;
  entry.device = "stm32f746";
  entry.signature = "conv2d 8x8x8 8x8x16 k1 s1 relu6 int8";
  entry.latency_us = 120.5;
  return entry;
}

LookupEntry Built(const std::string& measurement) {
  LookupEntry entry = Plain();
  entry.form = "whole";
  entry.build = {"ram/flash", "niwaki", std::string(64, 'f'), std::string(64, 'c'),
                 engine::EngineVersion()};
  entry.counted = 2160;
  entry.unit = "cycles";
  entry.clock_hz = 216'000'000;
  entry.latency_us = 10;
  entry.spread_us = 0;
  entry.board = "boards/m7";
  entry.measurement = measurement;
  entry.time = absl::FromUnixSeconds(1000);
  return entry;
}

TEST_F(BuiltRowsTest, WithdrawnRowsHoldOnInVersionsOfBefore) {
  NIWAKI_ASSERT_OK(table_->Put({Plain()}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t version, table_->Put({Built("measurements/3")}));
  ASSERT_EQ(table_->snapshot()->entries().size(), 2u);

  EXPECT_THAT(table_->Withdraw("measurements/3"), IsOkAndHolds(1));
  EXPECT_THAT(table_->Withdraw("measurements/3"), IsOkAndHolds(0));

  EXPECT_EQ(table_->snapshot()->entries().size(), 1u);
  EXPECT_EQ((*table_->SnapshotAt(version))->entries().size(), 2u);
  table_.reset();
  NIWAKI_ASSERT_OK_AND_ASSIGN(table_, LookupTable::Open(path_));
  EXPECT_EQ(table_->snapshot()->entries().size(), 1u);
}

TEST_F(BuiltRowsTest, MeasuredRowThatIsNotWholeIsRefused) {
  const auto field = [this](const std::function<void(LookupEntry&)>& spoil) {
    LookupEntry entry = Built("measurements/3");
    spoil(entry);
    const auto put = table_->Put({entry});
    EXPECT_TRUE(absl::IsInvalidArgument(put.status())) << put.status();
    return GetErrorDetail(put.status()).value_or(ErrorDetail{}).field;
  };
  EXPECT_EQ(field([](LookupEntry& e) { e.unit = ""; }), "entries[0].unit");
  EXPECT_EQ(field([](LookupEntry& e) { e.unit = "instructions"; }), "entries[0].unit");
  EXPECT_EQ(field([](LookupEntry& e) { e.clock_hz = 0; }), "entries[0].clock_hz");
  EXPECT_EQ(field([](LookupEntry& e) { e.clock_hz = -1; }), "entries[0].clock_hz");
  EXPECT_EQ(field([](LookupEntry& e) { e.counted = -1; }), "entries[0].counted");
  EXPECT_EQ(field([](LookupEntry& e) { e.latency_us = 11; }), "entries[0].latency_us");
  EXPECT_EQ(field([](LookupEntry& e) { e.build.engine_version = ""; }),
            "entries[0].build.engine_version");
  EXPECT_EQ(field([](LookupEntry& e) { e.build.firmware_digest = "f"; }),
            "entries[0].build.firmware_digest");
  EXPECT_EQ(field([](LookupEntry& e) { e.build.placement = ""; }), "entries[0].build.placement");
  EXPECT_EQ(field([](LookupEntry& e) { e.form = "whole\n"; }), "entries[0].form");
  NIWAKI_EXPECT_OK(table_->Put({Built("measurements/3")}));
}

TEST_F(BuiltRowsTest, PagesGoOnBehindRowsOfOneOperator) {
  LookupEntry planar = Built("measurements/3");
  planar.form = "whole planar_input";
  NIWAKI_ASSERT_OK(table_->Put({Plain(), Built("measurements/3"), planar}));
  const auto snapshot = table_->snapshot();
  std::string token;
  std::vector<std::string> forms;
  do {
    NIWAKI_ASSERT_OK_AND_ASSIGN(EntryPage page, ListEntries(*snapshot, "stm32f746", 1, token));
    for (const LookupEntry& entry : page.entries) forms.push_back(entry.form);
    token = page.next_page_token;
  } while (!token.empty());
  EXPECT_EQ(forms, (std::vector<std::string>{"", "whole", "whole planar_input"}));
}

}  // namespace
}  // namespace niwaki::latency
