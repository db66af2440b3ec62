// `niwaki data prepare` on folders as people have them: every file is accounted for.

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/wav.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/run_command.h"

namespace niwaki::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A tone of `hz` in a recording of 1 s.
std::string Tone(double hz) {
  std::vector<float> samples(16000);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = 0.3 * std::sin(6.2832 * hz * i / 16000);
  return data::FormatWav(samples, 16000);
}

class CommandDataTest : public ::testing::Test {
 protected:
  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    out_.str("");
    arguments.insert(arguments.begin(), "data");
    return RunCommand(AddDataCommand, std::move(arguments), json, out_, err_);
  }

  std::vector<std::string> Prepare(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"prepare", "--format", "wav",    "--input",
                                          root_,     "--out",    out_file_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Json OutJson() const {
    const auto json = ParseJson(out_.str(), "stdout");
    EXPECT_THAT(json, IsOk()) << out_.str();
    return json.ok() ? *json : Json();
  }

  void Make(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(root_, "/", name);
    NIWAKI_ASSERT_OK(MakeFolders(path.substr(0, path.rfind('/'))));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, content));
  }

  // `count` different tones of a class.
  void MakeTones(const std::string& folder, int count) {
    for (int i = 0; i < count; ++i) {
      Make(absl::StrCat(folder, "/", i, ".wav"), Tone(200 + 7 * ++tones_));
    }
  }

  // What people keep beside their recordings, and mistakes.
  void MakeMixedFolder() {
    MakeTones("no", 30);
    MakeTones("yes/2023/may", 30);
    MakeTones("_unknown_", 30);
    Make("yes/_DSC0002.WAV", Tone(3001));
    Make("yes/copy.wav", Tone(3001));
    Make("no/without_ending", Tone(3002));
    Make("no/.hidden.wav", Tone(3003));
    Make(".git/objects/1", "x");
    Make("no/Thumbs.db", "x");
    Make("no/notes.txt", "x");
    Make("README.md", "x");
    Make("_background_noise_/hum.wav", Tone(50));
    Make("no/empty.wav", "");
    Make("no/cut.wav", Tone(3004).substr(0, 20));
    Make("yes/song.mp3", "ID3 and music");
    fs::create_symlink("nowhere.wav", root_ + "/yes/link.wav");
    fs::create_symlink("circle.wav", root_ + "/yes/circle.wav");
    fs::create_directory_symlink("..", root_ + "/yes/up");
    ASSERT_EQ(mkfifo((root_ + "/yes/pipe.wav").c_str(), 0600), 0);
    NIWAKI_ASSERT_OK(MakeFolders(root_ + "/nothing"));
  }

  int64_t FilesOnDisk() const {
    int64_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      count += entry.is_symlink() || !entry.is_directory();
    }
    return count;
  }

  const std::string base_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  const std::string root_ = base_ + "/recordings";
  const std::string out_file_ = base_ + "/out.nwd";
  int tones_ = 0;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandDataTest, MixedFolderIsAccountedForToTheLastFile) {
  MakeMixedFolder();

  NIWAKI_ASSERT_OK(Run(Prepare({"--skip-bad"}), /*json=*/true));

  const Json json = OutJson();
  const Json& source = json["source"];
  int64_t passed_over = 0;
  for (const auto& [reason, count] : source["passed_over"].items()) {
    passed_over += count.get<int64_t>();
  }
  EXPECT_EQ(source["files"].get<int64_t>(), FilesOnDisk());
  EXPECT_EQ(source["files"].get<int64_t>(),
            source["used"].get<int64_t>() + passed_over + source["bad"].get<int64_t>());
  // 90 tones, three more, and the noise.
  EXPECT_EQ(source["used"].get<int>(), 94);
  std::map<std::string, std::string> bad;
  for (const Json& item : source["bad_files"]) bad[item["file"]] = item["problem"];
  EXPECT_EQ(bad.size(), 5);
  for (const char* name :
       {"no/cut.wav", "no/empty.wav", "yes/circle.wav", "yes/link.wav", "yes/song.mp3"}) {
    EXPECT_EQ(bad.count(name), 1) << name;
  }
  EXPECT_EQ(source["passed_over"]["hidden (a name begins with a dot)"], 2);
  EXPECT_EQ(source["passed_over"]["ending .db"], 1);
  EXPECT_EQ(source["passed_over"]["ending .txt"], 1);
  EXPECT_EQ(source["passed_over"]["outside the folders of classes"], 1);
  EXPECT_EQ(source["passed_over"]["link to a folder that is read elsewhere"], 1);
  EXPECT_EQ(source["passed_over"]["no regular file (a pipe, a socket or a device)"], 1);
  EXPECT_EQ(source["duplicates"], 1);
  EXPECT_EQ(json["metadata"]["classes"], Json({"_unknown_", "no", "yes", "silence"}));
  EXPECT_EQ(json["metadata"]["source"]["files"], source["files"]);
}

TEST_F(CommandDataTest, SummaryForPeopleHasTheSameFigures) {
  MakeMixedFolder();

  NIWAKI_ASSERT_OK(Run(Prepare({"--skip-bad"})));
  const std::string prepared = out_.str();
  NIWAKI_ASSERT_OK(Run({"info", out_file_}));

  EXPECT_THAT(prepared, AllOf(HasSubstr("files       106: 94 used, 7 passed over, 5 bad"),
                              HasSubstr("bad         no/empty.wav: empty file"),
                              HasSubstr("note        1 folder is empty: nothing"),
                              HasSubstr("became 1 clips of the class silence")));
  EXPECT_EQ(out_.str(), prepared);
}

TEST_F(CommandDataTest, BadFilesAreAllNamedAndNothingIsMade) {
  MakeMixedFolder();

  const absl::Status status = Run(Prepare());

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "5 of 106 files and 1 folder"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "--skip-bad"));
  EXPECT_EQ(GetErrorItems(status).size(), 6);
  EXPECT_FALSE(FileExists(out_file_));
}

TEST_F(CommandDataTest, FiftyClassesOfTwentyWorkWithDefaultShares) {
  for (int c = 0; c < 50; ++c) MakeTones(absl::StrCat("c", c), 20);

  NIWAKI_ASSERT_OK(Run(Prepare(), /*json=*/true));

  const Json json = OutJson();
  EXPECT_EQ(json["metadata"]["splits"],
            (Json{{"train", 780}, {"calibration", 20}, {"validation", 100}, {"test", 100}}));
  EXPECT_EQ(json["classes_without"]["calibration"].size(), 30);
  EXPECT_FALSE(json["classes_without"].contains("test"));
}

TEST_F(CommandDataTest, ListsOfSpeechCommandsMayBeIgnored) {
  MakeTones("no", 20);
  MakeTones("yes", 20);
  Make("validation_list.txt", "no/0.wav\nyes/1.wav\n");

  NIWAKI_ASSERT_OK(Run(Prepare(), /*json=*/true));
  const Json followed = OutJson();
  NIWAKI_ASSERT_OK(Run(Prepare({"--splits", "shares"}), /*json=*/true));

  EXPECT_EQ(followed["metadata"]["splits"]["validation"], 2);
  EXPECT_EQ(OutJson()["metadata"]["splits"]["validation"], 4);
}

TEST_F(CommandDataTest, WordsOfOptionsAreChecked) {
  MakeTones("no", 20);

  EXPECT_THAT(Run(Prepare({"--windows", "middle"})),
              StatusIs(absl::StatusCode::kInvalidArgument, "--windows"));
  EXPECT_THAT(Run(Prepare({"--max-blank-share", "2"})),
              StatusIs(absl::StatusCode::kInvalidArgument, "--max-blank-share is 2"));
  NIWAKI_ASSERT_OK(Run(Prepare({"--windows", "all", "--groups", "ignore", "--background-noise",
                                "ignore", "--max-blank-share", "0"})));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("windows: all"), Not(HasSubstr("bad   "))));
}

TEST_F(CommandDataTest, LongRecordingIsMadeOfAFolderOfClips) {
  MakeTones("no", 3);
  MakeTones("unknown", 3);
  const std::string wav = root_ + ".long.wav";
  const std::vector<std::string> arguments = {
      "make-stream",       "--clips",   root_, "--out",  wav, "--labels",
      root_ + ".long.txt", "--minutes", "0.5", "--seed", "3"};
  NIWAKI_ASSERT_OK(Run(arguments, /*json=*/true));
  const Json made = OutJson();
  EXPECT_EQ(made["seconds"], 30.0);
  EXPECT_EQ(made["file"], wav);
  EXPECT_GT(made["labelled"], 0);
  EXPECT_GT(made["clips"], made["labelled"]);
  std::vector<std::string> nothing = arguments;
  nothing[2] = root_ + "/nowhere";
  EXPECT_FALSE(Run(nothing).ok());
}

}  // namespace
}  // namespace niwaki::cli
