// What every program owes to those who start it: output that is lost is an error, a reader that
// leaves is none, the terminal's end and Ctrl-C are orderly, and nohup holds.

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"

namespace niwaki::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kNiwaki[] = "services/cli/niwaki";
constexpr char kTrain[] = "services/trainer/niwaki-train";
constexpr char kCoordinator[] = "services/coordinator/niwaki-coordinator";
constexpr char kOracle[] = "services/oracle/niwaki-oracle";
constexpr char kBoards[] = "services/boards/niwaki-boards";
constexpr char kFakeWorker[] = "services/worker/fake_worker";

constexpr char kSpace[] = R"(
    name: "tiny" input_channels: 1 num_classes: 3
    resolutions { value: 8 }
    stem { width: 8 }
    stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
    head {})";
constexpr char kRecipe[] = R"({"batch_size": 32, "shard_size": 8, "phases": [
    {"name": "full", "epochs": 1, "learning_rate": 0.05}]})";

std::string NameOf(const std::string& program) { return program.substr(program.rfind('/') + 1); }

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

struct How {
  // -1: what is printed is kept.
  int out = -1;
  int err = -1;
  std::vector<std::string> variables;
  std::vector<int> ignored_signals;
};

// A program that runs; killed with its object.
class Program {
 public:
  Program(const std::string& program, const std::vector<std::string>& arguments, How how = {})
      : out_path_(Path(NewUuid())), err_path_(Path(NewUuid())) {
    pid_ = fork();
    if (pid_ != 0) return;
    dup2(how.out >= 0 ? how.out : open(out_path_.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    dup2(how.err >= 0 ? how.err : open(err_path_.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    for (const int number : {SIGINT, SIGHUP, SIGPIPE}) signal(number, SIG_DFL);
    for (const int number : how.ignored_signals) signal(number, SIG_IGN);
    for (const std::string& variable : how.variables) putenv(strdup(variable.c_str()));
    std::vector<char*> argv = {strdup(program.c_str())};
    for (const std::string& argument : arguments) argv.push_back(strdup(argument.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    _exit(127);
  }

  ~Program() {
    if (ended_) return;
    kill(pid_, SIGKILL);
    Wait();
  }

  void Signal(int number) { kill(pid_, number); }

  // Exit code, or minus the signal that killed it.
  int Wait() {
    if (ended_) return code_;
    int status = 0;
    waitpid(pid_, &status, 0);
    ended_ = true;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return code_;
  }

  std::string out() { return ReadFile(out_path_).value_or(""); }
  std::string err() { return ReadFile(err_path_).value_or(""); }

 private:
  const std::string out_path_;
  const std::string err_path_;
  pid_t pid_ = 0;
  bool ended_ = false;
  int code_ = 0;
};

// Both ends of a pipe.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  int writer() const { return ends_[1]; }
  void CloseReader() { Close(ends_[0]); }
  void CloseWriter() { Close(ends_[1]); }

  // Reads until `text` has come, or the last writer is gone; false then.
  bool WaitFor(const std::string& text) {
    char byte;
    while (!absl::StrContains(read_, text)) {
      if (read(ends_[0], &byte, 1) != 1) return false;
      read_ += byte;
    }
    return true;
  }
  const std::string& text() const { return read_; }

 private:
  static void Close(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }

  int ends_[2] = {-1, -1};
  std::string read_;
};

class EveryProgramTest : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryProgramTest, FullOutputIsAnErrorThatIsSaid) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  How how;
  how.out = full;

  Program program(GetParam(), {"--help"}, how);

  EXPECT_EQ(program.Wait(), 1);
  EXPECT_EQ(program.err(),
            absl::StrCat(NameOf(GetParam()), ": standard output: No space left on device\n"));
  close(full);
}

TEST_P(EveryProgramTest, ReaderThatLeavesIsNoFailure) {
  Pipe pipe;
  pipe.CloseReader();
  How how;
  how.out = pipe.writer();

  Program program(GetParam(), {"--help"}, how);

  EXPECT_EQ(program.Wait(), 0);
  EXPECT_THAT(program.err(), IsEmpty());
}

TEST_P(EveryProgramTest, NumbersThatDoNotFitNameTheirLimits) {
  const std::string name = NameOf(GetParam());
  const std::vector<std::string> arguments =
      name == "niwaki"               ? std::vector<std::string>{"up", "--workers", "99999999999"}
      : name == "niwaki-train"       ? std::vector<std::string>{"--seed", "-1"}
      : name == "niwaki-coordinator" ? std::vector<std::string>{"--max-strikes", "99999999999"}
      : name == "niwaki-oracle"      ? std::vector<std::string>{"--max-message-mb", "-1"}
      : name == "niwaki-boards"      ? std::vector<std::string>{"--drain-timeout", "99999999"}
                                     : std::vector<std::string>{"--max-candidates", "1025"};

  Program program(GetParam(), arguments);

  EXPECT_EQ(program.Wait(), 2);
  EXPECT_THAT(program.err(), AllOf(HasSubstr(name), HasSubstr(arguments[arguments.size() - 2]),
                                   HasSubstr(arguments.back()), HasSubstr(" to ")));
}

INSTANTIATE_TEST_SUITE_P(All, EveryProgramTest,
                         ::testing::Values(kNiwaki, kTrain, kCoordinator, kOracle, kBoards,
                                           kFakeWorker));

TEST(ServerSignalsTest, HangUpEndsAServerUnlessItIsIgnored) {
  for (const bool ignored : {false, true}) {
    Pipe pipe;
    How how;
    how.out = pipe.writer();
    if (ignored) how.ignored_signals = {SIGHUP};
    Program program(
        kCoordinator,
        {"--listen", "127.0.0.1:0", "--data-dir", Path(NewUuid()), "--oracle", "127.0.0.1:1"}, how);
    pipe.CloseWriter();
    ASSERT_TRUE(pipe.WaitFor("listening on")) << program.err();

    program.Signal(SIGHUP);
    if (ignored) program.Signal(SIGTERM);

    EXPECT_EQ(program.Wait(), 0);
    EXPECT_THAT(program.err(),
                HasSubstr(absl::StrCat("shutting_down signal=", ignored ? SIGTERM : SIGHUP)));
  }
}

TEST(ServerOutputTest, AnnouncementThatIsLostIsAnError) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  How how;
  how.out = full;

  Program program(kOracle, {"--listen", "127.0.0.1:0", "--db", Path(NewUuid())}, how);

  EXPECT_EQ(program.Wait(), 1);
  EXPECT_THAT(program.err(), HasSubstr("niwaki-oracle: standard output: No space left on device"));
  close(full);
}

// A tiny supernet, and its data.
class TrainingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    data::SyntheticOptions data;
    data.classes = 3;
    data.channels = 1;
    data.height = 8;
    data.width = 8;
    data.sizes = {192, 48, 60, 60};
    data.out = Data();
    ASSERT_THAT(data::GenerateSynthetic(data), IsOk());
    ASSERT_THAT(WriteFileAtomically(Path("tiny.textproto"), kSpace), IsOk());
    ASSERT_THAT(WriteFileAtomically(Path("tiny.json"), kRecipe), IsOk());
    Program program(kTrain, Arguments(Supernet(), "1"));
    ASSERT_EQ(program.Wait(), 0) << program.err();
  }

  static std::string Data() { return Path("tiny.nwd"); }
  static std::string Supernet() { return Path("tiny.safetensors"); }

  static std::vector<std::string> Arguments(const std::string& out, const std::string& epochs) {
    return {"--space",   Path("tiny.textproto"),
            "--recipe",  Path("tiny.json"),
            "--data",    Data(),
            "--out",     out,
            "--epochs",  epochs,
            "--threads", "1"};
  }

  // A training that takes for ever, from its first step on.
  static std::unique_ptr<Program> StartLong(const std::string& out, Pipe& errors, How how = {}) {
    how.err = errors.writer();
    auto program = std::make_unique<Program>(kTrain, Arguments(out, "1000000"), how);
    errors.CloseWriter();
    EXPECT_TRUE(errors.WaitFor("train ")) << errors.text();
    return program;
  }
};

TEST_F(TrainingTest, ClosingTerminalWritesACheckpoint) {
  const std::string out = Path("hung_up.safetensors");
  Pipe errors;
  const auto program = StartLong(out, errors);

  program->Signal(SIGHUP);
  program->Signal(SIGHUP);

  EXPECT_EQ(program->Wait(), 130);
  EXPECT_TRUE(FileExists(out + ".checkpoint"));
  errors.WaitFor("no such text");
  EXPECT_THAT(errors.text(), AllOf(HasSubstr("checkpoint written"), HasSubstr("--resume")));
}

TEST_F(TrainingTest, NohupHolds) {
  const std::string out = Path("nohup.safetensors");
  How how;
  how.ignored_signals = {SIGHUP, SIGINT};
  Pipe errors;
  const auto program = StartLong(out, errors, how);

  program->Signal(SIGHUP);
  program->Signal(SIGINT);
  // It is still there to draw its next line, ten seconds later.
  EXPECT_TRUE(errors.WaitFor("\ntrain ")) << errors.text();

  program->Signal(SIGTERM);
  EXPECT_EQ(program->Wait(), 130);
}

TEST_F(TrainingTest, ReaderOfTheProgressThatLeavesDoesNotEndIt) {
  const std::string out = Path("unread.safetensors");
  Pipe errors;
  errors.CloseReader();
  How how;
  how.err = errors.writer();

  Program program(kTrain, Arguments(out, "2"), how);

  EXPECT_EQ(program.Wait(), 0);
  EXPECT_TRUE(FileExists(out));
}

TEST_F(TrainingTest, EvaluationThatIsNotWrittenIsAnError) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  How how;
  how.out = full;

  Program program(kTrain, {"evaluate", "--supernet", Supernet(), "--data", Data()}, how);

  EXPECT_EQ(program.Wait(), 1);
  EXPECT_EQ(program.err(), "niwaki-train: standard output: No space left on device\n");
  close(full);
}

TEST_F(TrainingTest, ErrorsThroughNiwakiAreNiwakis) {
  How how;
  how.variables = {absl::StrCat("NIWAKI_BIN_DIR=", "services/trainer")};
  Program program(
      kNiwaki, {"--output", "json", "evaluate", "--supernet", "/no/such", "--data", Data()}, how);

  EXPECT_EQ(program.Wait(), 3);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(program.out(), "stdout"));
  EXPECT_EQ(json["error"]["code"], "NOT_FOUND");
}

TEST_F(TrainingTest, TemporaryFilesFollowTmpdirAndAreGone) {
  const std::string folder = Path(NewUuid());
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  const std::vector<std::string> arguments = {"--coordinator", "127.0.0.1:1", "supernet",
                                              "register",      "tiny",        "--file",
                                              Supernet(),      "--data",      Data()};
  How how;
  how.variables = {"TMPDIR=" + folder};

  Program unreachable(kNiwaki, arguments, how);
  EXPECT_EQ(unreachable.Wait(), 5);
  EXPECT_THAT(ListFolder(folder), IsOkAndHolds(IsEmpty()));

  how.variables = {"TMPDIR=" + folder + "/none"};
  Program without(kNiwaki, arguments, how);
  EXPECT_EQ(without.Wait(), 3);
  EXPECT_THAT(without.err(), HasSubstr(absl::StrCat("a temporary file in ", folder, "/none")));
}

// What a training draws on a terminal of 60 columns and this kind.
std::string DrawnOn(const std::string& kind, unsigned short columns,
                    const std::vector<std::string>& arguments) {
  struct winsize size = {24, columns, 0, 0};
  int outside = -1;
  int inside = -1;
  EXPECT_EQ(openpty(&outside, &inside, nullptr, nullptr, &size), 0);
  How how;
  how.err = inside;
  how.variables = {"TERM=" + kind};
  std::string drawn;
  {
    Program program(kTrain, arguments, how);
    close(inside);
    char byte;
    // Ends by an error once the program has closed the terminal.
    while (read(outside, &byte, 1) == 1) drawn += byte;
    EXPECT_EQ(program.Wait(), 0) << drawn;
  }
  close(outside);
  return drawn;
}

TEST_F(TrainingTest, BarKeepsToItsTerminal) {
  const std::string drawn = DrawnOn("xterm", 60, Arguments(Path("drawn.safetensors"), "1"));

  EXPECT_THAT(drawn, HasSubstr("\x1b[K"));
  for (const absl::string_view line : absl::StrSplit(drawn, absl::ByAnyChar("\r\n"))) {
    // Notes are as long as they are; the terminal breaks them.
    if (absl::StartsWith(line, "niwaki-train: ")) continue;
    EXPECT_LE(absl::string_view(line).substr(0, line.find('\x1b')).size(), 59u) << line;
  }
}

TEST_F(TrainingTest, DumbAndNarrowTerminalsGetLines) {
  for (const auto& [kind, columns] : {std::make_pair("dumb", 100), std::make_pair("xterm", 30)}) {
    const std::string drawn = DrawnOn(kind, columns, Arguments(Path("lines.safetensors"), "1"));

    EXPECT_THAT(drawn, AllOf(HasSubstr("train "), Not(HasSubstr("\x1b"))));
  }
}

TEST(OutputFilesTest, PlacesThatCannotBeWrittenAreSaidBeforeTheWork) {
  const std::string out = "/no/such/folder/out";
  const std::vector<std::vector<std::string>> commands = {
      {"--coordinator", "127.0.0.1:1", "front", "job", "--svg", out},
      {"data", "generate-synthetic", "--out", out},
      {"search", "--space", "kws", "--predictor", "p", "--svg", out},
  };
  for (const std::vector<std::string>& command : commands) {
    Program program(kNiwaki, command);

    EXPECT_EQ(program.Wait(), 3);
    EXPECT_THAT(program.err(), HasSubstr("there is no folder /no/such/folder"));
  }
}

TEST(OutputFilesTest, PipesAndLinksStayWhatTheyAre) {
  const std::string folder = Path(NewUuid());
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  const std::string fifo = folder + "/fifo";
  const std::string link = folder + "/link";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  ASSERT_EQ(symlink("real", link.c_str()), 0);
  const auto command = [](const std::string& out) {
    return std::vector<std::string>{"data", "generate-synthetic", "--out", out};
  };

  Program to_pipe(kNiwaki, command(fifo));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string piped, ReadFile(fifo));
  EXPECT_EQ(to_pipe.Wait(), 0) << to_pipe.err();
  Program to_link(kNiwaki, command(link));
  EXPECT_EQ(to_link.Wait(), 0) << to_link.err();

  EXPECT_THAT(ReadFile(folder + "/real"), IsOkAndHolds(piped));
  struct stat info;
  ASSERT_EQ(lstat(fifo.c_str(), &info), 0);
  EXPECT_TRUE(S_ISFIFO(info.st_mode));
  ASSERT_EQ(lstat(link.c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
}

}  // namespace
}  // namespace niwaki::testing
