#include "libs/supernet/runtime.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdint>
#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::supernet {
namespace {

TEST(RuntimeTest, OperatorsUseTheThreadsSet) {
  SetOperatorThreads(1);
  EXPECT_EQ(at::get_num_threads(), 1);

  SetOperatorThreads(2);

  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(RuntimeTest, DevicesAreCheckedByName) {
  EXPECT_THAT(CheckDevice("cpu"), IsOk());
  EXPECT_THAT(CheckDevice("tpu"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(CheckDevice("tpu"), StatusIs(absl::StatusCode::kInvalidArgument, "device 'tpu'"));
  if (at::hasCUDA()) {
    EXPECT_THAT(CheckDevice("cuda"), IsOk());
  } else {
    EXPECT_THAT(CheckDevice("cuda"),
                HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  }
}

// With its own mappings a block of this size would lie at a new address, with pages that no one
// has touched.
TEST(RuntimeTest, FreedBlocksStayInTheProcess) {
  constexpr size_t kBytes = 24 << 20;
  TuneMalloc();

  // Through volatile: a compiler may take the addresses of two blocks for different ones.
  void* volatile first = std::malloc(kBytes);
  const volatile auto address = reinterpret_cast<uintptr_t>(first);
  std::free(first);
  void* volatile second = std::malloc(kBytes);

  EXPECT_EQ(reinterpret_cast<uintptr_t>(second), uintptr_t{address});
  std::free(second);
}

}  // namespace
}  // namespace niwaki::supernet
