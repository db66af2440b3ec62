// `niwaki analyze` as a program: files of other programs, exit codes, JSON.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/process/run_program.h"
#include "libs/base/status_matchers.h"

namespace niwaki::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kNiwaki[] = "services/cli/niwaki";
constexpr char kNetwork[] = "libs/interchange/onnx/testdata/pytorch_network.onnx";
// Its first feature map alone is larger than any microcontroller's memory.
constexpr char kLargeSpace[] = R"(
    name: "large" input_channels: 3 num_classes: 3
    resolutions { value: 512 }
    stem { width: 64 }
    stages { width: 64 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
    head {})";

ProgramResult Analyze(std::vector<std::string> arguments) {
  ProgramOptions program;
  program.argv = {kNiwaki, "analyze"};
  program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
  const auto result = RunProgram(program);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or(ProgramResult());
}

TEST(AnalyzeProgramTest, NetworkOfPyTorchIsAnalysed) {
  const ProgramResult result = Analyze({kNetwork, "--device", "stm32f746", "--output", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const auto json = ParseJson(result.standard_output, "answer");
  NIWAKI_ASSERT_OK(json);
  EXPECT_EQ((*json)["fits"], true);
  EXPECT_EQ((*json)["device"], "stm32f746");
  EXPECT_GT((*json)["arena_bytes"], 16 * 16 * 3);
  EXPECT_GT((*json)["flash_bytes"], (*json)["params"]);
  EXPECT_GT((*json)["macs"], 8 * 8 * 8 * 27);
  EXPECT_GT((*json)["operators"].size(), 15);
}

TEST(AnalyzeProgramTest, NetworkThatCannotFitEndsWithCode6) {
  const std::string space = ::testing::TempDir() + "/large.textproto";
  NIWAKI_ASSERT_OK(WriteFileAtomically(space, kLargeSpace));
  const ProgramResult result = Analyze({"max", "--space", space, "--device", "stm32f746"});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.standard_output, HasSubstr("fits     no"));
  EXPECT_THAT(result.standard_error, HasSubstr("held by operator"));
}

TEST(AnalyzeProgramTest, WhatIsNoNetworkIsWrongUsage) {
  const std::string file = ::testing::TempDir() + "/other.onnx";
  NIWAKI_ASSERT_OK(WriteFileAtomically(file, "what is this?"));
  const ProgramResult result = Analyze({file, "--device", "stm32f746"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.standard_error, HasSubstr("no ONNX file"));
}

}  // namespace
}  // namespace niwaki::testing
