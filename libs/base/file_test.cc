#include "libs/base/file.h"

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::ElementsAre;

std::string FreshFolder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "/" + name;
  NIWAKI_EXPECT_OK(MakeFolders(folder));
  return folder;
}

TEST(FileTest, WriteThenReadGivesTheContent) {
  const std::string path = FreshFolder("write") + "/a";

  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "one"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "two"));

  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("two")));
}

TEST(FileTest, FailedWriteLeavesNothingBehind) {
  const std::string folder = FreshFolder("failed");
  NIWAKI_ASSERT_OK(MakeFolders(folder + "/taken/inside"));

  EXPECT_FALSE(WriteFileAtomically(folder + "/taken", "x").ok());

  EXPECT_THAT(ListFolder(folder), IsOkAndHolds(ElementsAre("taken")));
}

TEST(FileTest, TooLargeFileNamesTheLimit) {
  const std::string path = FreshFolder("large") + "/a";
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "12345"));

  EXPECT_THAT(ReadFile(path, 4),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(FileTest, MissingFileIsNotFound) {
  EXPECT_THAT(ReadFile("/no/such"), StatusIs(absl::StatusCode::kNotFound, "/no/such"));
  EXPECT_THAT(MappedFile::Open("/no/such"), StatusIs(absl::StatusCode::kNotFound, "/no/such"));
}

TEST(FileTest, MappedFileShowsTheBytes) {
  const std::string path = FreshFolder("map") + "/a";
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "bytes"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto mapped, MappedFile::Open(path));

  EXPECT_EQ(mapped->bytes(), "bytes");
}

}  // namespace
}  // namespace niwaki
