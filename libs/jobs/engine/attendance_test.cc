#include "libs/jobs/engine/attendance.h"

#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();
constexpr absl::Duration kMoment = absl::Milliseconds(1);

TEST(AttendanceTest, NobodyIsAbsentBeforePatienceIsOver) {
  const Attendance attendance(kStart);
  const absl::Time end = kStart + Attendance::kPatience;

  EXPECT_FALSE(attendance.IsAbsent("cpu-f32", end - kMoment));
  EXPECT_FALSE(attendance.IsPresent("cpu-f32", end - kMoment));
  EXPECT_TRUE(attendance.IsAbsent("cpu-f32", end));
}

TEST(AttendanceTest, WhoAskedIsPresentForAWhile) {
  Attendance attendance(kStart);
  const absl::Time asked = kStart + absl::Hours(1);
  attendance.Asked("cpu-f32", asked);
  const absl::Time end = asked + Attendance::kPatience;

  EXPECT_TRUE(attendance.IsPresent("cpu-f32", end - kMoment));
  EXPECT_FALSE(attendance.IsAbsent("cpu-f32", end - kMoment));
  EXPECT_FALSE(attendance.IsPresent("cpu-f32", end));
  EXPECT_TRUE(attendance.IsAbsent("cpu-f32", end));
  attendance.Asked("cpu-f32", end);
  EXPECT_TRUE(attendance.IsPresent("cpu-f32", end));
}

TEST(AttendanceTest, OneClassSaysNothingAboutAnother) {
  Attendance attendance(kStart);
  const absl::Time asked = kStart + absl::Hours(1);
  attendance.Asked("cpu-f32", asked);

  EXPECT_TRUE(attendance.IsAbsent("cuda-bf16", asked));
}

}  // namespace
}  // namespace niwaki::jobs
