#include "services/cli/commands/exports/configured_run.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/test_network.h"
#include "services/cli/commands/exports/board_run_for_test.h"
#include "services/cli/commands/exports/export_commands.h"
#include "services/cli/commands/exports/exported_network.h"
#include "services/cli/commands/run_command.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

class ConfiguredRunTest : public ::testing::Test {
 protected:
  absl::Status Run(const std::string& folder, const std::string& board_text, bool json = false) {
    const std::string file = ::testing::TempDir() + "/board.yaml";
    NIWAKI_EXPECT_OK(WriteFileAtomically(file, board_text));
    out_.str("");
    return RunCommand(AddRunCommand, {"run", folder, "--board", file}, json, out_, err_);
  }

  const Exported exported_ = Export({"configured", engine::OneConvolution()}, /*profile=*/true);
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ConfiguredRunTest, BoardOfAFileRunsTheFolder) {
  const std::string text = "name: seven\nport: {emulator: m7}\ntimeouts: {identify: 60s}\n";
  NIWAKI_ASSERT_OK(Run(exported_.folder, text));
  EXPECT_THAT(out_.str(), HasSubstr("seven: mps2-an500 (cortex-m7, 25.00 MHz), emulated"));
  EXPECT_THAT(out_.str(), HasSubstr("bytes, equal to the host's"));
  EXPECT_THAT(out_.str(), HasSubstr("INSTRUCTIONS"));
  NIWAKI_ASSERT_OK(Run(exported_.folder, text, /*json=*/true));
  const auto json = ParseJson(out_.str(), "answer");
  NIWAKI_ASSERT_OK(json);
  EXPECT_EQ((*json)["provenance"], "EMULATED");
  EXPECT_EQ((*json)["operators"].size(), 1);
  EXPECT_GT((*json)["instructions"], 72);
  EXPECT_EQ((*json)["network_digest"], exported_.bill.network_digest);
}

TEST_F(ConfiguredRunTest, ChangedFolderIsSaidAndForeignBytesAreFound) {
  const std::string text = "name: seven\nport: {emulator: m7}\ntimeouts: {identify: 60s}\n";
  ExportedNetwork exported{exported_.folder, exported_.bill, exported_.output};
  NIWAKI_EXPECT_OK(CompareWithHost(exported, exported_.output, "here"));
  ++exported.expected.back();
  const size_t last = exported.expected.size() - 1;
  EXPECT_THAT(
      CompareWithHost(exported, exported_.output, "board seven"),
      StatusIs(absl::StatusCode::kDataLoss, absl::StrCat("1 of ", last + 1,
                                                         " bytes of the output on board seven are "
                                                         "not the host's, the first at ",
                                                         last)));
  NIWAKI_ASSERT_OK(WriteFileAtomically(exported_.folder + "/notes", "mine"));

  NIWAKI_ASSERT_OK(Run(exported_.folder, text));

  EXPECT_THAT(err_.str(), HasSubstr("is not what was exported (niwaki export --check)"));
}

TEST_F(ConfiguredRunTest, FailureSaysWhoseItIs) {
  EXPECT_THAT(Run(exported_.folder, "name: a\ntarget: stm32f4\nport: {serial: /dev/no-such}\n"),
              StatusIs(absl::StatusCode::kNotFound, "configuration failure: board a: "));
  EXPECT_THAT(Run(exported_.folder, "name: a\nport: {emulator: m7}\ntarget: m7\n"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST_F(ConfiguredRunTest, FilesAreToldFromNames) {
  EXPECT_TRUE(IsBoardFile("bench.yaml"));
  EXPECT_TRUE(IsBoardFile("boards/bench"));
  EXPECT_FALSE(IsBoardFile("mps2-an500"));
  EXPECT_FALSE(IsBoardFile("m7"));
}

}  // namespace
}  // namespace niwaki::cli
