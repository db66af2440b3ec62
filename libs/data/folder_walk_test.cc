#include "libs/data/folder_walk.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;

class WalkFolderTest : public ::testing::Test {
 protected:
  void Make(const std::string& name) {
    const std::string path = absl::StrCat(root_, "/", name);
    NIWAKI_ASSERT_OK(MakeFolders(path.substr(0, path.rfind('/'))));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, "x"));
  }

  std::map<std::string, WalkedKind> Walk() {
    const auto walk = WalkFolder(root_);
    EXPECT_THAT(walk, IsOk());
    std::map<std::string, WalkedKind> kinds;
    for (const WalkedFile& file : walk->files) kinds[file.name] = file.kind;
    EXPECT_EQ(kinds.size(), walk->files.size());
    empty_folders_ = walk->empty_folders;
    return kinds;
  }

  const std::string base_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  const std::string root_ = absl::StrCat(base_, "/root");
  std::vector<std::string> empty_folders_;
};

TEST_F(WalkFolderTest, FilesOfAnyDepthAndName) {
  for (const char* name : {"a/b/c/1", "_a/_1", "a/.h", ".git/x/y", "a/new\nline", "a/ü"}) {
    Make(name);
  }
  NIWAKI_ASSERT_OK(MakeFolders(root_ + "/a/empty"));

  EXPECT_THAT(Walk(),
              ElementsAre(Pair(".git/x/y", WalkedKind::kHidden), Pair("_a/_1", WalkedKind::kFile),
                          Pair("a/.h", WalkedKind::kHidden), Pair("a/b/c/1", WalkedKind::kFile),
                          Pair("a/new\nline", WalkedKind::kFile), Pair("a/ü", WalkedKind::kFile)));
  EXPECT_THAT(empty_folders_, ElementsAre("a/empty"));
}

TEST_F(WalkFolderTest, LinksToFoldersOutsideAreFollowedOnce) {
  Make("a/1");
  Make("../outside/deep/2");
  fs::create_directory_symlink(base_ + "/outside", root_ + "/b");
  fs::create_directory_symlink(base_ + "/outside/deep", root_ + "/c");

  EXPECT_THAT(Walk(),
              ElementsAre(Pair("a/1", WalkedKind::kFile), Pair("b/deep/2", WalkedKind::kFile),
                          Pair("c", WalkedKind::kFolderLink)));
}

TEST_F(WalkFolderTest, LoopsEnd) {
  Make("a/1");
  Make("../outside/2");
  fs::create_directory_symlink(root_, root_ + "/a/root");
  fs::create_directory_symlink(base_, root_ + "/a/up");
  fs::create_directory_symlink(root_ + "/a", root_ + "/b");
  fs::create_directory_symlink(base_ + "/outside", root_ + "/c");
  fs::create_directory_symlink(base_ + "/outside", base_ + "/outside/self");

  EXPECT_THAT(Walk(),
              ElementsAre(Pair("a/1", WalkedKind::kFile), Pair("a/root", WalkedKind::kFolderLink),
                          Pair("a/up", WalkedKind::kFolderLink), Pair("b", WalkedKind::kFolderLink),
                          Pair("c/2", WalkedKind::kFile), Pair("c/self", WalkedKind::kFolderLink)));
}

TEST_F(WalkFolderTest, LinkToAHiddenFolderIsItsOnlyName) {
  Make(".store/1");
  fs::create_directory_symlink(".store", root_ + "/cat");

  EXPECT_THAT(Walk(),
              ElementsAre(Pair(".store/1", WalkedKind::kHidden), Pair("cat/1", WalkedKind::kFile)));
}

TEST_F(WalkFolderTest, LinksToFilesAreFilesWhereverTheyLead) {
  Make("a/1");
  fs::create_symlink("1", root_ + "/a/2");
  fs::create_symlink("nowhere", root_ + "/a/3");
  fs::create_symlink("4", root_ + "/a/4");

  EXPECT_THAT(Walk(), ElementsAre(Pair("a/1", WalkedKind::kFile), Pair("a/2", WalkedKind::kFile),
                                  Pair("a/3", WalkedKind::kFile), Pair("a/4", WalkedKind::kFile)));
}

TEST_F(WalkFolderTest, PipesAreNoFiles) {
  Make("a/1");
  ASSERT_EQ(mkfifo((root_ + "/a/pipe.png").c_str(), 0600), 0);

  EXPECT_THAT(Walk(), ElementsAre(Pair("a/1", WalkedKind::kFile),
                                  Pair("a/pipe.png", WalkedKind::kSpecial)));
}

TEST_F(WalkFolderTest, MissingFolderIsNotFound) {
  EXPECT_THAT(WalkFolder(root_ + "/missing"), StatusIs(absl::StatusCode::kNotFound, "missing"));
}

}  // namespace
}  // namespace niwaki::data
