#include "libs/data/prepare.h"

#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared.h"
#include "libs/data/wav.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Temp(absl::string_view name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

// 200 training and 30 test records; the first pixel of each is its number.
std::string CifarFolderOnDisk() {
  const std::string folder = Temp("cifar");
  EXPECT_THAT(MakeFolders(folder), IsOk());
  std::string train, test;
  for (int i = 0; i < 230; ++i) {
    std::string record(3073, static_cast<char>(i));
    record[0] = static_cast<char>(i % 10);
    (i < 200 ? train : test) += record;
  }
  EXPECT_THAT(WriteFileAtomically(folder + "/data_batch_1.bin", train), IsOk());
  EXPECT_THAT(WriteFileAtomically(folder + "/test_batch.bin", test), IsOk());
  return folder;
}

PrepareOptions CifarOptions(absl::string_view out) {
  PrepareOptions options;
  options.input = CifarFolderOnDisk();
  options.out = Temp(out);
  options.shares = {0.7, 0.1, 0.2, 1};
  return options;
}

TEST(PrepareTest, OfficialTestSplitIsKept) {
  const PrepareOptions options = CifarOptions("official");

  NIWAKI_ASSERT_OK(Prepare(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  EXPECT_THAT(data->metadata().sizes, ElementsAre(140, 20, 40, 30));
  std::set<int> seen;
  for (Split split : kAllSplits) {
    for (int64_t i = 0; i < data->size(split); ++i) {
      const int number = data->example(split, i)[0];
      EXPECT_EQ(data->label(split, i), number % 10);
      EXPECT_EQ(number >= 200, split == Split::kTest);
      EXPECT_TRUE(seen.insert(number).second);
    }
  }
  EXPECT_EQ(seen.size(), 230);
}

TEST(PrepareTest, SameSeedGivesTheSameFile) {
  PrepareOptions a = CifarOptions("a"), b = CifarOptions("b"), c = CifarOptions("c");
  c.seed = 2;

  NIWAKI_ASSERT_OK(Prepare(a, {}));
  NIWAKI_ASSERT_OK(Prepare(b, {}));
  NIWAKI_ASSERT_OK(Prepare(c, {}));

  EXPECT_EQ(*ReadFile(a.out), *ReadFile(b.out));
  EXPECT_NE(*ReadFile(a.out), *ReadFile(c.out));
}

TEST(PrepareTest, WavFolderKeepsItsFrontEnd) {
  PrepareOptions options;
  options.format = SourceFormat::kWav;
  options.input = Temp("wavs");
  options.out = Temp("wavs.nwk");
  options.front_end.mel_bins = 32;
  NIWAKI_ASSERT_OK(MakeFolders(options.input + "/beep"));
  for (int i = 0; i < 40; ++i) {
    NIWAKI_ASSERT_OK(WriteFileAtomically(absl::StrCat(options.input, "/beep/", i, ".wav"),
                                         FormatWav(std::vector<float>(16000, 0.01f * i), 16000)));
  }

  NIWAKI_ASSERT_OK(Prepare(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  EXPECT_EQ(data->metadata().front_end, options.front_end);
  EXPECT_EQ(data->metadata().width, 32);
  EXPECT_THAT(DescribePrepared(options.out),
              IsOkAndHolds(AllOf(HasSubstr(data->digest()), HasSubstr("32 bins"))));
}

TEST(PrepareTest, MissingInputLeavesNoFile) {
  PrepareOptions options;
  options.input = Temp("nowhere");
  options.out = Temp("none");

  EXPECT_THAT(Prepare(options, {}), StatusIs(absl::StatusCode::kNotFound, ""));
  EXPECT_FALSE(FileExists(options.out));
}

TEST(PrepareOptionsTest, BadOptionsNameTheField) {
  const auto message = [](void (*change)(PrepareOptions&)) {
    PrepareOptions options;
    options.input = options.out = "x";
    change(options);
    return std::string(options.Validate().message());
  };

  EXPECT_THAT(message([](PrepareOptions& o) { o.input.clear(); }), HasSubstr("input"));
  EXPECT_THAT(message([](PrepareOptions& o) { o.out.clear(); }), HasSubstr("out"));
  EXPECT_THAT(message([](PrepareOptions& o) { o.shares[1] = -1; }),
              HasSubstr("shares.calibration"));
  EXPECT_THAT(message([](PrepareOptions& o) {
                o.format = SourceFormat::kImages;
                o.width = 5000;
              }),
              HasSubstr("width"));
}

TEST(SourceFormatTest, NamesRoundTrip) {
  EXPECT_THAT(ParseSourceFormat("idx"), IsOkAndHolds(SourceFormat::kIdx));
  EXPECT_THAT(ParseSourceFormat("tfrecord"),
              StatusIs(absl::StatusCode::kInvalidArgument, "tfrecord"));
}

}  // namespace
}  // namespace niwaki::data
