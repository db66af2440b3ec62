#include "libs/data/prepared/data_fit.h"

#include <array>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/prepared/batch.h"

namespace niwaki::data {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Metadata Pictures(std::vector<std::string> classes) {
  Metadata m;
  m.name = "pets";
  m.class_names = std::move(classes);
  m.channels = 1;
  m.height = 2;
  m.width = 1;
  m.mean = {100};
  m.stddev = {50};
  return m;
}

Metadata Words() {
  Metadata m = Pictures({"lamp", "music"});
  m.front_end = LogMelOptions();
  m.height = m.front_end->Frames();
  m.width = m.front_end->mel_bins;
  m.scale = 0.4;
  m.offset = -96;
  return m;
}

TrainedOn Trained(Metadata data) {
  TrainedOn trained;
  trained.data = std::move(data);
  return trained;
}

auto Refused() {
  return HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch);
}

TEST(DataFitTest, SameClassesNeedNothing) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const DataFit fit, FitData(Trained(Pictures({"cat", "dog"})), Pictures({"cat", "dog"}), "x"));

  EXPECT_THAT(fit.labels, IsEmpty());
  EXPECT_THAT(fit.notes, IsEmpty());
}

TEST(DataFitTest, AnotherOrderIsMappedByName) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFit fit, FitData(Trained(Pictures({"cat", "dog", "eel"})),
                                                         Pictures({"eel", "cat", "dog"}), "x.nwd"));

  EXPECT_THAT(fit.labels, ElementsAre(2, 0, 1));
  EXPECT_THAT(fit.notes,
              ElementsAre("x.nwd has the supernet's 3 classes in another order: its labels are "
                          "mapped by name"));
}

TEST(DataFitTest, OtherNamesAreRefusedOnBothSides) {
  const auto fit =
      FitData(Trained(Pictures({"cat", "dog", "eel"})), Pictures({"cat", "emu", "fox"}), "x.nwd");

  EXPECT_THAT(fit, Refused());
  EXPECT_EQ(fit.status().message(),
            "x.nwd has other classes than the supernet was trained on: 'emu' is none of the "
            "supernet's, the supernet's 'dog' is not there");
  EXPECT_EQ(GetErrorDetail(fit.status())->field, "classes");
  EXPECT_EQ(GetErrorDetail(fit.status())->value, "emu");
  EXPECT_EQ(GetErrorDetail(fit.status())->limit, "dog");
}

TEST(DataFitTest, PartOfTheClassesIsRefused) {
  const auto fit = FitData(Trained(Pictures({"cat", "dog", "eel"})), Pictures({"eel", "cat"}), "x");

  EXPECT_THAT(fit, Refused());
  EXPECT_THAT(fit.status().message(),
              HasSubstr("there are 2 of them, the supernet has 3, the supernet's 'dog' is not"));
  EXPECT_THAT(FitData(Trained(Pictures({"cat", "dog"})), Pictures({"eel", "cat", "dog"}), "x"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "'eel' is none of the supernet's"));
}

TEST(DataFitTest, UnknownNamesGoByPositionAndAreSaid) {
  TrainedOn trained = Trained(Pictures(NumberedClasses(2)));
  trained.class_names_known = false;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFit fit,
                              FitData(trained, Pictures({"cat", "dog"}), "x.nwd"));

  EXPECT_THAT(fit.labels, IsEmpty());
  EXPECT_THAT(fit.notes, ElementsAre("the supernet does not say the names of its 2 classes: labels "
                                     "are taken by position, 0 is 'cat'"));
  EXPECT_THAT(
      FitData(trained, Pictures({"cat", "dog", "eel"}), "x.nwd"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "x.nwd has 3 classes, the supernet 2"));
}

// MNIST's classes are called so.
TEST(DataFitTest, NumbersThatAreNamesAreCompared) {
  EXPECT_THAT(FitData(Trained(Pictures({"0", "1"})), Pictures({"cat", "dog"}), "x"), Refused());
}

TEST(DataFitTest, OtherPreparationIsRefusedWithBothValues) {
  struct Case {
    std::string field;
    std::string value;
    std::string limit;
    Metadata data;
    Metadata trained;
  };
  std::vector<Case> cases;
  const auto add = [&cases](const std::string& field, const std::string& value,
                            const std::string& limit, Metadata base, auto change) {
    Metadata changed = base;
    change(changed);
    cases.push_back({field, value, limit, changed, base});
  };
  const Metadata pets = Pictures({"cat", "dog"});
  add("channels", "3", "1", pets, [](Metadata& m) { m.channels = 3; });
  add("element", "float32", "uint8", pets,
      [](Metadata& m) { m.element_type = ElementType::kFloat32; });
  add("height", "9", "2", pets, [](Metadata& m) { m.height = 9; });
  add("width", "8", "1", pets, [](Metadata& m) { m.width = 8; });
  add("front_end.version", "1", "2", Words(), [](Metadata& m) { m.front_end->version = 1; });
  add("kind", "pictures", "log-mel recordings", Words(), [](Metadata& m) { m.front_end.reset(); });
  add("front_end.sample_rate_hz", "8000", "16000", Words(),
      [](Metadata& m) { m.front_end->sample_rate_hz = 8000; });
  add("front_end.clip_samples", "8000", "16000", Words(),
      [](Metadata& m) { m.front_end->clip_samples = 8000; });
  add("front_end.window_samples", "400", "480", Words(),
      [](Metadata& m) { m.front_end->window_samples = 400; });
  add("front_end.stride_samples", "160", "320", Words(),
      [](Metadata& m) { m.front_end->stride_samples = 160; });
  add("front_end.fft_size", "1024", "512", Words(),
      [](Metadata& m) { m.front_end->fft_size = 1024; });
  add("front_end.mel_bins", "64", "40", Words(), [](Metadata& m) { m.front_end->mel_bins = 64; });
  add("front_end.low_hz", "20", "60", Words(), [](Metadata& m) { m.front_end->low_hz = 20; });
  add("front_end.high_hz", "4000", "7600", Words(),
      [](Metadata& m) { m.front_end->high_hz = 4000; });
  add("front_end.floor_db", "-80", "-96", Words(),
      [](Metadata& m) { m.front_end->floor_db = -80; });
  add("scale", "0.5", "0.4", Words(), [](Metadata& m) { m.scale = 0.5; });
  add("offset", "-80", "-96", Words(), [](Metadata& m) { m.offset = -80; });

  for (const Case& c : cases) {
    SCOPED_TRACE(c.field);
    const auto fit = FitData(Trained(c.trained), c.data, "x.nwd");

    ASSERT_THAT(fit, Refused());
    EXPECT_EQ(GetErrorDetail(fit.status())->field, c.field);
    EXPECT_EQ(GetErrorDetail(fit.status())->value, c.value);
    EXPECT_EQ(GetErrorDetail(fit.status())->limit, c.limit);
    EXPECT_THAT(fit.status().message(),
                AllOf(HasSubstr("x.nwd is prepared otherwise"),
                      HasSubstr(c.field + " " + c.value + ", the supernet's " + c.limit)));
  }
}

TEST(DataFitTest, UnknownPreparationIsSaid) {
  TrainedOn trained = Trained(Pictures({"cat", "dog"}));
  trained.preparation_known = false;
  Metadata data = Pictures({"cat", "dog"});
  data.height = 96;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFit fit, FitData(trained, data, "x"));

  EXPECT_THAT(fit.notes, ElementsAre(HasSubstr("size and kind are not compared")));
  data.element_type = ElementType::kFloat32;
  EXPECT_THAT(FitData(trained, data, "x"), Refused());
}

// Two examples for each of three classes.
std::string WriteData(const std::string& name, const std::vector<std::string>& classes,
                      const std::vector<uint16_t>& labels) {
  const std::string path = ::testing::TempDir() + "/" + name;
  Metadata metadata = Pictures(classes);
  metadata.sizes = {0, 0, static_cast<int64_t>(labels.size()), 0};
  SplitColumns columns;
  columns.labels = labels;
  for (size_t i = 0; i < 2 * labels.size(); ++i) columns.examples.push_back(10 * i);
  std::array<SplitView, kSplitCount> views;
  views[static_cast<int>(Split::kValidation)] = columns.View();
  EXPECT_THAT(WritePrepared(path, metadata, views), IsOk());
  return path;
}

TEST(DataFitTest, OpenedDataHasTheLabelsAndTheNormalisationOfTheNetwork) {
  const std::string path = WriteData("permuted.nwd", {"eel", "cat", "dog"}, {0, 1, 2, 1});
  TrainedOn trained = Trained(Pictures({"cat", "dog", "eel"}));
  trained.data.mean = {20};
  trained.data.stddev = {10};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FittedData fitted, OpenFitted(trained, path));

  EXPECT_THAT(fitted.notes, ElementsAre(HasSubstr("mapped by name"),
                                        HasSubstr("by the supernet's mean and deviation")));
  EXPECT_THAT(fitted.data->metadata().class_names, ElementsAre("cat", "dog", "eel"));
  EXPECT_THAT(fitted.data->view(Split::kValidation).labels, ElementsAre(2, 0, 1, 0));
  EXPECT_EQ(fitted.data->label(Split::kValidation, 0), 2);
  std::array<float, 4> values;
  std::array<int64_t, 2> labels;
  NIWAKI_ASSERT_OK(
      FillBatch(*fitted.data, Split::kValidation, {1, 3}, 2, 1, values.data(), labels.data()));
  EXPECT_THAT(values, ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(labels, ElementsAre(0, 0));
}

TEST(DataFitTest, UnlabelledDataMayHaveAnyClasses) {
  const std::string path = WriteData("unlabelled.nwd", {"owl", "fox", "elk"}, {0, 1, 2});
  TrainedOn trained = Trained(Pictures({"cat", "dog"}));
  trained.data.mean = {20};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FittedData fitted, OpenUnlabelled(trained, path));

  EXPECT_THAT(fitted.data->metadata().class_names, ElementsAre("owl", "fox", "elk"));
  EXPECT_THAT(fitted.data->metadata().mean, ElementsAre(20));
  EXPECT_THAT(fitted.data->view(Split::kValidation).labels, ElementsAre(0, 1, 2));
  trained.data.channels = 3;
  EXPECT_THAT(OpenUnlabelled(trained, path), Refused());
}

TEST(DataFitTest, SubsetOfFittedDataKeepsTheMapping) {
  const std::string path = WriteData("whole.nwd", {"dog", "cat"}, {0, 1, 0});
  const std::string part = ::testing::TempDir() + "/part.nwd";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FittedData fitted,
                              OpenFitted(Trained(Pictures({"cat", "dog"})), path));
  NIWAKI_ASSERT_OK(WriteSubset(*fitted.data, SubsetOptions(), part));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto read, PreparedData::Open(part));

  EXPECT_THAT(read->metadata().class_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(read->view(Split::kValidation).labels, ElementsAre(1, 0, 1));
}

TEST(DataFitTest, DataWithoutNamesOfTheNetworkKeepsItsOwn) {
  const std::string path = WriteData("own.nwd", {"dog", "cat"}, {0, 1, 0});
  TrainedOn trained = Trained(Pictures(NumberedClasses(2)));
  trained.class_names_known = false;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FittedData fitted, OpenFitted(trained, path));

  EXPECT_THAT(fitted.data->metadata().class_names, ElementsAre("dog", "cat"));
  EXPECT_THAT(fitted.data->view(Split::kValidation).labels, ElementsAre(0, 1, 0));
}

TEST(DataFitTest, ManyClassesAreShownByTheFirst) {
  EXPECT_EQ(ClassesText({"cat", "dog"}), "cat, dog");
  EXPECT_EQ(ClassesText(NumberedClasses(12)), "0, 1, 2, 3, 4, 5, … (12)");
  EXPECT_EQ(ClassesText({"cat", "dog"}, 12), "cat, dog, … (12)");
}

TEST(DataFitTest, PreparationIsOneLine) {
  EXPECT_EQ(PreparationText(Pictures({"a"})), "1x2x1 uint8 pictures");
  EXPECT_EQ(PreparationText(Words()),
            "log-mel 1x49x40 uint8, 16000 Hz, window 480, stride 320, FFT 512, 40 bins of 60 to "
            "7600 Hz, floor -96 dB, version 2");
}

}  // namespace
}  // namespace niwaki::data
