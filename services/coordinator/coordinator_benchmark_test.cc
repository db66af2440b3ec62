#include "services/coordinator/coordinator_benchmark.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::coordinator {
namespace {

std::string FreshFolder() { return absl::StrCat(::testing::TempDir(), "/", NewUuid()); }

TEST(CoordinatorBenchTest, SmallRunsGiveFigures) {
  ThroughputOptions options;
  options.candidates = 100;
  options.workers = 2;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Throughput rate, MeasureThroughput(FreshFolder(), options));
  EXPECT_GT(rate.candidates_per_second, 0);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const LoadedLatency loaded,
                              MeasureLoadedLatency(FreshFolder(), 200, 20));
  EXPECT_GT(loaded.lease_p99_ms, 0);
  EXPECT_GE(loaded.lease_p99_ms, loaded.lease_p50_ms);
  EXPECT_GT(loaded.rss_bytes, 1 << 20);
}

}  // namespace
}  // namespace niwaki::coordinator
