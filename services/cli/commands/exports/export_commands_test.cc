#include "services/cli/commands/exports/export_commands.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/interchange/tflite/read_model.h"
#include "libs/interchange/tflite/test_model.h"
#include "libs/interchange/tflite/write_model.h"
#include "services/cli/commands/run_command.h"

namespace niwaki::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExportCommandsTest : public ::testing::Test {
 protected:
  ExportCommandsTest()
      : folder_(absl::StrCat(::testing::TempDir(), "/",
                             ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        model_(folder_ + "/model.tflite"),
        out_folder_(folder_ + "/out") {
    NIWAKI_EXPECT_OK(MakeFolders(folder_));
    NIWAKI_EXPECT_OK(WriteFileAtomically(model_, interchange::ConvolutionModel().Pack()));
  }

  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    out_.str("");
    const auto add = [](CLI::App& app, Session& session) {
      AddExportCommand(app, session);
      AddRunCommand(app, session);
    };
    return RunCommand(add, std::move(arguments), json, out_, err_);
  }

  // A network with more in it than the small one.
  void UseBottleneck() {
    const auto bytes = interchange::WriteModel(engine::BottleneckNetwork(1));
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    NIWAKI_ASSERT_OK(WriteFileAtomically(model_, *bytes));
  }

  const std::string folder_;
  const std::string model_;
  const std::string out_folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ExportCommandsTest, FolderBuildsHereAndRunsOnABoard) {
  UseBottleneck();
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_, "--prefix", "kws"}));
  EXPECT_THAT(out_.str(), HasSubstr("needs the most"));
  ProgramOptions make;
  make.argv = {"make", "-s", "-C", out_folder_, "test"};
  const auto made = RunProgram(make);
  NIWAKI_ASSERT_OK(made);
  EXPECT_EQ(made->exit_code, 0) << made->standard_error;

  NIWAKI_ASSERT_OK(Run({"run", out_folder_, "--board", "m4"}));
  EXPECT_THAT(out_.str(), HasSubstr("mps2-an386 (cortex-m4), emulated"));
  EXPECT_THAT(out_.str(), HasSubstr("10 bytes, equal to the host's"));
  EXPECT_THAT(out_.str(), HasSubstr("a MAC"));
  // What make built is not part of the export.
  NIWAKI_EXPECT_OK(Run({"export", "--check", out_folder_}));
  EXPECT_THAT(out_.str(), HasSubstr("files are as exported"));
}

TEST_F(ExportCommandsTest, RunInJsonHasTheFigures) {
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_, "--profile"}));
  NIWAKI_ASSERT_OK(Run({"run", out_folder_, "--board", "mps2-an505"}, /*json=*/true));
  const auto json = ParseJson(out_.str(), "answer");
  NIWAKI_ASSERT_OK(json);
  EXPECT_EQ((*json)["core"], "cortex-m33");
  EXPECT_EQ((*json)["provenance"], "EMULATED");
  EXPECT_EQ((*json)["output_bytes"], 8);
  EXPECT_GT((*json)["instructions"], 72);
  // Of no device.
  EXPECT_TRUE((*json)["latency_us"].is_null());
  EXPECT_GT((*json)["stack_bytes"], 0);
  ASSERT_EQ((*json)["operators"].size(), 1);
  EXPECT_GT((*json)["operators"][0]["instructions"], 72);
}

TEST_F(ExportCommandsTest, LatencyOnADeviceIsPredictedFromTheInstructions) {
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_}));
  NIWAKI_ASSERT_OK(Run({"run", out_folder_, "--board", "m7", "--device", "stm32f746"}, true));
  const auto json = ParseJson(out_.str(), "answer");
  NIWAKI_ASSERT_OK(json);
  EXPECT_EQ((*json)["provenance"], "EMULATED");
  EXPECT_EQ((*json)["latency_provenance"], "PREDICTED");
  // Cycles an instruction, at 216 MHz.
  const double cycles = (*json)["latency_us"].get<double>() * 216;
  EXPECT_GT(cycles, 0.5 * (*json)["instructions"].get<double>());
  EXPECT_LT(cycles, 2 * (*json)["instructions"].get<double>());
  NIWAKI_ASSERT_OK(Run({"run", out_folder_, "--board", "m7", "--device", "stm32f746"}));
  EXPECT_THAT(out_.str(), HasSubstr("predicted"));
  // Instructions of an M4 say nothing about an M7.
  NIWAKI_ASSERT_OK(Run({"run", out_folder_, "--board", "m4", "--device", "stm32f746"}, true));
  const auto other = ParseJson(out_.str(), "answer");
  NIWAKI_ASSERT_OK(other);
  EXPECT_TRUE((*other)["latency_us"].is_null());
}

TEST_F(ExportCommandsTest, ProfileIsATableByOperator) {
  UseBottleneck();
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_, "--profile"}));
  NIWAKI_ASSERT_OK(Run({"run", out_folder_, "--board", "m7"}));
  EXPECT_THAT(out_.str(), HasSubstr("INSTRUCTIONS"));
  EXPECT_THAT(out_.str(), HasSubstr("depthwise_conv2d 5x5, stride 1"));
}

TEST_F(ExportCommandsTest, WrongBytesOnTheBoardAreAnError) {
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_}));
  const std::string weights = *ReadFile(out_folder_ + "/model_weights.h");
  const size_t bias = weights.find("{\n    10");
  ASSERT_NE(bias, std::string::npos) << weights;
  NIWAKI_ASSERT_OK(
      WriteFileAtomically(out_folder_ + "/model_weights.h",
                          weights.substr(0, bias + 6) + "9" + weights.substr(bias + 6)));
  EXPECT_THAT(Run({"run", out_folder_}),
              StatusIs(absl::StatusCode::kDataLoss, "are not the host's"));
  EXPECT_THAT(err_.str(), HasSubstr("is not what was exported"));
}

TEST_F(ExportCommandsTest, CheckNamesWhatIsDifferent) {
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_}));
  NIWAKI_ASSERT_OK(WriteFileAtomically(out_folder_ + "/main.c", "int main(void) { return 0; }\n"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(out_folder_ + "/new.c", ""));
  const absl::Status status = Run({"export", "--check", out_folder_});
  EXPECT_THAT(status, HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(GetErrorItems(status),
              ElementsAre(ErrorItem{"main.c", "changed"}, ErrorItem{"new.c", "added"}));
  NIWAKI_ASSERT_OK(WriteFileAtomically(out_folder_ + "/bill_of_materials.json", "{}"));
  EXPECT_THAT(Run({"export", "--check", out_folder_}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_EQ(Run({"export", "--check", folder_}).code(), absl::StatusCode::kNotFound);
}

TEST_F(ExportCommandsTest, TfliteIsWrittenAndReadsBack) {
  const std::string path = folder_ + "/again.tflite";
  NIWAKI_ASSERT_OK(Run({"export", model_, "--format", "tflite", "--out", path}));
  const auto bytes = ReadFile(path);
  NIWAKI_ASSERT_OK(bytes);
  NIWAKI_EXPECT_OK(interchange::ReadTflite(*bytes));
  EXPECT_THAT(Run({"export", model_, "--format", "tflite", "--out", path}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kAlreadyExists));
  NIWAKI_EXPECT_OK(Run({"export", model_, "--format", "tflite", "--out", path, "--force"}));
}

TEST_F(ExportCommandsTest, NetworkThatDoesNotFitNamesTheOperator) {
  engine::NetworkBuilder large({200, 200, 16}, 1);
  const auto bytes =
      interchange::WriteModel(large.Build(large.Convolution(large.input(), 16, 3, 1)));
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  NIWAKI_ASSERT_OK(WriteFileAtomically(model_, *bytes));
  const absl::Status status =
      Run({"export", model_, "--out", out_folder_, "--device", "stm32f746"});
  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("held by operator 0 (conv2d"));
  EXPECT_FALSE(FileExists(out_folder_));
}

TEST_F(ExportCommandsTest, LimitOfMemoryChoosesTheSchedule) {
  UseBottleneck();
  const auto arena = [this](const std::string& sram) -> int64_t {
    std::vector<std::string> arguments = {"export", model_, "--out", out_folder_, "--force"};
    if (!sram.empty()) arguments.insert(arguments.end(), {"--sram", sram});
    out_.str("");
    NIWAKI_EXPECT_OK(Run(arguments, /*json=*/true));
    return (*ParseJson(out_.str(), "answer"))["arena_bytes"].get<int64_t>();
  };
  const int64_t whole = arena("");
  const int64_t less = arena(absl::StrCat(whole - 1, " B"));
  EXPECT_LT(less, whole);
  EXPECT_EQ(arena(absl::StrCat(less, " B")), less);

  const absl::Status status =
      Run({"export", model_, "--out", out_folder_, "--force", "--sram", "8 B"});
  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the limit (--sram) is 8 B"));
}

TEST_F(ExportCommandsTest, FirmwareMustFitTheDevice) {
  NIWAKI_ASSERT_OK(Run({"export", model_, "--out", out_folder_}));
  NIWAKI_EXPECT_OK(Run({"run", out_folder_, "--device", "stm32f746"}));
  EXPECT_THAT(Run({"run", out_folder_, "--device", "abacus"}),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
}

TEST_F(ExportCommandsTest, WrongArgumentsAreNamed) {
  EXPECT_THAT(Run({"export", model_, "--out", out_folder_, "--prefix", "my-net"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "prefix 'my-net'"));
  EXPECT_THAT(Run({"export", model_}), StatusIs(absl::StatusCode::kInvalidArgument, "--out"));
  EXPECT_THAT(Run({"export"}), StatusIs(absl::StatusCode::kInvalidArgument, "name what to export"));
  EXPECT_THAT(Run({"export", "max", "--out", out_folder_}),
              StatusIs(absl::StatusCode::kInvalidArgument, "needs --supernet and --data"));
  EXPECT_EQ(Run({"export", model_, "--out", model_ + "/below"}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Run({"run", out_folder_, "--board", "m9"}),
              StatusIs(absl::StatusCode::kNotFound, "no board 'm9' is emulated"));
  EXPECT_EQ(Run({"run", folder_}).code(), absl::StatusCode::kNotFound);
}

TEST_F(ExportCommandsTest, HelpHasExamples) {
  NIWAKI_ASSERT_OK(Run({"export", "--help"}));
  EXPECT_THAT(out_.str(), HasSubstr("niwaki export model.tflite --out kws --prefix kws"));
  NIWAKI_ASSERT_OK(Run({"run", "--help"}));
  EXPECT_THAT(out_.str(), HasSubstr("niwaki run kws --board mps2-an500"));
}

}  // namespace
}  // namespace niwaki::cli
