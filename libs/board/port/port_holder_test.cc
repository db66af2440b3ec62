#include "libs/board/port/port_holder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

TEST(PortHolderTest, OtherProcessIsNamedAndThisOneIsNot) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/held");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "x"));
  const int own = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(own, 0);
  EXPECT_EQ(HolderOf(path), "");
  // A child has a copy of the descriptor.
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  EXPECT_THAT(HolderOf(path), ::testing::StartsWith(absl::StrCat("process ", child, " (")));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(HolderOf(path), "");
  close(own);
}

TEST(PortHolderTest, NobodyHoldsWhatIsNotThere) { EXPECT_EQ(HolderOf("/nowhere/at/all"), ""); }

}  // namespace
}  // namespace niwaki::board
