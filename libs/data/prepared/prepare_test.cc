#include "libs/data/prepared/prepare.h"

#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/wav.h"
#include "libs/data/prepared/prepared.h"

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

// Two classes of tones, `clips` each, in `folder`.
std::string WavFolderOnDisk(absl::string_view name, const std::vector<std::string>& words,
                            int clips) {
  const std::string folder = Temp(name);
  for (const std::string& word : words) {
    EXPECT_THAT(MakeFolders(folder + "/" + word), IsOk());
    for (int i = 0; i < clips; ++i) {
      WavClip clip;
      clip.sample_rate_hz = 16000;
      for (int t = 0; t < 16000; ++t) clip.samples.push_back(0.3f * std::sin(t * 0.05f * (i + 1)));
      EXPECT_THAT(WriteFileAtomically(absl::StrCat(folder, "/", word, "/", i, ".wav"),
                                      FormatWav(clip.samples, clip.sample_rate_hz)),
                  IsOk());
    }
  }
  return folder;
}

PrepareOptions WavOptions(const std::string& folder, absl::string_view out) {
  PrepareOptions options;
  options.format = SourceFormat::kWav;
  options.input = folder;
  options.out = Temp(out);
  options.shares = {0.5, 0.2, 0.2, 0.1};
  return options;
}

TEST(PrepareTest, TestOfTakesClassesAndNormalisationOver) {
  const PrepareOptions trained =
      WavOptions(WavFolderOnDisk("trained", {"go", "no", "yes"}, 20), "trained.nwd");
  NIWAKI_ASSERT_OK(Prepare(trained, {}));
  PrepareOptions options = WavOptions(WavFolderOnDisk("own", {"no", "yes"}, 3), "own.nwd");
  options.test_of = trained.out;

  NIWAKI_ASSERT_OK(Prepare(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto model, PreparedData::Open(trained.out));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto own, PreparedData::Open(options.out));
  EXPECT_THAT(own->metadata().class_names, ElementsAre("go", "no", "yes"));
  EXPECT_EQ(own->metadata().mean, model->metadata().mean);
  EXPECT_EQ(own->metadata().stddev, model->metadata().stddev);
  EXPECT_THAT(own->metadata().sizes, ElementsAre(0, model->size(Split::kCalibration), 0, 6));
  EXPECT_EQ(own->example(Split::kCalibration, 1), model->example(Split::kCalibration, 1));
  std::vector<int> labels;
  for (int i = 0; i < 6; ++i) labels.push_back(own->label(Split::kTest, i));
  EXPECT_THAT(labels, ::testing::UnorderedElementsAre(1, 1, 1, 2, 2, 2));
}

TEST(PrepareTest, TestOfRefusesUnknownClass) {
  const PrepareOptions trained = WavOptions(WavFolderOnDisk("two", {"no", "yes"}, 20), "two.nwd");
  NIWAKI_ASSERT_OK(Prepare(trained, {}));
  PrepareOptions options = WavOptions(WavFolderOnDisk("other", {"maybe"}, 2), "other.nwd");
  options.test_of = trained.out;

  const absl::Status status = Prepare(options, {});

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "class 'maybe' is not in"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "no, yes"));
}

TEST(PrepareTest, TestOfRefusesAnotherKindOfData) {
  PrepareOptions pictures = CifarOptions("pictures");
  NIWAKI_ASSERT_OK(Prepare(pictures, {}));
  PrepareOptions options = WavOptions(WavFolderOnDisk("sound", {"no"}, 2), "sound.nwd");
  options.test_of = pictures.out;

  EXPECT_THAT(Prepare(options, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "holds pictures"));
}

}  // namespace
}  // namespace niwaki::data
