#include "libs/base/process/child_program.h"

#include <signal.h>

#include <string>

#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

std::unique_ptr<ChildProgram> Shell(const std::string& script) {
  auto child = ChildProgram::Start({{"sh", "-c", script}, "dash"});
  EXPECT_TRUE(child.ok()) << child.status();
  return *std::move(child);
}

int AwaitExit(ChildProgram& child) {
  for (int i = 0; i < 30000; ++i) {
    if (const auto code = child.ExitCode()) return *code;
    Clock::Real().Sleep(absl::Milliseconds(1));
  }
  return -1;
}

TEST(ChildProgramTest, ExitCodeAndOutputAreKept) {
  const auto child = Shell("echo here; echo there >&2; exit 3");
  EXPECT_EQ(AwaitExit(*child), 3);
  EXPECT_EQ(child->Output(), "here\nthere\n");
  EXPECT_EQ(child->ExitCode(), 3);
}

TEST(ChildProgramTest, KillEndsItAndWhatItStarted) {
  const auto child = Shell("sleep 1000 & echo $!; wait");
  std::string output;
  while (output.find('\n') == std::string::npos) output = child->Output();
  EXPECT_EQ(child->ExitCode(), std::nullopt);
  child->Kill();
  child->Kill();
  EXPECT_EQ(child->ExitCode(), 128 + SIGKILL);
  const int started = std::stoi(output);
  // Somebody else reaps it.
  for (int i = 0; i < 30000 && kill(started, 0) == 0; ++i) {
    Clock::Real().Sleep(absl::Milliseconds(1));
  }
}

TEST(ChildProgramTest, MissingProgramNamesItsPackage) {
  const auto child = ChildProgram::Start({{"no-such-program"}, "some-package"});
  EXPECT_THAT(child, HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_THAT(child, StatusIs(absl::StatusCode::kFailedPrecondition, "package some-package"));
}

}  // namespace
}  // namespace niwaki
