#include "services/coordinator/trouble/store_health.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::coordinator {
namespace {

const absl::Status kFull = absl::ResourceExhaustedError("the disk is full; free some space");

class StoreHealthTest : public ::testing::Test {
 protected:
  FakeClock clock_{absl::FromUnixSeconds(1000)};
  JobFeed feed_;
  StoreHealth health_{feed_, clock_};
};

TEST_F(StoreHealthTest, FailedCommitIsTroubleAtOnceUntilAQuietProbe) {
  NIWAKI_EXPECT_OK(health_.AfterProbe(absl::OkStatus()));
  EXPECT_EQ(feed_.trouble(), "");

  health_.OnCommitFailed(kFull);
  EXPECT_EQ(feed_.trouble(), kFull.message());

  // The probe's few bytes found room.
  clock_.Advance(StoreHealth::kQuiet / 2);
  EXPECT_EQ(health_.AfterProbe(absl::OkStatus()), kFull);
  EXPECT_EQ(feed_.trouble(), kFull.message());
  health_.OnCommitFailed(kFull);
  clock_.Advance(StoreHealth::kQuiet / 2);
  EXPECT_EQ(health_.AfterProbe(absl::OkStatus()), kFull);

  clock_.Advance(StoreHealth::kQuiet);
  NIWAKI_EXPECT_OK(health_.AfterProbe(absl::OkStatus()));
  EXPECT_EQ(feed_.trouble(), "");
}

TEST_F(StoreHealthTest, FailedProbeIsTroubleOfItsOwn) {
  EXPECT_EQ(health_.AfterProbe(kFull), kFull);
  EXPECT_EQ(feed_.trouble(), kFull.message());

  NIWAKI_EXPECT_OK(health_.AfterProbe(absl::OkStatus()));
  EXPECT_EQ(feed_.trouble(), "");
}

}  // namespace
}  // namespace niwaki::coordinator
