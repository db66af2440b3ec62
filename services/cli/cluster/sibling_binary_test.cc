#include "services/cli/cluster/sibling_binary.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

std::optional<std::string> NoEnvironment(const std::string&) { return std::nullopt; }

class SiblingBinaryTest : public ::testing::Test {
 protected:
  std::string MakeFile(const std::string& name, mode_t mode) {
    const std::string path = absl::StrCat(root_, "/", name);
    EXPECT_THAT(MakeFolders(path.substr(0, path.rfind('/'))), IsOk());
    EXPECT_THAT(WriteFileAtomically(path, "#!/bin/sh\n"), IsOk());
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  const std::string root_ =
      absl::StrCat(std::getenv("TEST_TMPDIR"), "/",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(SiblingBinaryTest, FileBesideTheProgramIsFound) {
  const std::string program = MakeFile("bin/niwaki", 0755);
  const std::string worker = MakeFile("bin/niwaki-worker", 0755);

  EXPECT_THAT(FindSibling(Sibling::kWorker, program, NoEnvironment), IsOkAndHolds(worker));
}

TEST_F(SiblingBinaryTest, LinksAreFollowed) {
  const std::string program = MakeFile("bin/niwaki", 0755);
  const std::string worker = MakeFile("bin/niwaki-worker", 0755);
  const std::string link = absl::StrCat(root_, "/niwaki");
  unlink(link.c_str());
  ASSERT_EQ(symlink(program.c_str(), link.c_str()), 0);

  EXPECT_THAT(FindSibling(Sibling::kWorker, link, NoEnvironment), IsOkAndHolds(worker));
}

TEST_F(SiblingBinaryTest, BazelLayoutIsKnown) {
  const std::string program = MakeFile("cli/niwaki", 0755);
  MakeFile("trainer/niwaki-train", 0755);

  EXPECT_THAT(FindSibling(Sibling::kTrainer, program, NoEnvironment),
              IsOkAndHolds(absl::StrCat(root_, "/cli/../trainer/niwaki-train")));
}

TEST_F(SiblingBinaryTest, BinDirComesFirst) {
  const std::string program = MakeFile("bin/niwaki", 0755);
  MakeFile("bin/niwaki-oracle", 0755);
  const std::string other = MakeFile("other/niwaki-oracle", 0755);
  const auto environment = [this](const std::string& name) -> std::optional<std::string> {
    if (name == "NIWAKI_BIN_DIR") return absl::StrCat(root_, "/other");
    return std::nullopt;
  };

  EXPECT_THAT(FindSibling(Sibling::kOracle, program, environment), IsOkAndHolds(other));
}

TEST_F(SiblingBinaryTest, MissingOrPlainFileIsRefused) {
  const std::string program = MakeFile("bin/niwaki", 0755);
  MakeFile("bin/niwaki-coordinator", 0644);
  if (geteuid() != 0) {
    EXPECT_THAT(FindSibling(Sibling::kCoordinator, program, NoEnvironment),
                HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  }

  EXPECT_THAT(FindSibling(Sibling::kWorker, program, NoEnvironment),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
}

}  // namespace
}  // namespace niwaki::cli
