// A training by several real processes on this machine: the same weights as by one, an agreed stop,
// and what the others do when one is killed.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/ranks/c10d_exchange.h"

namespace niwaki::trainer {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kProgram[] = "services/trainer/niwaki-train";
constexpr char kSpace[] = R"(
    name: "tiny" input_channels: 1 num_classes: 3
    resolutions { value: 8 } resolutions { value: 12 }
    stem { width: 8 }
    stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
    stages { width: 16 stride: 2 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: [2, 3] squeeze_excite: true }
    head {})";
constexpr char kRecipe[] = R"({"batch_size": 32, "shard_size": 8, "dropout": 0.1, "phases": [
    {"name": "full", "epochs": 0.5, "learning_rate": 0.05, "kernel_sizes": "largest",
     "expand_ratios": "largest", "depths": "largest"},
    {"name": "all", "epochs": 0.5, "learning_rate": 0.05, "subnets": 2, "teacher": "full",
     "sort_channels": 0}]})";

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

// One rank; its standard error is read through a pipe.
class Rank {
 public:
  Rank(const std::vector<std::string>& arguments, const std::vector<std::string>& variables) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      for (const std::string& variable : variables) putenv(strdup(variable.c_str()));
      std::vector<char*> argv = {strdup(kProgram)};
      for (const std::string& argument : arguments) argv.push_back(strdup(argument.c_str()));
      argv.push_back(nullptr);
      execv(kProgram, argv.data());
      _exit(127);
    }
    close(ends[1]);
    errors_ = fdopen(ends[0], "r");
  }

  ~Rank() {
    if (!ended_) {
      kill(pid_, SIGKILL);
      Wait();
    }
    std::fclose(errors_);
  }

  void Signal(int signal) { kill(pid_, signal); }

  // Blocks until the rank has printed a line that holds `text`, or has ended.
  bool WaitFor(const std::string& text) {
    char line[4096];
    while (std::fgets(line, sizeof(line), errors_) != nullptr) {
      printed_ += line;
      if (absl::string_view(line).find(text) != absl::string_view::npos) return true;
    }
    return false;
  }

  // Exit code, or minus the signal that killed it.
  int Wait() {
    WaitFor("\n\n no such line");
    int status = 0;
    waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  const std::string& printed() const { return printed_; }

 private:
  pid_t pid_ = 0;
  std::FILE* errors_ = nullptr;
  std::string printed_;
  bool ended_ = false;
};

class RanksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    data::SyntheticOptions data;
    data.classes = 3;
    data.channels = 1;
    data.height = 12;
    data.width = 12;
    data.sizes = {192, 48, 60, 60};
    data.out = Path("ranks.nwd");
    ASSERT_THAT(data::GenerateSynthetic(data), IsOk());
    ASSERT_THAT(WriteFileAtomically(Path("tiny.textproto"), kSpace), IsOk());
    ASSERT_THAT(WriteFileAtomically(Path("tiny.json"), kRecipe), IsOk());
  }

  // `world` processes of one training, which meet at a port of this test's.
  std::vector<std::unique_ptr<Rank>> Start(int world, const std::string& out,
                                           const std::vector<std::string>& more) {
    auto meeting = train::MeetingPoint::Listen();
    EXPECT_THAT(meeting.status(), IsOk());
    meetings_.push_back(*std::move(meeting));
    std::vector<std::string> arguments = {"--space",
                                          Path("tiny.textproto"),
                                          "--recipe",
                                          Path("tiny.json"),
                                          "--data",
                                          Path("ranks.nwd"),
                                          "--out",
                                          out,
                                          "--threads",
                                          "1",
                                          "--rank-timeout-seconds",
                                          "120"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<std::unique_ptr<Rank>> ranks;
    for (int rank = 0; rank < world; ++rank) {
      ranks.push_back(std::make_unique<Rank>(
          arguments,
          std::vector<std::string>{absl::StrCat("RANK=", rank), absl::StrCat("WORLD_SIZE=", world),
                                   "MASTER_ADDR=127.0.0.1",
                                   absl::StrCat("MASTER_PORT=", meetings_.back()->port()),
                                   "TORCHELASTIC_USE_AGENT_STORE=True"}));
    }
    return ranks;
  }

  static std::vector<int> WaitAll(std::vector<std::unique_ptr<Rank>>& ranks) {
    std::vector<int> codes;
    for (auto& rank : ranks) {
      codes.push_back(rank->Wait());
      if (codes.back() != 0) std::printf("%s\n", rank->printed().c_str());
    }
    return codes;
  }

 private:
  std::vector<std::unique_ptr<train::MeetingPoint>> meetings_;
};

TEST_F(RanksTest, TwoAndFourProcessesTrainTheWeightsOfOne) {
  std::vector<std::string> files;
  for (const int world : {1, 2, 4}) {
    const std::string out = Path(absl::StrCat("world", world, ".safetensors"));
    auto ranks = Start(world, out, {});
    EXPECT_THAT(WaitAll(ranks), AllOf(SizeIs(world), Each(0)));
    NIWAKI_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(out));
    files.push_back(std::move(bytes));
  }

  EXPECT_TRUE(files[1] == files[0]) << "2 processes";
  EXPECT_TRUE(files[2] == files[0]) << "4 processes";
}

TEST_F(RanksTest, StopOfOneStopsAllAndAnyNumberGoesOn) {
  const std::string whole = Path("stop_whole.safetensors");
  auto alone = Start(1, whole, {"--epochs", "4"});
  ASSERT_THAT(WaitAll(alone), Each(0));
  const std::string out = Path("stop.safetensors");
  auto ranks = Start(2, out, {"--epochs", "4"});
  ASSERT_TRUE(ranks[0]->WaitFor("  1/"));
  ranks[1]->Signal(SIGTERM);

  EXPECT_THAT(WaitAll(ranks), Each(130));
  auto more = Start(4, out, {"--resume"});
  EXPECT_THAT(WaitAll(more), Each(0));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string expected, ReadFile(whole));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string resumed, ReadFile(out));
  EXPECT_TRUE(resumed == expected);
}

TEST_F(RanksTest, KilledRankEndsTheOthersAndLeavesTheCheckpointWhole) {
  const std::string out = Path("killed.safetensors");
  const std::vector<std::string> long_training = {"--epochs", "100000"};
  auto begun = Start(3, out, long_training);
  ASSERT_TRUE(begun[0]->WaitFor("  1/"));
  begun[2]->Signal(SIGTERM);
  ASSERT_THAT(WaitAll(begun), Each(130));
  auto ranks = Start(3, out, {"--resume"});
  ASSERT_TRUE(ranks[0]->WaitFor("train "));

  ranks[1]->Signal(SIGKILL);

  EXPECT_THAT(WaitAll(ranks), ::testing::ElementsAre(5, -SIGKILL, 5));
  for (const int survivor : {0, 2}) {
    EXPECT_THAT(ranks[survivor]->printed(),
                HasSubstr(absl::StrCat("rank ", survivor, " of 3 lost the others")));
  }
  EXPECT_THAT(train::LoadSupernet(out + ".checkpoint").status(), IsOk());
  EXPECT_FALSE(FileExists(out));
}

TEST_F(RanksTest, MoreProcessesThanShardsAreRefused) {
  ASSERT_THAT(WriteFileAtomically(Path("tiny.json"), R"({"batch_size": 32, "shard_size": 32})"),
              IsOk());

  auto ranks = Start(2, Path("shards.safetensors"), {});

  EXPECT_THAT(WaitAll(ranks), Each(2));
  EXPECT_THAT(ranks[0]->printed(),
              HasSubstr("a batch of 32 in shards of 32 gives work to 1 processes"));
}

TEST_F(RanksTest, MalformedEnvironmentIsNamed) {
  Rank rank({"--space", "kws", "--data", Path("ranks.nwd"), "--out", Path("none")},
            {"WORLD_SIZE=two", "RANK=0"});

  EXPECT_EQ(rank.Wait(), 2);
  EXPECT_THAT(rank.printed(), HasSubstr("environment variable WORLD_SIZE 'two' is not a number"));
}

}  // namespace
}  // namespace niwaki::trainer
