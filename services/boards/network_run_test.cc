#include "services/boards/network_run.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/session/scripted_device_for_test.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/host/runner.h"
#include "services/boards/canary_network.h"

namespace niwaki::boards {
namespace {

using ::testing::HasSubstr;

BoardSetup SetupOf(const std::string& file) {
  const auto config = board::ParseBoardConfig(file, "board.yaml");
  EXPECT_TRUE(config.ok()) << config.status();
  BoardSetup setup;
  setup.config = *config;
  setup.compiler_digest = std::string(64, 'c');
  return setup;
}

BoardSetup EmulatedSetup() {
  return SetupOf("name: m7\nport: {emulator: m7}\ntimeouts: {identify: 60s}\n");
}

v1::MeasurementFailure BlameFor(const RunOutcome& outcome) {
  return FailureOf(outcome.failed_phase, outcome.status);
}

TEST(NetworkRunTest, FiguresAreTheSameEveryTimeAndOutputsTheHosts) {
  const engine::QuantisedNetwork network = CanaryNetwork();
  auto host = engine::HostRunner::Create(&network);
  NIWAKI_ASSERT_OK(host);
  RunRequest request;
  request.input_bytes = std::string(2 * 16 * 16 * 3, '\x11');
  std::string expected;
  for (int i = 0; i < 2; ++i) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto output,
                                host->Run(std::vector<int8_t>(16 * 16 * 3, 0x11)));
    expected.append(output.begin(), output.end());
  }

  const RunOutcome outcome = RunNetwork(EmulatedSetup(), network, request);

  NIWAKI_ASSERT_OK(outcome.status);
  const v1::MeasurementResult& result = outcome.result;
  EXPECT_EQ(result.outputs_digest(), Sha256Hex(expected));
  EXPECT_EQ(result.inputs(), 2);
  EXPECT_GT(result.count(), 10'000);
  EXPECT_EQ(result.count_low(), result.count_high());
  EXPECT_EQ(result.operators_size(), 7);
  EXPECT_EQ(result.network_digest(), engine::NetworkDigest(network));
  EXPECT_EQ(result.firmware_digest(), *FirmwareDigestOf(EmulatedSetup()));
  EXPECT_EQ(result.compiler_digest(), std::string(64, 'c'));
  EXPECT_EQ(result.phases_size(), 5);
  const RunOutcome again = RunNetwork(EmulatedSetup(), network, request);
  NIWAKI_ASSERT_OK(again.status);
  EXPECT_EQ(again.result.count(), result.count());
}

TEST(NetworkRunTest, NetworkIsToBlameForWhatItAsks) {
  RunRequest request;
  request.schedule = "sideways";
  const RunOutcome outcome = RunNetwork(EmulatedSetup(), CanaryNetwork(), request);
  EXPECT_EQ(outcome.failed_phase, "emit");
  EXPECT_EQ(BlameFor(outcome).failure_class(), "candidate");
  EXPECT_THAT(BlameFor(outcome).message(), HasSubstr("emit: the network has no schedule"));
  request.schedule = "";
  request.input_bytes = "short";
  EXPECT_EQ(BlameFor(RunNetwork(EmulatedSetup(), CanaryNetwork(), request)).failure_class(),
            "candidate");
}

TEST(NetworkRunTest, NetworkThatDoesNotFitIsToBlame) {
  const BoardSetup setup = SetupOf(
      "name: small\nport: {serial: /dev/null}\ntarget: stm32f4\n"
      "firmware: {flash: {bytes: 8kB}}\n");
  const RunOutcome outcome = RunNetwork(setup, CanaryNetwork(), {});
  EXPECT_EQ(outcome.failed_phase, "build");
  EXPECT_EQ(BlameFor(outcome).failure_class(), "candidate");
  EXPECT_EQ(BlameFor(outcome).reason(), reason::kBudgetUnsatisfiable);
}

TEST(NetworkRunTest, CompilerIsConfigurationWhereItIsMissingAndElseNobodys) {
  BoardSetup setup = EmulatedSetup();
  setup.compiler = "no-such-compiler";
  EXPECT_EQ(BlameFor(RunNetwork(setup, CanaryNetwork(), {})).failure_class(), "configuration");
  setup.compiler = "false";
  EXPECT_EQ(BlameFor(RunNetwork(setup, CanaryNetwork(), {})).failure_class(), "infrastructure");
}

TEST(NetworkRunTest, BoardsFaultsAreTheBoards) {
  const auto setup = [](const board::ScriptedDevice& device) {
    return SetupOf(absl::StrCat("name: bench\ntarget: stm32f4\nport: {serial: ", device.path(),
                                "}\ntimeouts: {identify: 300ms, run: 300ms}\n"));
  };
  // Something else than what was built is on it.
  const board::ScriptedDevice other({});
  EXPECT_EQ(BlameFor(RunNetwork(setup(other), CanaryNetwork(), {})).failure_class(),
            "configuration");
  board::BoardIdentity identity = board::ScriptedIdentity();
  identity.network_digest = engine::NetworkDigest(CanaryNetwork());
  identity.firmware_digest = *FirmwareDigestOf(setup(other));
  identity.input_bytes = 16 * 16 * 3;
  identity.output_bytes = 8;
  const board::ScriptedDevice liar({}, identity);
  const RunOutcome lie = RunNetwork(setup(liar), CanaryNetwork(), {});
  EXPECT_EQ(lie.failed_phase, "check");
  EXPECT_EQ(BlameFor(lie).failure_class(), "board");
  EXPECT_EQ(BlameFor(lie).reason(), reason::kBoardWrongOutput);
  const board::ScriptedDevice silent({{0, board::Trouble::kHang}}, identity);
  const RunOutcome hang = RunNetwork(setup(silent), CanaryNetwork(), {});
  EXPECT_EQ(hang.failed_phase, "connect");
  EXPECT_EQ(BlameFor(hang).failure_class(), "time-out");
  EXPECT_GT(BlameFor(hang).chain_size(), 0);
  const board::ScriptedDevice gone({{1, board::Trouble::kUnplug}}, identity);
  EXPECT_EQ(BlameFor(RunNetwork(setup(gone), CanaryNetwork(), {})).failure_class(),
            "infrastructure");
  const board::ScriptedDevice resets({{1, board::Trouble::kReset}}, identity);
  EXPECT_EQ(BlameFor(RunNetwork(setup(resets), CanaryNetwork(), {})).failure_class(), "board");
}

TEST(NetworkRunTest, FailuresOfFetchingAreNotTheBoards) {
  const absl::Status slow = absl::DeadlineExceededError("slow");
  EXPECT_EQ(FailureOf("fetch", slow).failure_class(), "infrastructure");
  EXPECT_EQ(FailureOf("run", slow).failure_class(), "time-out");
  // An operator that no kernel supports.
  EXPECT_EQ(FailureOf("emit", absl::UnimplementedError("operator 3")).failure_class(), "candidate");
  EXPECT_EQ(FailureOf("fetch",
                      Error(absl::StatusCode::kNotFound, reason::kArtifactUnknown).Message("gone"))
                .failure_class(),
            "candidate");
}

}  // namespace
}  // namespace niwaki::boards
