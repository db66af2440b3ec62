// The firmware itself, on emulated boards, spoken to by a session.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator_process.h"
#include "libs/board/failure/failure.h"
#include "libs/board/session/board_session.h"
#include "libs/board/session/network_by_hand_for_test.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<EmulatorProcess> Start(const EmulatedBoard& board, bool sensor = false) {
  EmulatorOptions options;
  options.board = board;
  options.elf_path = BuildByHand(board, sensor);
  auto emulator = EmulatorProcess::Start(options, Deadline::After(absl::Minutes(1)));
  EXPECT_TRUE(emulator.ok()) << emulator.status();
  return *std::move(emulator);
}

std::unique_ptr<BoardSession> Open(std::unique_ptr<BytePort> port) {
  SessionOptions options;
  options.seed = 1;
  options.timeouts.identify = options.timeouts.reset = absl::Minutes(1);
  auto session = BoardSession::Open(std::move(port), options);
  EXPECT_TRUE(session.ok()) << session.status();
  return *std::move(session);
}

absl::Status RunOn(BoardSession& session, const std::vector<int8_t>& input) {
  absl::Status written = session.WriteInput(input);
  if (!written.ok()) return written;
  return session.Run(RunSource::kInput).status();
}

TEST(EmulatedSessionTest, EveryBoardRunsWhatItIsGiven) {
  for (const EmulatedBoard& board : EmulatedBoards()) {
    SCOPED_TRACE(board.name);
    const auto emulator = Start(board);
    const auto session = Open(emulator->TakePort());
    const BoardIdentity& identity = session->identity();
    EXPECT_EQ(identity.board, board.name);
    EXPECT_EQ(identity.core, board.core);
    EXPECT_EQ(identity.clock_hz, board.clock_hz());
    EXPECT_EQ(identity.input_bytes, 4);
    EXPECT_EQ(identity.operators, 2);
    EXPECT_EQ(identity.network, "add");
    EXPECT_EQ(identity.network_digest, std::string(64, 'c'));
    EXPECT_TRUE(IsSha256Hex(identity.firmware_digest));

    const auto stored = session->Run(RunSource::kTestVector);
    NIWAKI_ASSERT_OK(stored);
    EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(2, -2, -128, -127)));
    EXPECT_GT(InstructionsOf(board, stored->ticks), 4000);
    EXPECT_GT(stored->stack_bytes, 0);
    EXPECT_LT(stored->stack_bytes, 1000);

    // Two inputs in a row, without a start in between.
    NIWAKI_ASSERT_OK(RunOn(*session, {10, 20, 30, 40}));
    EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(11, 21, 31, 41)));
    NIWAKI_ASSERT_OK(RunOn(*session, {-10, -20, -30, -40}));
    EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(-9, -19, -29, -39)));
    const auto operators = session->ReadOperators();
    NIWAKI_ASSERT_OK(operators);
    ASSERT_EQ(operators->size(), 2);
    EXPECT_GT((*operators)[0], 20 * (*operators)[1]);

    // The same run takes the same ticks, before and after a start.
    const auto again = session->Run(RunSource::kTestVector);
    NIWAKI_ASSERT_OK(again);
    EXPECT_EQ(again->ticks, stored->ticks);
    NIWAKI_ASSERT_OK(session->Reset());
    const auto anew = session->Run(RunSource::kTestVector);
    NIWAKI_ASSERT_OK(anew);
    EXPECT_EQ(anew->ticks, stored->ticks);
    EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(2, -2, -128, -127)));
  }
}

TEST(EmulatedSessionTest, TestVectorBeginsAtTheSensorWhereThereIsOne) {
  const auto emulator = Start(*FindEmulatedBoard("m4"), /*sensor=*/true);
  const auto session = Open(emulator->TakePort());
  EXPECT_TRUE(session->identity().sensor);
  const auto figures = session->Run(RunSource::kTestVector);
  NIWAKI_ASSERT_OK(figures);
  EXPECT_GT(figures->sensor_ticks, figures->ticks / 4);
  EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(2, -2, -128, -127)));
  NIWAKI_ASSERT_OK(RunOn(*session, {10, 20, 30, 40}));
  EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(11, 21, 31, 41)));
}

TEST(EmulatedSessionTest, InputOfBeforeAStartIsNotRun) {
  const auto emulator = Start(*FindEmulatedBoard("m4"));
  const auto session = Open(emulator->TakePort());
  NIWAKI_ASSERT_OK(session->WriteInput({1, 2, 3, 4}));
  NIWAKI_ASSERT_OK(session->Reset());
  EXPECT_THAT(session->Run(RunSource::kInput),
              StatusIs(absl::StatusCode::kFailedPrecondition, "INPUT_INCOMPLETE (0)"));
  EXPECT_THAT(session->ReadOutput(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NO_RUN_YET (0)"));
}

TEST(EmulatedSessionTest, FaultAndFullStackAreTheNetworks) {
  const auto emulator = Start(*FindEmulatedBoard("m7"));
  const auto session = Open(emulator->TakePort());
  const absl::Status fault = RunOn(*session, {99, 0, 0, 0});
  EXPECT_THAT(fault, HasReason(absl::StatusCode::kFailedPrecondition, reason::kNetworkFault));
  EXPECT_THAT(fault, StatusIs(absl::StatusCode::kFailedPrecondition, "ran into a fault at 0x0000"));
  // The board has started anew by itself.
  EXPECT_THAT(session->Run(RunSource::kTestVector),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardReset));
  NIWAKI_ASSERT_OK(session->Reset());
  EXPECT_THAT(RunOn(*session, {98, 0, 0, 0}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RUN_FAILED (0)"));
  EXPECT_THAT(RunOn(*session, {97, 0, 0, 0}),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ran into a fault"));
  NIWAKI_ASSERT_OK(session->Reset());
  NIWAKI_EXPECT_OK(RunOn(*session, {1, 0, 0, 0}));
}

TEST(EmulatedSessionTest, EmulatorThatDiesIsInfrastructure) {
  const auto emulator = Start(*FindEmulatedBoard("m3"));
  const auto session = Open(emulator->TakePort());
  NIWAKI_EXPECT_OK(emulator->Health());
  emulator->Kill();
  const absl::Status status = session->Run(RunSource::kTestVector).status();
  EXPECT_THAT(status, HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
  EXPECT_EQ(FailureClassOf(status), FailureClass::kInfrastructure);
  EXPECT_THAT(emulator->Health(), StatusIs(absl::StatusCode::kUnavailable, "ended with code 137"));
}

// Passes bytes on and harms some of them, both ways.
class HarmfulPort : public BytePort {
 public:
  HarmfulPort(std::unique_ptr<BytePort> port, uint64_t seed)
      : port_(std::move(port)), random_(seed) {}

  const std::string& name() const override { return port_->name(); }
  absl::StatusOr<std::string> Read(const Deadline& deadline) override {
    absl::StatusOr<std::string> bytes = port_->Read(deadline);
    if (bytes.ok()) Harm(*bytes);
    return bytes;
  }
  absl::Status Write(absl::string_view bytes, const Deadline& deadline) override {
    std::string harmed(bytes);
    Harm(harmed);
    return port_->Write(harmed, deadline);
  }
  void Cancel() override { port_->Cancel(); }

 private:
  // Three bytes of a thousand, however many come at a time.
  void Harm(std::string& bytes) {
    std::string harmed;
    for (const char byte : bytes) {
      switch (random_.Uniform(1000)) {
        case 0:
          break;
        case 1:
          harmed += {byte, byte};
          break;
        case 2:
          harmed.push_back(static_cast<char>(random_.Uniform(256)));
          break;
        default:
          harmed.push_back(byte);
          break;
      }
    }
    bytes = std::move(harmed);
  }

  const std::unique_ptr<BytePort> port_;
  Random random_;
};

TEST(EmulatedSessionTest, FirmwareOutlivesALineThatHarmsBytes) {
  constexpr uint64_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  const auto emulator = Start(*FindEmulatedBoard("m4"));
  SessionOptions options;
  options.seed = 1;
  options.patience = absl::Milliseconds(100);
  options.timeouts.identify = options.timeouts.reset = absl::Minutes(1);
  const auto session =
      BoardSession::Open(std::make_unique<HarmfulPort>(emulator->TakePort(), kSeed), options);
  NIWAKI_ASSERT_OK(session);
  for (int8_t i = 0; i < 20; ++i) {
    NIWAKI_ASSERT_OK(RunOn(**session, {i, 2, 3, 4}));
    EXPECT_THAT((*session)->ReadOutput(), IsOkAndHolds(ElementsAre(i + 1, 3, 4, 5)));
  }
  EXPECT_GT((*session)->counts().repeats, 0);
}

// What the board says until it is ready.
std::string Say(BytePort& port, const std::string& command) {
  NIWAKI_EXPECT_OK(port.Write(command, Deadline::After(absl::Minutes(1))));
  std::string said;
  while (!absl::EndsWith(said, "m-ready\r\n")) {
    const auto more = port.Read(Deadline::After(absl::Minutes(1)));
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok()) break;
    said += *more;
  }
  return said;
}

TEST(EmulatedSessionTest, TextOfMlperfTinysRunnerIsSpoken) {
  const auto emulator = Start(*FindEmulatedBoard("m4"));
  const auto port = emulator->TakePort();
  EXPECT_THAT(Say(*port, ""), HasSubstr("m-init-done\r\n"));
  EXPECT_EQ(Say(*port, "name%"), "m-name-dut-[mps2-an386]\r\nm-ready\r\n");
  EXPECT_EQ(Say(*port, "profile%"), "m-profile-[niwaki]\r\nm-model-[add]\r\nm-ready\r\n");
  EXPECT_EQ(Say(*port, "timestamp%"), "m-lap-us-0\r\nm-ready\r\n");
  EXPECT_EQ(Say(*port, "db load 4%"), "m-[Expecting 4 bytes]\r\nm-ready\r\n");
  EXPECT_EQ(Say(*port, "db 0aFF%"), "m-ready\r\n");
  EXPECT_EQ(Say(*port, "db 0280%"), "m-load-done\r\nm-ready\r\n");
  EXPECT_EQ(Say(*port, "db print%"), "m-buffer-0a-ff-02-80\r\nm-ready\r\n");
  const std::string said = Say(*port, "infer 2 1%");
  EXPECT_THAT(said, HasSubstr("m-warmup-start-1\r\nm-warmup-done\r\nm-infer-start-2\r\nm-lap-us-"));
  // Levels 11, 0, 3 and -127 at 1/16 and zero point -3.
  EXPECT_THAT(said, HasSubstr("m-infer-done\r\nm-results-[0.875,0.188,0.375,-7.750]\r\nm-ready"));
  EXPECT_EQ(Say(*port, "results%"), "m-results-[0.875,0.188,0.375,-7.750]\r\nm-ready\r\n");
  EXPECT_THAT(Say(*port, "help%"), HasSubstr("db load N"));
  EXPECT_EQ(Say(*port, "nothing%"), "e-[Unknown command: nothing]\r\nm-ready\r\n");
  EXPECT_THAT(Say(*port, "db load 5%"), HasSubstr("e-[db load takes 1 to 4 bytes]"));
  EXPECT_THAT(Say(*port, "db 123%"), HasSubstr("e-[an odd number"));
  EXPECT_THAT(Say(*port, "infer 0%"), HasSubstr("e-[infer takes 1 to"));
  EXPECT_THAT(Say(*port, std::string(600, 'x') + "%"), HasSubstr("e-[a command has at most"));
}

TEST(EmulatedSessionTest, TextAndFramesShareALine) {
  const auto emulator = Start(*FindEmulatedBoard("m33"));
  auto port = emulator->TakePort();
  EXPECT_THAT(Say(*port, ""), HasSubstr("m-init-done\r\n"));
  EXPECT_THAT(Say(*port, "name%"), HasSubstr("m-name-dut-[mps2-an505]"));
  const auto session = Open(std::move(port));
  NIWAKI_ASSERT_OK(RunOn(*session, {1, 2, 3, 4}));
  EXPECT_THAT(session->ReadOutput(), IsOkAndHolds(ElementsAre(2, 3, 4, 5)));
}

}  // namespace
}  // namespace niwaki::board
