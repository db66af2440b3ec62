#include <CLI/CLI.hpp>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/tflite/test_model.h"
#include "services/cli/commands/networks/network_commands.h"
#include "services/cli/commands/run_command.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

// The answer to `network describe` of a file with these bytes.
absl::Status Describe(const std::string& bytes, bool json, std::ostringstream& out) {
  const std::string path = ::testing::TempDir() + "/model.tflite";
  NIWAKI_EXPECT_OK(WriteFileAtomically(path, bytes));
  return RunCommand(AddNetworkCommand, {"network", "describe", path}, json, out, out);
}

TEST(NetworkDescribeTest, SaysOperatorsMemoryAndFlash) {
  std::ostringstream out;
  NIWAKI_ASSERT_OK(Describe(interchange::ConvolutionModel().Pack(), /*json=*/false, out));
  EXPECT_THAT(out.str(), HasSubstr("conv2d"));
  EXPECT_THAT(out.str(), HasSubstr("operator 0 (conv2d) needs the most"));
}

TEST(NetworkDescribeTest, NumbersAreThoseOfTheNetwork) {
  std::ostringstream out;
  NIWAKI_ASSERT_OK(Describe(interchange::ConvolutionModel().Pack(), /*json=*/true, out));
  const auto json = ParseJson(out.str(), "answer");
  NIWAKI_ASSERT_OK(json);
  // Two filters of 3 x 3 over 2 x 2 places.
  EXPECT_EQ((*json)["macs"], 2 * 9 * 4);
  EXPECT_EQ((*json)["params"], 18 + 2);
  // Input, output, and the least scratch memory of a convolution.
  EXPECT_EQ((*json)["sram_bytes"], 16 + 8 + 640);
  EXPECT_EQ((*json)["operators"][0]["live_bytes"], (*json)["sram_bytes"]);
}

TEST(NetworkDescribeTest, DrawsMemoryAndRefusesTooLittle) {
  const std::string model = ::testing::TempDir() + "/model.tflite";
  const std::string picture = ::testing::TempDir() + "/memory.svg";
  NIWAKI_ASSERT_OK(WriteFileAtomically(model, interchange::ConvolutionModel().Pack()));
  std::ostringstream out;

  NIWAKI_EXPECT_OK(RunCommand(AddNetworkCommand,
                              {"network", "describe", model, "--memory", picture, "--sram", "1kB"},
                              /*json=*/false, out, out));
  EXPECT_THAT(ReadFile(picture), IsOkAndHolds(HasSubstr("tensor 0 (input)")));

  const absl::Status status =
      RunCommand(AddNetworkCommand, {"network", "describe", model, "--sram", "32 B"},
                 /*json=*/false, out, out);
  EXPECT_THAT(std::string(status.message()), HasSubstr("held by operator 0 (conv2d"));
}

TEST(NetworkDescribeTest, MemoryIsATableToo) {
  const std::string model = ::testing::TempDir() + "/model.tflite";
  NIWAKI_ASSERT_OK(WriteFileAtomically(model, interchange::ConvolutionModel().Pack()));
  std::ostringstream out;

  NIWAKI_EXPECT_OK(RunCommand(AddNetworkCommand, {"network", "describe", model, "--memory", "-"},
                              /*json=*/false, out, out));

  // 16 and 8 bytes of tensors, and scratch.
  EXPECT_THAT(out.str(), HasSubstr("<- peak"));
  EXPECT_THAT(out.str(), HasSubstr("arena 664 bytes, lower bound 664"));
}

TEST(NetworkDescribeTest, FileIsNamedInErrors) {
  std::ostringstream out;
  EXPECT_THAT(std::string(Describe("what is this?", false, out).message()),
              HasSubstr("model.tflite: this is no TensorFlow Lite file"));
}

}  // namespace
}  // namespace niwaki::cli
