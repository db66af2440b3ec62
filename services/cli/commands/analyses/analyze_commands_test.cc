#include "services/cli/commands/analyses/analyze_commands.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/onnx/write_model.h"
#include "libs/interchange/small_networks.h"
#include "libs/interchange/tflite/test_model.h"
#include "services/cli/commands/run_command.h"
#include "services/cli/exit_code.h"

namespace niwaki::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AnalyzeCommandTest : public ::testing::Test {
 protected:
  // A file of this name in the test's folder.
  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = ::testing::TempDir() + "/" + name;
    NIWAKI_EXPECT_OK(WriteFileAtomically(path, bytes));
    return path;
  }

  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    out_.str("");
    arguments.insert(arguments.begin(), "analyze");
    return RunCommand(AddAnalyzeCommand, std::move(arguments), json, out_, err_);
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(AnalyzeCommandTest, FilesOfBothFormatsAreAnalysedAlike) {
  const auto network =
      interchange::WindowNetwork(arch::OpKind::kConv2d, {8, 8, 3}, {4, 4, 4}, 3, 2, {1, 1, 1, 1});
  const std::string onnx = Write("a.onnx", *interchange::WriteOnnx(network));
  NIWAKI_ASSERT_OK(Run({onnx, "--device", "stm32f746"}));
  EXPECT_THAT(out_.str(), HasSubstr("fits     yes"));
  EXPECT_THAT(out_.str(), HasSubstr("conv2d"));
  const std::string tflite = Write("a.tflite", interchange::ConvolutionModel().Pack());
  NIWAKI_ASSERT_OK(Run({tflite, "--device", "stm32f746"}, /*json=*/true));
  const auto json = ParseJson(out_.str(), "answer");
  NIWAKI_ASSERT_OK(json);
  EXPECT_EQ((*json)["macs"], 2 * 9 * 4);
  EXPECT_EQ((*json)["fits"], true);
}

TEST_F(AnalyzeCommandTest, SubnetOfASpaceNeedsNoWeights) {
  NIWAKI_ASSERT_OK(Run({"min", "--space", "kws", "--device", "stm32f746"}, /*json=*/true));
  const auto json = ParseJson(out_.str(), "answer");
  NIWAKI_ASSERT_OK(json);
  EXPECT_GT((*json)["macs"], 1000);
}

TEST_F(AnalyzeCommandTest, NetworkThatCannotFitEndsWithCode6) {
  const auto network = interchange::WindowNetwork(arch::OpKind::kConv2d, {512, 512, 8},
                                                  {512, 512, 8}, 3, 1, {1, 1, 1, 1});
  const std::string onnx = Write("large.onnx", *interchange::WriteOnnx(network));
  const absl::Status status = Run({onnx, "--device", "stm32f746"});
  EXPECT_EQ(ExitCodeOf(status), kExitNoFit);
  EXPECT_THAT(std::string(status.message()), HasSubstr("held by operator 0 (conv2d"));
  EXPECT_THAT(out_.str(), HasSubstr("fits     no"));
}

TEST_F(AnalyzeCommandTest, MemoryIsDrawn) {
  const std::string tflite = Write("b.tflite", interchange::ConvolutionModel().Pack());
  const std::string picture = ::testing::TempDir() + "/memory.svg";
  NIWAKI_ASSERT_OK(Run({tflite, "--device", "stm32f746", "--memory", picture}));
  EXPECT_THAT(ReadFile(picture), IsOkAndHolds(HasSubstr("tensor 0 (input)")));
}

TEST_F(AnalyzeCommandTest, AllOperatorsThatAreNotReadAreListed) {
  std::string bytes = *interchange::WriteOnnx(interchange::SqueezeExciteNetwork());
  // Names of operators as long as others.
  for (const char* name : {"Softmax", "ReduceMean", "GlobalAveragePool"}) {
    for (size_t at = bytes.find(name); at != std::string::npos; at = bytes.find(name, at + 1)) {
      bytes[at] = 'X';
    }
  }
  const std::string onnx = Write("other.onnx", bytes);
  const absl::Status status = Run({onnx, "--device", "stm32f746"});
  EXPECT_EQ(ExitCodeOf(status), kExitUsage);
  EXPECT_THAT(std::string(status.message()), HasSubstr("XlobalAveragePool"));
  std::vector<std::string> kinds;
  for (const ErrorItem& item : GetErrorItems(status)) {
    kinds.push_back(item.name.substr(item.name.find('(')));
  }
  EXPECT_THAT(kinds, ElementsAre("(XlobalAveragePool)", "(XlobalAveragePool)", "(Xoftmax)"));
}

TEST_F(AnalyzeCommandTest, UnknownDeviceIsNotFound) {
  EXPECT_EQ(ExitCodeOf(Run({"min", "--space", "kws", "--device", "toaster"})), kExitNotFound);
}

}  // namespace
}  // namespace niwaki::cli
