#include "libs/data/prepared/prepare.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/wav.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/source_report.h"

namespace niwaki::data {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Temp(absl::string_view name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

// 200 training and 30 test records; the first pixel of each is its number, the last another.
std::string CifarFolderOnDisk() {
  const std::string folder = Temp("cifar");
  EXPECT_THAT(MakeFolders(folder), IsOk());
  std::string train, test;
  for (int i = 0; i < 230; ++i) {
    std::string record(3073, static_cast<char>(i));
    record[0] = static_cast<char>(i % 10);
    record[3072] = static_cast<char>(i ^ 0x40);
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
    std::vector<float> samples(16000);
    for (int t = 0; t < 16000; ++t) samples[t] = 0.01f * (i + 1) * std::sin(t * 0.05f);
    NIWAKI_ASSERT_OK(WriteFileAtomically(absl::StrCat(options.input, "/beep/", i, ".wav"),
                                         FormatWav(samples, 16000)));
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
              HasSubstr("--calibration-share is -1; it must be 0.001 to 1"));
  EXPECT_THAT(message([](PrepareOptions& o) {
                o.format = SourceFormat::kImages;
                o.width = 5000;
              }),
              HasSubstr("width"));
}

TEST(PrepareOptionsTest, SharesThatDoNotSumToOneAreNamedWithTheirSum) {
  PrepareOptions options;
  options.input = options.out = "x";
  const auto with = [&](SourceFormat format, std::array<double, kSplitCount> shares) {
    options.format = format;
    options.shares = shares;
    return options.Validate();
  };

  EXPECT_THAT(with(SourceFormat::kImages, {0.5, 0.02, 0.1, 0.1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the shares sum to 0.72, not 1: --train-share 0.5, --calibration-share "
                       "0.02, --validation-share 0.1, --test-share 0.1; in the same proportions "
                       "they are 0.6944, 0.02778, 0.1389, 0.1389"));
  EXPECT_EQ(GetErrorDetail(options.Validate())->value, "0.72");
  // The test of CIFAR is its own.
  NIWAKI_EXPECT_OK(with(SourceFormat::kCifar10, {0.4, 0.1, 0.5, 0.1}));
  EXPECT_THAT(with(SourceFormat::kCifar10, {0.9, 0.1, 0.5, 0.1}),
              StatusIs(absl::StatusCode::kInvalidArgument, "sum to 1.5, not 1"));
  // A folder may bring any split but training's.
  NIWAKI_EXPECT_OK(with(SourceFormat::kImages, {0.9, 0.1, 0.1, 0.1}));
  options.use_splits = false;
  EXPECT_THAT(options.Validate(), StatusIs(absl::StatusCode::kInvalidArgument, "sum to 1.2"));
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

  const absl::Status status = Prepare(options, {}).status();

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "class 'maybe' is not in"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "no, yes"));
}

TEST(PrepareTest, TestOfNamesEveryUnknownClass) {
  const PrepareOptions trained = WavOptions(WavFolderOnDisk("known", {"no", "yes"}, 20), "k.nwd");
  NIWAKI_ASSERT_OK(Prepare(trained, {}));
  PrepareOptions options =
      WavOptions(WavFolderOnDisk("strange", {"maybe", "no", "often"}, 2), "s.nwd");
  options.test_of = trained.out;

  const absl::Status status = Prepare(options, {}).status();

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "2 classes are not in"));
  std::vector<std::string> names;
  for (const ErrorItem& item : GetErrorItems(status)) names.push_back(item.name);
  EXPECT_THAT(names, ElementsAre("maybe", "often"));
}

TEST(PrepareTest, TestOfTakesTheTestOfTheFolder) {
  const PrepareOptions trained = WavOptions(WavFolderOnDisk("sc", {"no", "yes"}, 20), "sc.nwd");
  NIWAKI_ASSERT_OK(
      WriteFileAtomically(trained.input + "/testing_list.txt", "no/3.wav\nno/4.wav\nyes/7.wav\n"));
  NIWAKI_ASSERT_OK(Prepare(trained, {}));
  PrepareOptions options = WavOptions(trained.input, "sc_test.nwd");
  options.test_of = trained.out;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SourceReport report, Prepare(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto model, PreparedData::Open(trained.out));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto test, PreparedData::Open(options.out));
  EXPECT_EQ(model->size(Split::kTest), 3);
  EXPECT_EQ(test->size(Split::kTest), 3);
  EXPECT_EQ(report.files, 41);
  EXPECT_EQ(report.used, 3);
  EXPECT_EQ(report.passed_over.at("in a split other than test"), 37);
  EXPECT_EQ(report.passed_over.at("list of a split"), 1);
}

TEST(PrepareTest, SourceIsKeptInTheFile) {
  PrepareOptions options = WavOptions(WavFolderOnDisk("mixed", {"no", "yes"}, 20), "mixed.nwd");
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.input + "/no/notes.txt", "x"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.input + "/no/broken.wav", "RIFF"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.input + "/yes/quiet.wav",
                                       FormatWav(std::vector<float>(16000, 0.0f), 16000)));

  EXPECT_THAT(Prepare(options, {}), StatusIs(absl::StatusCode::kInvalidArgument, "no/broken.wav"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.input + "/no/broken.wav",
                                       *ReadFile(options.input + "/no/1.wav")));
  NIWAKI_ASSERT_OK(Prepare(options, {}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  ASSERT_TRUE(data->metadata().source.has_value());
  const SourceReport& source = *data->metadata().source;
  EXPECT_EQ(source.files, 43);
  EXPECT_EQ(source.used, 42);
  EXPECT_EQ(source.passed_over.at("ending .txt"), 1);
  EXPECT_THAT(source.blank, ElementsAre("yes/quiet.wav"));
  // The tones of both words are the same: 20 under another class, one in its own.
  EXPECT_EQ(source.duplicates, 21);
  EXPECT_EQ(source.duplicates_elsewhere, 20);
  EXPECT_THAT(source.duplicate_files, Contains("yes/3.wav (yes) = no/3.wav (no)"));
  // Dealt apart in some cases.
  EXPECT_GT(source.across_splits, 0);
  EXPECT_THAT(source.across_splits_examples, Each(HasSubstr(".wav (")));
  EXPECT_THAT(DescribePrepared(options.out),
              IsOkAndHolds(AllOf(HasSubstr("files       43: 42 used, 1 passed over, 0 bad"),
                                 HasSubstr("blank       1 example silent"))));
}

TEST(PrepareTest, BlankExamplesAreAnErrorOrLeftOut) {
  PrepareOptions options = WavOptions(WavFolderOnDisk("quiet", {"no"}, 20), "quiet.nwd");
  for (int i = 0; i < 5; ++i) {
    NIWAKI_ASSERT_OK(WriteFileAtomically(absl::StrCat(options.input, "/no/q", i, ".wav"),
                                         FormatWav(std::vector<float>(16000, 0.0f), 16000)));
  }

  EXPECT_THAT(Prepare(options, {}), StatusIs(absl::StatusCode::kInvalidArgument,
                                             "5 of 25 examples are silent or of one colour"));
  EXPECT_FALSE(FileExists(options.out));
  options.skip_bad = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SourceReport report, Prepare(options, {}));

  EXPECT_EQ(report.used, 20);
  EXPECT_EQ(report.bad_files, 5);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  EXPECT_EQ(data->size(Split::kTrain), 10);
}

TEST(PrepareTest, ZeroedBatchOfCifarIsAnError) {
  PrepareOptions options = CifarOptions("zeroed");
  NIWAKI_ASSERT_OK(
      WriteFileAtomically(options.input + "/data_batch_2.bin", std::string(50 * 3073, '\0')));

  EXPECT_THAT(Prepare(options, {}), StatusIs(absl::StatusCode::kInvalidArgument,
                                             "50 of 250 examples are silent or of one colour"));
  std::remove((options.input + "/data_batch_2.bin").c_str());
}

TEST(PrepareTest, ClassesThatASplitLacksAreNamed) {
  PrepareOptions options = WavOptions(WavFolderOnDisk("few", {"no", "yes"}, 20), "few.nwd");
  WavFolderOnDisk("few", {"rare word"}, 1);

  NIWAKI_ASSERT_OK(Prepare(options, {}));

  EXPECT_THAT(DescribePrepared(options.out),
              IsOkAndHolds(AllOf(HasSubstr("without     validation: 1 of 3 classes: \"rare word\""),
                                 HasSubstr("without     test: 1 of 3 classes: \"rare word\""))));
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
