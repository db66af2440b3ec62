#include "libs/data/class_folder.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

class ClassFolderTest : public ::testing::Test {
 protected:
  void Make(const std::string& name) {
    const std::string path = absl::StrCat(root_, "/", name);
    NIWAKI_ASSERT_OK(MakeFolders(path.substr(0, path.rfind('/'))));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, "x"));
  }

  const std::string root_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
};

TEST_F(ClassFolderTest, ClassesAndFilesComeSorted) {
  for (const char* name : {"dog/b.wav", "cat/2.WAV", "cat/1.wav", "dog/a.wav"}) Make(name);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ClassFolder folder, ListClassFolder(root_, {".wav"}));

  EXPECT_THAT(folder.class_names, ElementsAre("cat", "dog"));
  std::vector<std::string> files;
  for (const ClassFile& file : folder.files) {
    files.push_back(absl::StrCat(file.label, file.path.substr(root_.size())));
  }
  EXPECT_THAT(files, ElementsAre("0/cat/1.wav", "0/cat/2.WAV", "1/dog/a.wav", "1/dog/b.wav"));
}

TEST_F(ClassFolderTest, HiddenNamesAndOtherFilesArePassedOver) {
  for (const char* name : {"cat/1.wav", "cat/.2.wav", "cat/_3.wav", "cat/notes.txt", "README.wav",
                           "_background/4.wav", ".git/5.wav"}) {
    Make(name);
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ClassFolder folder, ListClassFolder(root_, {".wav"}));

  EXPECT_THAT(folder.class_names, ElementsAre("cat"));
  EXPECT_EQ(folder.files.size(), 1);
}

TEST_F(ClassFolderTest, EmptyClassIsNamed) {
  Make("cat/1.wav");
  Make("dog/notes.txt");

  const auto folder = ListClassFolder(root_, {".wav", ".flac"});

  EXPECT_THAT(folder, HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  EXPECT_THAT(folder, StatusIs(absl::StatusCode::kNotFound, "dog holds no file ending in .wav"));
}

TEST_F(ClassFolderTest, FolderWithoutClassesIsNotFound) {
  Make("1.wav");

  EXPECT_THAT(ListClassFolder(root_, {".wav"}),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  EXPECT_THAT(ListClassFolder(root_ + "/missing", {".wav"}),
              StatusIs(absl::StatusCode::kNotFound, "missing"));
}

}  // namespace
}  // namespace niwaki::data
