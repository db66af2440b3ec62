#include "libs/data/parallel.h"

#include <atomic>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

TEST(ParallelForTest, RunsEveryItemOnce) {
  for (int threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> runs(1000);
    ParallelOptions options;
    options.threads = threads;

    NIWAKI_ASSERT_OK(ParallelFor(1000, options, [&runs](int64_t i) {
      ++runs[i];
      return absl::OkStatus();
    }));

    for (const auto& count : runs) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelForTest, ErrorStopsTheRest) {
  std::atomic<int> ran{0};
  ParallelOptions options;
  options.threads = 4;

  const absl::Status status = ParallelFor(100000, options, [&ran](int64_t i) -> absl::Status {
    ++ran;
    if (i == 10) return absl::NotFoundError("item 10");
    return absl::OkStatus();
  });

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "item 10"));
  EXPECT_LT(ran, 100000);
}

TEST(ParallelForTest, ProgressIsSerialAndComplete) {
  int64_t last = 0;
  ParallelOptions options;
  options.threads = 4;
  options.progress = [&last](int64_t done, int64_t total) {
    EXPECT_EQ(done, last + 1);
    EXPECT_EQ(total, 500);
    last = done;
  };

  NIWAKI_ASSERT_OK(ParallelFor(500, options, [](int64_t) { return absl::OkStatus(); }));

  EXPECT_EQ(last, 500);
}

TEST(ParallelForTest, CancelStopsIt) {
  std::atomic<bool> cancel{false};
  std::atomic<int> ran{0};
  ParallelOptions options;
  options.cancel = &cancel;

  const absl::Status status = ParallelFor(100000, options, [&](int64_t) {
    if (++ran == 50) cancel = true;
    return absl::OkStatus();
  });

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled, ""));
  EXPECT_LT(ran, 1000);
}

TEST(ParallelForTest, NothingToDoIsOk) {
  NIWAKI_EXPECT_OK(ParallelFor(0, {}, [](int64_t) { return absl::InternalError("ran"); }));
}

TEST(ParallelForTest, RangesCoverEveryItemOnceAndProgressCountsItems) {
  std::vector<std::atomic<int>> runs(10);
  std::vector<int64_t> progress;
  ParallelOptions options;
  options.threads = 3;
  options.progress = [&progress](int64_t done, int64_t total) {
    EXPECT_EQ(total, 10);
    progress.push_back(done);
  };

  NIWAKI_ASSERT_OK(
      ParallelForRanges(10, 4, options, [&runs](int64_t begin, int64_t end) -> absl::Status {
        EXPECT_LE(end - begin, 4);
        for (int64_t i = begin; i < end; ++i) ++runs[i];
        return absl::OkStatus();
      }));

  for (const auto& count : runs) EXPECT_EQ(count, 1);
  EXPECT_THAT(progress, ::testing::ElementsAre(4, 8, 10));
}

}  // namespace
}  // namespace niwaki::data
