#include "services/trainer/run.h"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"

namespace niwaki::trainer {
namespace {

using ::testing::HasSubstr;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

int RunWith(std::vector<std::string> arguments, std::string* output = nullptr) {
  std::vector<const char*> argv = {"niwaki-train"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  ::testing::internal::CaptureStdout();
  const int code = Run(static_cast<int>(argv.size()), argv.data(), Clock::Real());
  const std::string captured = ::testing::internal::GetCapturedStdout();
  if (output != nullptr) *output = captured;
  return code;
}

// Three classes of keyword-shaped examples; the file's path.
std::string MakeData(const std::string& name, uint64_t seed = 1) {
  data::SyntheticOptions data;
  data.classes = 3;
  data.channels = 1;
  data.height = 49;
  data.width = 40;
  // Not a whole number of batches.
  data.sizes = {70, 32, 32, 32};
  data.seed = seed;
  data.out = Path(name);
  EXPECT_THAT(data::GenerateSynthetic(data), IsOk());
  return data.out;
}

TEST(RunTest, TrainsThenEvaluates) {
  const std::string data = MakeData("run.nwd");
  const std::string supernet = Path("run.safetensors");
  std::string trained, evaluated;

  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--epochs", "1",
                     "--output", "json"},
                    &trained),
            0);
  ASSERT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", data, "--subnet", "smallest",
                     "--output", "json"},
                    &evaluated),
            0);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json summary, ParseJson(trained, "summary"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json score, ParseJson(evaluated, "score"));
  EXPECT_EQ(summary["test"]["smallest"]["loss"], score["loss"]);
  EXPECT_EQ(score["images"], 32);
}

// The data of `path` with its classes in the reverse order, named `names`; the file's path.
std::string Reversed(const std::string& path, const std::string& name,
                     const std::vector<std::string>& names) {
  const auto data = data::PreparedData::Open(path);
  EXPECT_THAT(data, IsOk());
  data::Metadata metadata = (*data)->metadata();
  metadata.class_names = names;
  std::array<data::SplitColumns, data::kSplitCount> columns;
  std::array<data::SplitView, data::kSplitCount> views;
  for (int s = 0; s < data::kSplitCount; ++s) {
    const data::SplitView& view = (*data)->view(static_cast<data::Split>(s));
    for (const uint16_t label : view.labels) {
      columns[s].labels.push_back(static_cast<uint16_t>(names.size() - 1 - label));
    }
    views[s] = {view.examples, columns[s].labels, view.groups};
  }
  EXPECT_THAT(data::WritePrepared(Path(name), metadata, views), IsOk());
  return Path(name);
}

TEST(RunTest, ClassesAreComparedByName) {
  const std::string data = MakeData("ordered.nwd");
  const std::string supernet = Path("ordered.safetensors");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--epochs", "12",
                     "--subnet", "smallest"}),
            0);
  const auto evaluate = [&](const std::string& on, std::string* score) {
    return RunWith({"evaluate", "--supernet", supernet, "--data", on, "--output", "json"}, score);
  };
  std::string ordered, reversed;
  ASSERT_EQ(evaluate(data, &ordered), 0);

  // The same examples under the same names, by other numbers.
  ::testing::internal::CaptureStderr();
  ASSERT_EQ(evaluate(Reversed(data, "reversed.nwd", {"class2", "class1", "class0"}), &reversed), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("has the supernet's 3 classes in another order: its labels are mapped by "
                        "name"));
  EXPECT_EQ(reversed, ordered);

  // Labels that name something else.
  std::string refused;
  EXPECT_EQ(evaluate(Reversed(data, "other_names.nwd", {"class0", "class1", "dog"}), &refused), 4);
  EXPECT_THAT(refused,
              HasSubstr("'dog' is none of the supernet's, the supernet's 'class2' is not there"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(RunWith({"compare", "--supernet", supernet, "--data", Path("other_names.nwd"), "--out",
                     Path("compared_names")}),
            4);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("'dog'"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(RunWith({"export", "--supernet", supernet, "--data", Path("other_names.nwd"), "--out",
                     Path("exported_names")}),
            4);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("'dog'"));
}

TEST(RunTest, PreparationIsCompared) {
  const std::string data = MakeData("prepared.nwd");
  const std::string supernet = Path("prepared.safetensors");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--minutes", "0.001"}),
            0);
  data::SyntheticOptions other;
  other.classes = 3;
  other.channels = 1;
  other.height = 25;
  other.width = 40;
  other.out = Path("prepared_otherwise.nwd");
  ASSERT_THAT(data::GenerateSynthetic(other), IsOk());

  ::testing::internal::CaptureStderr();
  EXPECT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", other.out}), 4);

  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("height 25, the supernet's 49"));
}

TEST(RunTest, OneNetworkTrainsAlone) {
  const std::string data = MakeData("alone.nwd");
  const std::string alone = Path("alone.safetensors");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", alone, "--epochs", "1", "--subnet",
                     "smallest"}),
            0);
  std::string recalibrated, kept;

  ASSERT_EQ(
      RunWith({"evaluate", "--supernet", alone, "--data", data, "--output", "json"}, &recalibrated),
      0);
  ASSERT_EQ(RunWith({"evaluate", "--supernet", alone, "--data", data, "--statistics", "kept",
                     "--output", "json"},
                    &kept),
            0);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json a, ParseJson(recalibrated, "score"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json b, ParseJson(kept, "score"));
  EXPECT_EQ(a["macs"], b["macs"]);
  EXPECT_NE(a["loss"], b["loss"]);
}

TEST(RunTest, ComparesSubnetsWithNetworksTrainedAlone) {
  const std::string data = MakeData("compare.nwd");
  const std::string supernet = Path("compare.safetensors");
  const std::string folder = Path("compared");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--epochs", "1"}), 0);
  const std::vector<std::string> compare = {"compare", "--supernet", supernet, "--data",
                                            data,      "--out",      folder,   "--subnets",
                                            "2",       "--output",   "json"};
  std::string compared, again, alone, subnet;

  ASSERT_EQ(RunWith(compare, &compared), 0);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string first,
                              ReadFile(folder + "/alone-1.supernet.safetensors"));

  // The same command trains nothing again and says the same.
  ASSERT_THAT(WriteFileAtomically(folder + "/alone-1.supernet.safetensors.log.jsonl", ""), IsOk());
  ASSERT_EQ(RunWith(compare, &again), 0);
  EXPECT_EQ(again, compared);
  EXPECT_EQ(*ReadFile(folder + "/alone-1.supernet.safetensors.log.jsonl"), "");
  EXPECT_EQ(*ReadFile(folder + "/comparison.json"), compared);

  // Its rows are what the commands for one network say.
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(compared, "comparison"));
  ASSERT_EQ(json["subnets"].size(), 2);
  EXPECT_EQ(json["epochs"], 1);
  ASSERT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", data, "--subnet", "smallest",
                     "--output", "json"},
                    &subnet),
            0);
  EXPECT_EQ(ParseJson(subnet, "score")->at("loss"), json["subnets"][0]["supernet_loss"]);
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", Path("one.safetensors"), "--epochs",
                     "1", "--subnet", "smallest", "--output", "json"},
                    &alone),
            0);
  EXPECT_EQ(ParseJson(alone, "summary")->at("test").at("largest").at("loss"),
            json["subnets"][0]["alone_loss"]);
  const double mean = (json["subnets"][0]["supernet_top1"].get<double>() -
                       json["subnets"][0]["alone_top1"].get<double>() +
                       json["subnets"][1]["supernet_top1"].get<double>() -
                       json["subnets"][1]["alone_top1"].get<double>()) /
                      2;
  EXPECT_NEAR(json["mean_difference"].get<double>(), mean, 1e-12);

  // Another comparison keeps away from its files.
  std::vector<std::string> longer = compare;
  longer.insert(longer.end(), {"--epochs", "2"});
  EXPECT_EQ(RunWith(longer), 4);
  EXPECT_EQ(*ReadFile(folder + "/alone-1.supernet.safetensors"), first);

  // Other data than the supernet's compares nothing.
  EXPECT_EQ(RunWith({"compare", "--supernet", supernet, "--data", MakeData("other.nwd", 2), "--out",
                     Path("elsewhere")}),
            4);
  EXPECT_FALSE(FileExists(Path("elsewhere")));
}

// A keyword model is neither square nor has it three channels.
TEST(RunTest, ExportKeepsTheShapeOfTheInput) {
  data::SyntheticOptions data;
  data.channels = 1;
  data.height = 49;
  data.width = 40;
  data.out = Path("export.nwd");
  ASSERT_THAT(data::GenerateSynthetic(data), IsOk());
  const std::string supernet = Path("export.safetensors");
  ASSERT_EQ(
      RunWith({"--space", "kws", "--data", data.out, "--out", supernet, "--minutes", "0.001"}), 0);

  EXPECT_EQ(
      RunWith({"export", "--supernet", supernet, "--data", data.out, "--out", Path("folder")}), 0);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string config, ReadFile(Path("folder/net.config")));
  EXPECT_THAT(config, HasSubstr("\"in_channels\": 1"));
}

TEST(RunTest, Int8FollowsFloat) {
  const std::string data = MakeData("int8.nwd");
  const std::string supernet = Path("int8.safetensors");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--epochs", "12"}), 0);
  std::string table, one;
  ASSERT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", data, "--int8", "--ladder", "2",
                     "--output", "json"},
                    &table),
            0);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json rows, ParseJson(table, "stdout"));
  ASSERT_EQ(rows.size(), 2);
  for (const Json& row : rows) {
    EXPECT_EQ(row["int8"]["images"], 32);
    // 32 images: two of them may fall on the other side.
    EXPECT_NEAR(row["int8"]["top1"].get<double>(), row["top1"].get<double>(), 0.07) << row;
  }
  // The rows are those of single evaluations.
  ASSERT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", data, "--int8", "--subnet",
                     "smallest", "--output", "json"},
                    &one),
            0);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json smallest, ParseJson(one, "stdout"));
  EXPECT_EQ(smallest, rows[0]);
}

TEST(RunTest, EqualKeysGiveEqualFiles) {
  const std::string data = MakeData("keys.nwd");
  const std::string supernet = Path("keys.safetensors");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--epochs", "1"}), 0);
  const auto quantise = [&](const std::string& name, const std::string& threads,
                            const std::string& images, std::string* record) {
    EXPECT_EQ(RunWith({"quantise", "--supernet", supernet, "--data", data, "--subnet", "smallest",
                       "--out", Path(name), "--record", Path(name + ".json"), "--threads", threads,
                       "--calibration-images", images, "--output", "json"},
                      record),
              0);
    const auto file = ReadFile(Path(name));
    EXPECT_THAT(file, IsOk());
    return file.value_or("");
  };
  std::string record, other_record;
  const std::string file = quantise("one.tflite", "1", "0", &record);
  EXPECT_EQ(quantise("again.tflite", "1", "0", &other_record), file);
  EXPECT_EQ(other_record, record);
  EXPECT_EQ(quantise("four.tflite", "4", "0", &other_record), file);
  EXPECT_EQ(other_record, record);
  EXPECT_NE(quantise("fewer.tflite", "1", "3", &other_record), file);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json parts, ParseJson(record, "record"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json others, ParseJson(other_record, "record"));
  EXPECT_NE(others["key"], parts["key"]);
  EXPECT_THAT(ReadFile(Path("one.tflite.json")), IsOkAndHolds(record));
  EXPECT_EQ(parts["calibration"]["images"], 32);
  EXPECT_EQ(parts["trained_on"]["data"]["classes"].size(), 3) << parts;
  EXPECT_EQ(parts["input"]["height"], 25);
  EXPECT_EQ(parts["output"]["channels"], 3);
}

TEST(RunTest, QuantisationNamesWhatIsWrong) {
  const std::string data = MakeData("bad_int8.nwd");
  const std::string supernet = Path("bad_int8.safetensors");
  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", supernet, "--epochs", "1"}), 0);
  data::SyntheticOptions empty;
  empty.classes = 3;
  empty.channels = 1;
  empty.height = 49;
  empty.width = 40;
  empty.sizes = {8, 0, 8, 8};
  empty.out = Path("no_calibration.nwd");
  ASSERT_THAT(data::GenerateSynthetic(empty), IsOk());
  std::string message;
  EXPECT_EQ(RunWith({"quantise", "--supernet", supernet, "--data", empty.out, "--out",
                     Path("none.tflite"), "--output", "json"},
                    &message),
            4);
  EXPECT_THAT(message, HasSubstr("the calibration split is empty"));
  EXPECT_FALSE(FileExists(Path("none.tflite")));
  EXPECT_EQ(RunWith({"quantise", "--supernet", supernet, "--data", data, "--out",
                     Path("no/such/folder/x.tflite"), "--output", "json"}),
            3);
  EXPECT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", data, "--int8", "--ranges",
                     "percentile", "--percentile", "99.9", "--output", "json"},
                    &message),
            2);
  EXPECT_THAT(message, HasSubstr("percentile is 99.9; it must be above 0 and at most 1"));
}

TEST(RunTest, ExitCodesTellTheKindOfFailure) {
  EXPECT_EQ(RunWith({"--help"}), 0);
  EXPECT_EQ(RunWith({"--nonsense"}), 2);
  EXPECT_EQ(RunWith({"--space", "kws", "--data", Path("none.nwd"), "--out", Path("o")}), 3);
}

TEST(RunTest, ErrorsInJsonAreThoseOfNiwaki) {
  std::string missing, wrong;

  EXPECT_EQ(RunWith({"evaluate", "--supernet", Path("none"), "--data", "d", "--output", "json"},
                    &missing),
            3);
  EXPECT_EQ(RunWith({"--space", "kws", "--seed", "-1", "--output=json"}, &wrong), 2);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json not_found, ParseJson(missing, "stdout"));
  EXPECT_EQ(not_found["error"]["code"], "NOT_FOUND");
  EXPECT_EQ(not_found["error"]["reason"], "FILE_UNKNOWN");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json usage, ParseJson(wrong, "stdout"));
  EXPECT_EQ(usage["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_THAT(usage["error"]["message"].get<std::string>(),
              ::testing::HasSubstr("--seed: '-1' is not a whole number from 0 to"));
}

TEST(RunTest, OutputThatCannotBeWrittenIsSaidBeforeTheTraining) {
  const std::string data = MakeData("outputs.nwd");
  const auto train_to = [&](const std::string& out) {
    // So long that the test would never end.
    return RunWith({"--space", "kws", "--data", data, "--out", out, "--epochs", "1000000"});
  };

  EXPECT_EQ(train_to(Path("no/such/folder/out")), 3);
  EXPECT_EQ(train_to(::testing::TempDir()), 2);
  EXPECT_EQ(train_to("/dev/full"), 1);
  EXPECT_FALSE(FileExists("/dev/full.log.jsonl"));
}

TEST(RunTest, DeviceGetsTheSupernetAndNothingBesideIt) {
  const std::string data = MakeData("null.nwd");
  std::string trained;

  ASSERT_EQ(RunWith({"--space", "kws", "--data", data, "--out", "/dev/null", "--epochs", "1",
                     "--output", "json"},
                    &trained),
            0);

  EXPECT_FALSE(FileExists("/dev/null.log.jsonl"));
  EXPECT_FALSE(FileExists("/dev/null.checkpoint"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json summary, ParseJson(trained, "summary"));
  EXPECT_EQ(summary["digest"].get<std::string>().size(), 64);
}

}  // namespace
}  // namespace niwaki::trainer
