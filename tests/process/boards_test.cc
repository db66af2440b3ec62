// Boards as processes: the real oracle, the real niwaki-boards, emulated boards, and devices on
// pseudo-terminals that hang or lie.

#include <signal.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/board/session/scripted_device_for_test.h"
#include "libs/client/artifact_client.h"
#include "libs/client/board_client.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/host/runner.h"
#include "libs/interchange/tflite/write_model.h"
#include "libs/rpc/channel.h"
#include "services/boards/canary_network.h"
#include "services/boards/described_board.h"
#include "tests/process/child_process.h"
#include "tests/process/test_cluster.h"

namespace niwaki::testing {
namespace {

using ::testing::HasSubstr;

// A cross compilation takes seconds, on a machine that is busy a minute.
constexpr absl::Duration kPatience = absl::Minutes(5);
constexpr absl::Duration kPoll = absl::Milliseconds(20);
constexpr int kInputs = 3;
constexpr int64_t kSeed = 5;

class BoardsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
    StartOracle();
  }

  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  void StartOracle() {
    const std::string address_file = Path("oracle.address");
    unlink(address_file.c_str());
    auto started =
        ChildProcess::Start(ProgramPath("services/oracle/niwaki-oracle"),
                            {"--listen", address_.empty() ? "127.0.0.1:0" : address_, "--data-dir",
                             Path("oracle"), "--address-file", address_file, "--board-ttl", "3"},
                            Path("oracle.log"));
    NIWAKI_ASSERT_OK(started);
    oracle_ = *std::move(started);
    NIWAKI_ASSERT_OK_AND_ASSIGN(address_, AwaitFile(address_file, kPatience));
    const auto channel = rpc::MakeChannel(address_);
    boards_ = std::make_unique<client::BoardClient>(channel);
    artifacts_ = std::make_unique<client::ArtifactClient>(channel);
  }

  std::unique_ptr<ChildProcess> StartBoards(const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"--oracle",    address_,      "--name",          "lab",
                                          "--cache-dir", Path("cache"), "--drain-timeout", "30"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto started = ChildProcess::Start(ProgramPath("services/boards/niwaki-boards"), arguments,
                                       Path("boards.log"));
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }

  // Asks for a measurement of a small network.
  std::string Create(const v1::MeasurementSpec& wanted = {}) {
    v1::MeasurementSpec spec = wanted;
    const auto file = interchange::WriteModel(network_);
    EXPECT_TRUE(file.ok()) << file.status();
    const std::string path = Path("network.tflite");
    NIWAKI_EXPECT_OK(WriteFileAtomically(path, *file));
    const auto stored = artifacts_->Upload(path);
    EXPECT_TRUE(stored.ok()) << stored.status();
    spec.mutable_network()->set_artifact_digest(stored->digest());
    spec.mutable_network()->set_inputs(kInputs);
    spec.mutable_network()->set_input_seed(kSeed);
    const auto measurement = boards_->CreateMeasurement(spec);
    EXPECT_TRUE(measurement.ok()) << measurement.status();
    return measurement.ok() ? measurement->name() : "";
  }

  v1::Measurement Ended(const std::string& name) {
    const auto measurement = boards_->AwaitMeasurement(name, kPatience);
    EXPECT_TRUE(measurement.ok()) << measurement.status() << Logs();
    return measurement.value_or(v1::Measurement());
  }

  v1::Board Board(const std::string& name) { return boards_->GetBoard(name).value_or(v1::Board()); }

  bool Await(const std::function<bool()>& condition) {
    Clock& clock = Clock::Real();
    for (const absl::Time end = clock.Now() + kPatience; clock.Now() < end; clock.Sleep(kPoll)) {
      if (condition()) return true;
    }
    ADD_FAILURE() << Logs();
    return false;
  }

  // What the host makes of the measurement's inputs.
  std::string ExpectedDigest() {
    auto host = engine::HostRunner::Create(&network_);
    EXPECT_TRUE(host.ok()) << host.status();
    Random random(kSeed);
    std::string all;
    for (int i = 0; i < kInputs; ++i) {
      std::vector<int8_t> input(network_.graph.shape(host->input()).elements());
      for (int8_t& level : input) level = static_cast<int8_t>(random.Uniform(256));
      const auto output = host->Run(input);
      EXPECT_TRUE(output.ok()) << output.status();
      all.append(output->begin(), output->end());
    }
    return Sha256Hex(all);
  }

  std::string Logs() const {
    return absl::StrCat("\n--- oracle\n", ReadFile(Path("oracle.log")).value_or(""),
                        "\n--- boards\n", ReadFile(Path("boards.log")).value_or(""));
  }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  const engine::QuantisedNetwork network_ = engine::BottleneckNetwork(1);
  std::string address_;
  std::unique_ptr<ChildProcess> oracle_;
  std::unique_ptr<client::BoardClient> boards_;
  std::unique_ptr<client::ArtifactClient> artifacts_;
};

TEST_F(BoardsTest, NetworkIsMeasuredOnEveryBoardThatIsAskedFor) {
  const std::unique_ptr<ChildProcess> boards = StartBoards({"--emulated", "m4,m7=stm32f746"});
  v1::MeasurementSpec wanted;
  wanted.set_core("cortex-m4");
  const std::string on_m4 = Create(wanted);
  wanted.clear_core();
  wanted.set_device("devices/stm32f746");
  const std::string on_m7 = Create(wanted);

  const v1::Measurement first = Ended(on_m4);
  const v1::Measurement second = Ended(on_m7);

  ASSERT_EQ(first.state(), v1::MEASUREMENT_STATE_SUCCEEDED) << first.DebugString() << Logs();
  const v1::MeasurementResult& result = first.result();
  EXPECT_EQ(result.board(), "boards/lab-m4");
  EXPECT_EQ(result.provenance(), v1::PROVENANCE_EMULATED);
  EXPECT_EQ(result.unit(), "instructions");
  EXPECT_EQ(result.schedule(), "whole");
  EXPECT_EQ(result.inputs(), kInputs);
  EXPECT_EQ(result.outputs_digest(), ExpectedDigest());
  EXPECT_EQ(result.operators_size(), static_cast<int>(network_.graph.ops.size()));
  int64_t sum = 0;
  for (const v1::OperatorFigure& op : result.operators()) sum += op.count();
  EXPECT_LE(sum, result.count());
  EXPECT_GT(sum, result.count() / 2);
  EXPECT_GT(result.stack_bytes(), 0);
  EXPECT_GT(result.sram_bytes(), result.arena_bytes());
  EXPECT_GT(result.flash_bytes(), 0);
  EXPECT_EQ(result.phases(0).name(), "fetch");
  EXPECT_TRUE(IsSha256Hex(result.network_digest()));
  std::vector<std::string> phases;
  for (const v1::MeasurementPhase& phase : result.phases()) {
    phases.push_back(absl::StrCat(phase.name(), " ", phase.seconds(), " s"));
  }
  std::cout << "phases: " << absl::StrJoin(phases, ", ") << "\n";
  ASSERT_EQ(second.state(), v1::MEASUREMENT_STATE_SUCCEEDED) << second.DebugString() << Logs();
  EXPECT_EQ(second.result().board(), "boards/lab-m7");
  EXPECT_EQ(second.result().outputs_digest(), ExpectedDigest());
  EXPECT_EQ(Board("boards/lab-m7").health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_GT(Board("boards/lab-m7").canary().expected_count(), 0);

  // A person takes both out of service: the process ends by itself.
  for (const char* name : {"boards/lab-m4", "boards/lab-m7"}) {
    v1::ChangeBoardRequest drain;
    drain.set_name(name);
    drain.set_action(v1::BOARD_ACTION_DRAIN);
    NIWAKI_EXPECT_OK(boards_->ChangeBoard(drain));
  }
  EXPECT_THAT(boards->Wait(kPatience), IsOkAndHolds(0)) << Logs();
  EXPECT_FALSE(Board("boards/lab-m4").connected());
}

TEST_F(BoardsTest, KillOfEitherSideLosesNothing) {
  std::unique_ptr<ChildProcess> boards = StartBoards({"--emulated", "m7"});
  const auto runs = [this](const std::string& name) {
    return Await([&] { return Board("boards/lab-m7").measurement() == name; });
  };
  const std::string first = Create();
  ASSERT_TRUE(runs(first));

  boards->Kill();
  boards = StartBoards({"--emulated", "m7"});

  const v1::Measurement ended = Ended(first);
  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_SUCCEEDED) << ended.DebugString() << Logs();
  ASSERT_GE(ended.failures_size(), 1);
  EXPECT_EQ(ended.failures(0).failure_class(), "infrastructure");
  const int64_t runs_before = Board("boards/lab-m7").runs();

  const std::string second = Create();
  ASSERT_TRUE(runs(second));
  oracle_->Kill();
  StartOracle();

  const v1::Measurement after = Ended(second);
  EXPECT_EQ(after.state(), v1::MEASUREMENT_STATE_SUCCEEDED) << after.DebugString() << Logs();
  EXPECT_EQ(after.result().outputs_digest(), ExpectedDigest());
  // The lease of before held, or its late result was taken: nothing ran twice.
  EXPECT_EQ(after.epoch(), 1) << after.DebugString() << Logs();
  EXPECT_EQ(Board("boards/lab-m7").runs(), runs_before + 1);
  // What was known before both is there still.
  EXPECT_EQ(boards_->GetMeasurement(first)->SerializeAsString(), ended.SerializeAsString());
  boards->Signal(SIGTERM);
  EXPECT_THAT(boards->Wait(kPatience), IsOkAndHolds(0)) << Logs();
}

TEST_F(BoardsTest, SecondProcessOfANameIsRefusedUntilTheFirstIsGone) {
  std::unique_ptr<ChildProcess> first = StartBoards({"--emulated", "m4"});
  ASSERT_TRUE(Await([&] { return Board("boards/lab-m4").connected(); }));

  const std::unique_ptr<ChildProcess> second =
      StartBoards({"--emulated", "m33", "--name-patience", "0"});

  EXPECT_THAT(second->Wait(kPatience), IsOkAndHolds(1));
  EXPECT_THAT(Logs(), HasSubstr("niwaki-boards: another process is alive that drives boards as "
                                "service 'lab'"));
  EXPECT_TRUE(first->running());
  // Killed, it loses the name when its registration runs out; the next one waits for that.
  first->Kill();
  const std::unique_ptr<ChildProcess> third = StartBoards({"--emulated", "m4"});
  EXPECT_TRUE(Await([&] { return Board("boards/lab-m4").health() == v1::BOARD_HEALTH_GOOD; }));
  EXPECT_TRUE(third->running());
}

// Boards of the lab whose other ends are scripts.
class ScriptedBoardsTest : public BoardsTest {
 protected:
  // What a board's file would say of the device at `path`.
  std::string BoardFile(const std::string& name, const std::string& path) {
    const std::string file = Path(name + ".yaml");
    NIWAKI_EXPECT_OK(WriteFileAtomically(
        file, absl::StrCat("name: ", name, "\ntarget: stm32f4\nport: {serial: ", path,
                           "}\ntimeouts: {identify: 500ms, write: 500ms, run: 500ms}\n")));
    return file;
  }

  // What firmware with the canary says of itself.
  board::BoardIdentity CanaryIdentity() {
    boards::Options options;
    options.name = "lab";
    options.compiler = board::kCrossCompiler;
    options.board_files = {BoardFile("any", "/dev/null")};
    const auto described = boards::DescribeBoards(options);
    EXPECT_TRUE(described.ok()) << described.status();
    board::BoardIdentity identity = board::ScriptedIdentity();
    identity.firmware_digest = described->front().description.firmware_digest();
    identity.network_digest = engine::NetworkDigest(boards::CanaryNetwork());
    identity.input_bytes = 16 * 16 * 3;
    identity.output_bytes = 8;
    return identity;
  }
};

TEST_F(ScriptedBoardsTest, BoardsThatHangOrLieBecomeBadAndTheirWorkGoesElsewhere) {
  // It answers, but computes something else than the host.
  const board::ScriptedDevice liar({}, CanaryIdentity());
  const board::ScriptedDevice silent({{0, board::Trouble::kHang}}, CanaryIdentity());
  const std::unique_ptr<ChildProcess> boards =
      StartBoards({"--board", BoardFile("liar", liar.path()), "--board",
                   BoardFile("silent", silent.path()), "--emulated", "m4"});
  const std::string measurement = Create();
  v1::MeasurementSpec wanted;
  wanted.set_board("boards/liar");
  const std::string stuck = Create(wanted);

  EXPECT_TRUE(Await([&] { return Board("boards/liar").health() == v1::BOARD_HEALTH_BAD; }));
  EXPECT_TRUE(Await([&] { return Board("boards/silent").health() == v1::BOARD_HEALTH_BAD; }));

  EXPECT_THAT(Board("boards/liar").health_reason(), HasSubstr("are not the host's"));
  EXPECT_EQ(Board("boards/liar").runs(), 0);
  EXPECT_THAT(Board("boards/silent").health_reason(), HasSubstr("3 in a row, the last a time-out"));
  EXPECT_EQ(Board("boards/silent").strikes(), 3);
  const v1::Measurement ended = Ended(measurement);
  EXPECT_EQ(ended.result().board(), "boards/lab-m4") << ended.DebugString() << Logs();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Measurement waits, boards_->GetMeasurement(stuck));
  EXPECT_EQ(waits.state(), v1::MEASUREMENT_STATE_PENDING);
  EXPECT_THAT(waits.waiting(), HasSubstr("boards/liar"));
}

}  // namespace
}  // namespace niwaki::testing
