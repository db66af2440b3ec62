#include "libs/base/process/temporary_folder.h"

#include <stdlib.h>

#include <string>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

TEST(TemporaryFolderTest, GoesWithWhatIsInIt) {
  std::string path;
  {
    const auto folder = TemporaryFolder::Create();
    NIWAKI_ASSERT_OK(folder);
    path = (*folder)->path();
    NIWAKI_ASSERT_OK(MakeFolders(path + "/a/b"));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path + "/a/b/file", "content"));
  }
  EXPECT_FALSE(FileExists(path));
}

TEST(TemporaryFolderTest, TwoAreApart) {
  const auto one = TemporaryFolder::Create();
  const auto other = TemporaryFolder::Create();
  NIWAKI_ASSERT_OK(one);
  NIWAKI_ASSERT_OK(other);
  EXPECT_NE((*one)->path(), (*other)->path());
}

TEST(TemporaryFolderTest, FolderAboveIsNamedInErrors) {
  setenv("TMPDIR", "/no/such/folder", 1);
  EXPECT_THAT(TemporaryFolder::Create(),
              StatusIs(absl::StatusCode::kNotFound, "a temporary folder in /no/such/folder"));
}

}  // namespace
}  // namespace niwaki
