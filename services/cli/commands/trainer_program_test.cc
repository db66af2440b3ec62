#include "services/cli/commands/trainer_program.h"

#include <sys/stat.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "services/cli/cli_app.h"

namespace niwaki::cli {
namespace {

using ::testing::ExitedWithCode;

// A stand-in for niwaki-train that shows its arguments and ends with code 7.
class TrainerProgramDeathTest : public ::testing::Test {
 protected:
  TrainerProgramDeathTest() {
    const std::string path = absl::StrCat(folder_, "/niwaki-train");
    EXPECT_THAT(WriteFileAtomically(path, "#!/bin/sh\necho \"[$*]\" >&2\nexit 7\n"), IsOk());
    EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  }

  // Returns only when the program could not be run.
  void Run(const std::vector<std::string>& arguments) {
    SessionOptions options;
    options.out = &std::cout;
    options.err = &std::cerr;
    options.program_path = "/nowhere/niwaki";
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      if (name == "NIWAKI_BIN_DIR") return folder_;
      return std::nullopt;
    };
    Session session(std::move(options));
    std::exit(RunCli(arguments, session));
  }

  const std::string folder_ = std::getenv("TEST_TMPDIR");
};

TEST_F(TrainerProgramDeathTest, ArgumentsAndExitCodeArePassedOn) {
  EXPECT_EXIT(Run({"train", "--space", "kws", "--data", "d", "--out", "o", "--help"}),
              ExitedWithCode(7), "\\[--space kws --data d --out o --help\\]");
}

TEST_F(TrainerProgramDeathTest, EvaluateIsASubcommandThere) {
  EXPECT_EXIT(Run({"evaluate", "--subnet", "{\"ks\":[3]}"}), ExitedWithCode(7),
              "\\[evaluate --subnet \\{\"ks\":\\[3\\]\\}\\]");
}

TEST_F(TrainerProgramDeathTest, JsonOutputIsPassedOn) {
  EXPECT_EXIT(Run({"--output", "json", "train", "--space", "kws"}), ExitedWithCode(7),
              "\\[--space kws --output json\\]");
}

}  // namespace
}  // namespace niwaki::cli
