#include "libs/jobs/engine/attendance.h"

#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();
constexpr absl::Duration kMoment = absl::Milliseconds(1);

TEST(AttendanceTest, NobodyIsMissedBeforePatienceIsOver) {
  const Attendance attendance(kStart);
  const absl::Time end = kStart + Attendance::kPatience;

  EXPECT_FALSE(attendance.IsSettled(end - kMoment));
  EXPECT_FALSE(attendance.IsPresent("cpu-f32", end - kMoment));
  EXPECT_TRUE(attendance.IsSettled(end));
}

TEST(AttendanceTest, WhoAskedIsPresentForAWhile) {
  Attendance attendance(kStart);
  const absl::Time asked = kStart + absl::Hours(1);
  attendance.Asked("cpu-f32", asked);
  const absl::Time end = asked + Attendance::kPatience;

  EXPECT_TRUE(attendance.IsPresent("cpu-f32", end - kMoment));
  EXPECT_FALSE(attendance.IsPresent("cpu-f32", end));
  attendance.Asked("cpu-f32", end);
  EXPECT_TRUE(attendance.IsPresent("cpu-f32", end));
}

TEST(AttendanceTest, WhoLeftIsPresentNoMoreUnlessAnotherStays) {
  Attendance attendance(kStart);
  const absl::Time asked = kStart + absl::Hours(1);
  attendance.Asked("cpu-f32", asked);

  attendance.Left("cpu-f32", asked - kMoment);
  EXPECT_TRUE(attendance.IsPresent("cpu-f32", asked));
  attendance.Left("cpu-f32", absl::InfinitePast());
  EXPECT_FALSE(attendance.IsPresent("cpu-f32", asked));
}

TEST(AttendanceTest, OneClassSaysNothingAboutAnother) {
  Attendance attendance(kStart);
  const absl::Time asked = kStart + absl::Hours(1);
  attendance.Asked("cpu-f32", asked);

  EXPECT_FALSE(attendance.IsPresent("cuda-bf16", asked));
}

}  // namespace
}  // namespace niwaki::jobs
