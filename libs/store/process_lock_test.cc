#include "libs/store/process_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::store {
namespace {

TEST(ProcessLockTest, OneHolderAtATime) {
  const std::string path = ::testing::TempDir() + "/lock_one";
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto first, ProcessLock::Acquire(path));

  EXPECT_THAT(ProcessLock::Acquire(path),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseLocked));

  first.reset();
  NIWAKI_EXPECT_OK(ProcessLock::Acquire(path));
}

TEST(ProcessLockTest, KilledHolderLeavesNoLock) {
  const std::string path = ::testing::TempDir() + "/lock_killed";
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = ProcessLock::Acquire(path);
    const char answer = lock.ok() ? 'y' : 'n';
    if (write(ready[1], &answer, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_THAT(ProcessLock::Acquire(path), StatusIs(absl::StatusCode::kFailedPrecondition, ""));

  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);

  NIWAKI_EXPECT_OK(ProcessLock::Acquire(path));
}

TEST(ProcessLockTest, MissingFolderIsNotFound) {
  EXPECT_THAT(ProcessLock::Acquire("/no/such/a.db"), StatusIs(absl::StatusCode::kNotFound, ""));
}

}  // namespace
}  // namespace niwaki::store
