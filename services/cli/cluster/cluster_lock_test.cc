#include "services/cli/cluster/cluster_lock.h"

#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

using ::testing::Optional;

TEST(ClusterLockTest, SecondOwnerIsToldTheFirst) {
  const std::string folder = absl::StrCat(std::getenv("TEST_TMPDIR"), "/lock");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto lock, ClusterLock::Acquire(folder));

    EXPECT_THAT(ClusterLock::Acquire(folder), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                       absl::StrCat("process ", getpid())));
    EXPECT_THAT(ClusterLock::Holder(folder), Optional(getpid()));
  }

  EXPECT_EQ(ClusterLock::Holder(folder), std::nullopt);
  EXPECT_THAT(ClusterLock::Acquire(folder), IsOk());
}

TEST(ClusterLockTest, MissingFolderHasNoHolder) {
  EXPECT_EQ(ClusterLock::Holder("/nowhere"), std::nullopt);
  EXPECT_THAT(ClusterLock::Acquire("/nowhere"), StatusIs(absl::StatusCode::kNotFound, ""));
}

}  // namespace
}  // namespace niwaki::cli
