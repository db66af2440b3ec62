#include "libs/client/partial_file.h"

#include <signal.h>
#include <sys/resource.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::client {
namespace {

class PartialFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
    path_ = folder_ + "/a.partial";
  }

  std::string folder_;
  std::string path_;
};

TEST_F(PartialFileTest, PiecesOfSeveralRunsBecomeOneFile) {
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PartialFile::Open(path_));
    EXPECT_EQ(file->size(), 0);
    NIWAKI_ASSERT_OK(file->Append("one "));
    NIWAKI_ASSERT_OK(file->Append("two "));
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PartialFile::Open(path_));
  EXPECT_EQ(file->size(), 8);
  NIWAKI_ASSERT_OK(file->Append("three"));

  NIWAKI_ASSERT_OK(file->Finish(folder_ + "/a"));

  EXPECT_THAT(ReadFile(folder_ + "/a"), IsOkAndHolds("one two three"));
  EXPECT_FALSE(FileExists(path_));
}

TEST_F(PartialFileTest, ClearedFileBeginsAgain) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PartialFile::Open(path_));
  NIWAKI_ASSERT_OK(file->Append("wrong content"));

  NIWAKI_ASSERT_OK(file->Clear());

  EXPECT_EQ(file->size(), 0);
  NIWAKI_ASSERT_OK(file->Append("right"));
  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("right"));
}

TEST_F(PartialFileTest, FolderThatIsNotThereIsNotFound) {
  EXPECT_THAT(PartialFile::Open(folder_ + "/missing/a"),
              StatusIs(absl::StatusCode::kNotFound, "missing"));
}

// A file that may not grow stands for a disk without room.
TEST_F(PartialFileTest, PieceThatDoesNotFitLeavesTheEarlierOnes) {
  constexpr rlim_t kLimit = 1000;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, PartialFile::Open(path_));
  NIWAKI_ASSERT_OK(file->Append(std::string(600, 'a')));
  signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit = {kLimit, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);

  const absl::Status status = file->Append(std::string(600, 'b'));

  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(file->size(), 600);
  EXPECT_THAT(ReadFile(path_), IsOkAndHolds(std::string(600, 'a')));
  NIWAKI_EXPECT_OK(file->Append(std::string(600, 'b')));
}

}  // namespace
}  // namespace niwaki::client
