#include "libs/data/folder_reader.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Files whose content is "bad" cannot be decoded.
class ReadClassFolderTest : public ::testing::Test {
 protected:
  void Make(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(root_, "/", name);
    NIWAKI_ASSERT_OK(MakeFolders(path.substr(0, path.rfind('/'))));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, content));
  }

  absl::StatusOr<FolderContent> Read() {
    ClassFolderOptions listing;
    listing.root = root_;
    listing.extensions = {".png"};
    const auto folder = ListClassFolder(listing);
    EXPECT_THAT(folder, IsOk());
    return ReadClassFolder(
        *folder, root_, options_, {},
        [&](int64_t i, const std::string& bytes, std::string& warning) -> absl::Status {
          if (bytes == "odd") warning = "half a picture";
          if (bytes != "bad") return absl::OkStatus();
          return absl::UnimplementedError(folder->files[i].name + ": no pixels");
        });
  }

  const std::string root_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  FolderReadOptions options_;
};

TEST_F(ReadClassFolderTest, OddFilesAreUsedCountedAndNamed) {
  Make("cat/1.png", "a");
  Make("cat/2.png", "odd");
  Make("dog/3.png", "odd");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent content, Read());

  EXPECT_EQ(content.report.used, 3);
  EXPECT_THAT(content.report.notes, Contains("2 used although odd: cat/2.png: half a picture; "
                                             "dog/3.png: half a picture"));
}

TEST_F(ReadClassFolderTest, AllBadFilesAreNamedInOneError) {
  Make("cat/1.png", "a");
  Make("cat/2.png", "bad");
  Make("cat/3.png", "");
  Make("dog/4.png", "bad");
  std::filesystem::create_symlink("nowhere", root_ + "/dog/5.png");
  std::filesystem::create_symlink("6.png", root_ + "/dog/6.png");
  Make("eel/notes.txt", "x");

  const auto content = Read();

  EXPECT_THAT(content, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(content,
              StatusIs(absl::StatusCode::kInvalidArgument, "5 of 7 files and 1 folder of "));
  EXPECT_THAT(content, StatusIs(absl::StatusCode::kInvalidArgument, "--skip-bad"));
  std::vector<std::string> items;
  for (const ErrorItem& item : GetErrorItems(content.status())) {
    items.push_back(absl::StrCat(item.name, ": ", item.problem));
  }
  EXPECT_THAT(items, ElementsAre("cat/2.png: no pixels", "cat/3.png: empty file",
                                 "dog/4.png: no pixels", "dog/5.png: No such file or directory",
                                 "dog/6.png: Too many levels of symbolic links",
                                 "eel: holds no file: 1 file, none of which is read"));
}

TEST_F(ReadClassFolderTest, OneBadFileKeepsItsCode) {
  Make("cat/1.png", "a");
  Make("cat/2.png", "bad");

  EXPECT_THAT(Read(), StatusIs(absl::StatusCode::kUnimplemented,
                               "cat/2.png: no pixels; --skip-bad goes on without it"));
}

TEST_F(ReadClassFolderTest, SkippedFilesAreCountedAndTheirClassesGo) {
  Make("cat/1.png", "bad");
  Make("dog/2.png", "a");
  Make("dog/3.png", "bad");
  Make("eel/4.png", "b");
  Make("eel/notes.txt", "x");
  options_.skip_bad = true;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent content, Read());

  EXPECT_THAT(content.class_names, ElementsAre("dog", "eel"));
  EXPECT_THAT(content.kept, ElementsAre(1, 3));
  EXPECT_THAT(content.labels, ElementsAre(0, 1));
  EXPECT_EQ(content.report.files, 5);
  EXPECT_EQ(content.report.used, 2);
  EXPECT_EQ(content.report.bad_files, 2);
  EXPECT_EQ(content.report.PassedOver(), 1);
  EXPECT_THAT(content.report.notes, Contains(HasSubstr("no classes: cat")));
}

TEST_F(ReadClassFolderTest, DuplicatesAreCounted) {
  Make("cat/1.png", "a");
  Make("cat/2.png", "a");
  Make("dog/3.png", "a");
  Make("dog/4.png", "b");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent content, Read());

  EXPECT_EQ(content.report.used, 4);
  EXPECT_EQ(content.report.duplicates, 2);
  EXPECT_EQ(content.report.duplicates_elsewhere, 1);
}

TEST_F(ReadClassFolderTest, DuplicatesAreNamedThoseOfAnotherClassFirst) {
  Make("cat/1.png", "a");
  Make("cat/2.png", "a");
  Make("dog/3.png", "a");
  Make("dog/4.png", "b");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent content, Read());

  EXPECT_THAT(content.report.duplicate_files,
              ElementsAre("dog/3.png (dog) = cat/1.png (cat)", "cat/2.png = cat/1.png"));
}

TEST_F(ReadClassFolderTest, EmptyClassAndOneOfOtherFilesAreTheSame) {
  Make("cat/1.png", "a");
  Make("dog/notes.txt", "x");
  NIWAKI_ASSERT_OK(MakeFolders(root_ + "/eel"));

  EXPECT_THAT(Read(), StatusIs(absl::StatusCode::kInvalidArgument,
                               "2 folders of " + root_ + " cannot be used; --skip-bad"));
  options_.skip_bad = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent content, Read());
  EXPECT_THAT(content.class_names, ElementsAre("cat"));
  EXPECT_THAT(content.report.notes, Contains(HasSubstr("no classes: dog, eel")));
}

TEST_F(ReadClassFolderTest, ClassOfValidationAloneCannotBeLearned) {
  Make("train/cat/1.png", "a");
  Make("train/dog/2.png", "b");
  Make("val/cat/3.png", "c");
  Make("val/eel/4.png", "d");
  Make("val/eel/5.png", "e");

  EXPECT_THAT(Read(),
              StatusIs(absl::StatusCode::kNotFound,
                       "eel: a class without a training example: none of its 2 files is in the "
                       "training split; --skip-bad goes on without it"));
  options_.skip_bad = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent skipped, Read());
  EXPECT_THAT(skipped.class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(skipped.report.passed_over.at("of a class without a training example"), 2);
  EXPECT_EQ(skipped.report.files,
            skipped.report.used + skipped.report.PassedOver() + skipped.report.bad_files);
  // A test alone needs none.
  options_.skip_bad = false;
  options_.for_training = false;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FolderContent test, Read());
  EXPECT_THAT(test.class_names, ElementsAre("cat", "dog", "eel"));
}

TEST_F(ReadClassFolderTest, NothingLeftIsNotFound) {
  Make("cat/1.png", "bad");
  Make("cat/2.png", "bad");
  options_.skip_bad = true;

  EXPECT_THAT(Read(), HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

}  // namespace
}  // namespace niwaki::data
