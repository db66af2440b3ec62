#include "libs/data/image/image_folder.h"

#include <png.h>

#include <cstdlib>
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
  for (absl::string_view c : {"cat", "dog", "_notes"}) {
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
}

TEST(ReadImageFolderTest, BrokenPictureIsNamed) {
  ImageFolderOptions options;
  options.folder = MakeFolder("broken");
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/dog/c.jpg", "\xFF\xD8\xFFgarbage"));

  const auto set = ReadImageFolder(options, {});

  EXPECT_THAT(set, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(set, StatusIs(absl::StatusCode::kInvalidArgument, "dog/c.jpg"));
}

TEST(ReadImageFolderTest, EmptyClassIsNotFound) {
  ImageFolderOptions options;
  options.folder = MakeFolder("empty");
  NIWAKI_ASSERT_OK(MakeFolders(options.folder + "/eel"));

  EXPECT_THAT(ReadImageFolder(options, {}),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

TEST(ReadImageFolderTest, BadOptionsAreRefused) {
  ImageFolderOptions options;
  options.channels = 2;

  EXPECT_THAT(ReadImageFolder(options, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "channels is 2; it must be 1 or 3"));
}

}  // namespace
}  // namespace niwaki::data
