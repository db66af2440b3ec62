#include "libs/data/image/image_folder.h"

#include <png.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

void WriteFlatPng(const std::string& path, int side, uint8_t level) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = png.height = side;
  png.format = PNG_FORMAT_RGB;
  const std::vector<uint8_t> pixels(side * side * 3, level);
  ASSERT_TRUE(png_image_write_to_file(&png, path.c_str(), 0, pixels.data(), 0, nullptr));
}

std::string MakeFolder(absl::string_view name) {
  const std::string root = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
  for (absl::string_view c : {"cat", "dog"}) {
    EXPECT_THAT(MakeFolders(absl::StrCat(root, "/", c)), IsOk());
  }
  WriteFlatPng(root + "/dog/b.PNG", 8, 50);
  WriteFlatPng(root + "/cat/a.png", 5, 10);
  WriteFlatPng(root + "/cat/z.png", 30, 20);
  EXPECT_THAT(WriteFileAtomically(root + "/cat/readme.txt", "no picture"), IsOk());
  return root;
}

TEST(ReadImageFolderTest, ReadsOneClassPerFolder) {
  ImageFolderOptions options;
  options.folder = MakeFolder("good");
  options.height = options.width = 4;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadImageFolder(options, {}));

  EXPECT_THAT(set.class_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(set.labels, ElementsAre(0, 0, 1));
  ASSERT_EQ(set.examples.size(), 3 * 48);
  EXPECT_EQ(set.examples[0], 10);
  EXPECT_EQ(set.examples[48], 20);
  EXPECT_EQ(set.examples[96], 50);
  EXPECT_THAT(set.names, ElementsAre("cat/a.png", "cat/z.png", "dog/b.PNG"));
  ASSERT_TRUE(set.report.has_value());
  EXPECT_EQ(set.report->files, 4);
  EXPECT_EQ(set.report->used, 3);
  EXPECT_EQ(set.report->passed_over.at("ending .txt"), 1);
}

TEST(ReadImageFolderTest, PictureIsKnownByItsContent) {
  ImageFolderOptions options;
  options.folder = MakeFolder("content");
  NIWAKI_ASSERT_OK(MakeFolders(options.folder + "/_notes"));
  options.height = options.width = 4;
  WriteFlatPng(options.folder + "/_notes/IMG", 8, 70);
  WriteFlatPng(options.folder + "/_notes/renamed.jpg", 8, 80);
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/_notes/LICENSE", "free"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadImageFolder(options, {}));

  EXPECT_THAT(set.class_names, ElementsAre("_notes", "cat", "dog"));
  EXPECT_THAT(set.names, ElementsAre("_notes/IMG", "_notes/renamed.jpg", "cat/a.png", "cat/z.png",
                                     "dog/b.PNG"));
  EXPECT_EQ(set.report->passed_over.at("no ending"), 1);
}

TEST(ReadImageFolderTest, BadPicturesAreSkippedAndTheRestMovesUp) {
  ImageFolderOptions options;
  options.folder = MakeFolder("skipped");
  options.height = options.width = 4;
  options.skip_bad = true;
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/cat/b.jpg", "\xFF\xD8\xFFgarbage"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/cat/c.gif", "GIF89a, cut"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadImageFolder(options, {}));

  ASSERT_EQ(set.examples.size(), 3 * 48);
  EXPECT_EQ(set.examples[48], 20);
  EXPECT_EQ(set.examples[96], 50);
  EXPECT_THAT(set.labels, ElementsAre(0, 0, 1));
  EXPECT_EQ(set.report->bad_files, 2);
  EXPECT_EQ(set.report->bad[1].name, "cat/c.gif");
}

TEST(ReadImageFolderTest, SplitsOfTheFolderAreDealing) {
  ImageFolderOptions options;
  options.folder = MakeFolder("splits/train");
  MakeFolder("splits/val");
  options.folder = options.folder.substr(0, options.folder.rfind('/'));
  options.height = options.width = 4;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadImageFolder(options, {}));

  EXPECT_THAT(set.class_names, ElementsAre("cat", "dog"));
  ASSERT_EQ(set.dealing.size(), 6);
  EXPECT_EQ(set.names[0], "train/cat/a.png");
  EXPECT_EQ(set.dealing[0].split, std::nullopt);
  EXPECT_EQ(set.names[2], "val/cat/a.png");
  EXPECT_EQ(set.dealing[2].split, Split::kValidation);
}

TEST(ReadImageFolderTest, BrokenPictureIsNamed) {
  ImageFolderOptions options;
  options.folder = MakeFolder("broken");
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/dog/c.jpg", "\xFF\xD8\xFFgarbage"));

  const auto set = ReadImageFolder(options, {});

  EXPECT_THAT(set, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(set, StatusIs(absl::StatusCode::kInvalidArgument, "dog/c.jpg"));
}

TEST(ReadImageFolderTest, ClassWithoutAPictureIsNotFound) {
  ImageFolderOptions options;
  options.folder = MakeFolder("empty");
  NIWAKI_ASSERT_OK(MakeFolders(options.folder + "/eel"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/eel/eel.mp4", "a film"));

  const auto set = ReadImageFolder(options, {});

  EXPECT_THAT(set, HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  EXPECT_THAT(set, StatusIs(absl::StatusCode::kNotFound,
                            "eel: holds no picture: 1 file, none of which is read"));
}

TEST(ReadImageFolderTest, BadOptionsAreRefused) {
  ImageFolderOptions options;
  options.channels = 2;

  EXPECT_THAT(ReadImageFolder(options, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "channels is 2; it must be 1 or 3"));
}

}  // namespace
}  // namespace niwaki::data
