#include "libs/data/image/idx.h"

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::string Big32(uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

std::string Header(int type, const std::vector<uint32_t>& shape) {
  std::string out = {0, 0, static_cast<char>(type), static_cast<char>(shape.size())};
  for (uint32_t side : shape) out += Big32(side);
  return out;
}

TEST(ParseIdxTest, ReadsShapeAndValues) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const IdxArray array, ParseIdx(Header(8, {2, 3}) + "abcdef", "x"));

  EXPECT_THAT(array.shape, ElementsAre(2, 3));
  EXPECT_THAT(array.values, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST(ParseIdxTest, HostileFilesAreMalformed) {
  const uint32_t huge = 0xFFFFFFFF;
  for (const std::string& bytes :
       {std::string(), std::string("\0\0", 2), std::string("GIF8aaaa"), Header(8, {}),
        Header(8, {2, 3}).substr(0, 9), Header(8, {2, 3}) + "abcde", Header(8, {2, 3}) + "abcdefg",
        Header(13, {1}) + "abcd", Header(8, {huge}), Header(8, {huge, huge, huge, huge}) + "a",
        Header(8, {1 << 16, 1 << 16, 1 << 16, 1 << 16}), Header(8, {1, 1, 1, 1, 1}) + "a"}) {
    EXPECT_THAT(ParseIdx(bytes, "bad"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  }
}

TEST(PairIdxTest, ImagesAndLabelsMustFit) {
  const IdxArray images = {{2, 1, 3}, {1, 2, 3, 4, 5, 6}};
  const auto malformed = HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, PairIdx(images, {{2}, {0, 11}}, "x"));
  EXPECT_EQ(set.class_names.size(), 12);
  EXPECT_EQ(set.width, 3);
  EXPECT_THAT(PairIdx(images, {{3}, {0, 1, 2}}, "x"), malformed);
  EXPECT_THAT(PairIdx(images, {{2, 1}, {0, 1}}, "x"), malformed);
  EXPECT_THAT(PairIdx({{2, 3}, {1, 2, 3, 4, 5, 6}}, {{2}, {0, 1}}, "x"), malformed);
  EXPECT_THAT(PairIdx({{0, 1, 1}, {}}, {{0}, {}}, "x"), malformed);
  EXPECT_THAT(PairIdx({{1, 0, 1}, {}}, {{1}, {0}}, "x"), malformed);
}

TEST(ReadIdxFolderTest, ReadsFourFiles) {
  const std::string folder = absl::StrCat(std::getenv("TEST_TMPDIR"), "/idx");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  const auto write = [&folder](absl::string_view name, const std::string& bytes) {
    NIWAKI_ASSERT_OK(WriteFileAtomically(absl::StrCat(folder, "/", name), bytes));
  };
  write("train-images-idx3-ubyte", Header(8, {2, 2, 2}) + "abcdefgh");
  write("train-labels-idx1-ubyte", Header(8, {2}) + std::string("\x01\x02"));
  write("readme.txt", "digits");
  const auto half = ReadIdxFolder(folder);
  write("t10k-images-idx3-ubyte", Header(8, {1, 2, 2}) + "ijkl");
  EXPECT_THAT(ReadIdxFolder(folder), HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  write("t10k-labels-idx1-ubyte", Header(8, {1}) + std::string("\x0B"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const IdxFolder idx, ReadIdxFolder(folder));

  EXPECT_THAT(half, StatusIs(absl::StatusCode::kInvalidArgument, "2 parts of "));
  EXPECT_EQ(GetErrorItems(half.status()).size(), 2);
  EXPECT_EQ(idx.report.files, 5);
  EXPECT_EQ(idx.report.PassedOver(), 1);
  EXPECT_THAT(idx.train.labels, ElementsAre(1, 2));
  EXPECT_THAT(idx.test.labels, ElementsAre(11));
  EXPECT_EQ(idx.train.class_names.size(), 12);
}

}  // namespace
}  // namespace niwaki::data
