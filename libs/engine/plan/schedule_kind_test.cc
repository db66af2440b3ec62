#include "libs/engine/plan/schedule_kind.h"

#include "gtest/gtest.h"

namespace niwaki::engine {
namespace {

TEST(ScheduleKindTest, NamesReadBack) {
  for (const ScheduleKind kind : kScheduleKinds) {
    EXPECT_EQ(ScheduleKindByName(ScheduleKindName(kind)), kind);
  }
}

// Stores and exports hold them.
TEST(ScheduleKindTest, NamesNeverChange) {
  EXPECT_EQ(ScheduleKindName(ScheduleKind::kWhole), "whole");
  EXPECT_EQ(ScheduleKindName(ScheduleKind::kStreamed75), "streamed_75");
  EXPECT_EQ(ScheduleKindName(ScheduleKind::kStreamed50), "streamed_50");
  EXPECT_EQ(ScheduleKindName(ScheduleKind::kStreamed), "streamed");
}

TEST(ScheduleKindTest, OtherNamesAreNone) {
  EXPECT_FALSE(ScheduleKindByName("").has_value());
  EXPECT_FALSE(ScheduleKindByName("Whole").has_value());
  EXPECT_FALSE(ScheduleKindByName("streamed_25").has_value());
}

}  // namespace
}  // namespace niwaki::engine
