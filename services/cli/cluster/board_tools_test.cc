#include "services/cli/cluster/board_tools.h"

#include <sys/stat.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

TEST(BoardToolsTest, FirstThatIsMissingIsNamedWithItsPackage) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/tools");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  const Environment environment = [&folder](const std::string& name) {
    return name == "PATH" ? std::optional(absl::StrCat("/nowhere:", folder)) : std::nullopt;
  };
  const auto add = [&folder](const std::string& name) {
    const std::string path = absl::StrCat(folder, "/", name);
    NIWAKI_EXPECT_OK(WriteFileAtomically(path, "#!/bin/sh\n"));
    EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  };
  EXPECT_EQ(MissingBoardTool(environment), "arm-none-eabi-gcc (Debian: gcc-arm-none-eabi)");
  add("arm-none-eabi-gcc");
  EXPECT_EQ(MissingBoardTool(environment), "qemu-system-arm (Debian: qemu-system-arm)");
  add("qemu-system-arm");
  EXPECT_EQ(MissingBoardTool(environment), "");
  EXPECT_NE(MissingBoardTool([](const std::string&) { return std::nullopt; }), "");
}

}  // namespace
}  // namespace niwaki::cli
