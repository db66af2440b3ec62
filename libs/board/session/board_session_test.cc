#include "libs/board/session/board_session.h"

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/failure/failure.h"
#include "libs/board/port/serial_port.h"
#include "libs/board/session/scripted_device_for_test.h"

namespace niwaki::board {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

// Frames that a session sends, by their numbers: IDENTIFY, three parts of an input, RUN, three
// parts of the output, two of the operators.
constexpr int kIdentifyFrame = 0;
constexpr int kSecondPart = 2;
constexpr int kRunFrame = 4;
constexpr int kReadFrame = 5;
constexpr int kLastFrame = 9;

SessionOptions Options() {
  SessionOptions options;
  options.seed = 1;
  options.patience = absl::Milliseconds(60);
  return options;
}

// For a device that never answers its frame `at` right.
SessionOptions Hasty(int at) {
  SessionOptions options = Options();
  const absl::Duration soon = absl::Milliseconds(200);
  if (at == kIdentifyFrame) options.timeouts.identify = soon;
  if (at > kIdentifyFrame && at < kRunFrame) options.timeouts.write = soon;
  if (at == kRunFrame) options.timeouts.run = soon;
  if (at > kRunFrame) options.timeouts.read = soon;
  return options;
}

absl::StatusOr<std::unique_ptr<BoardSession>> Open(const ScriptedDevice& device,
                                                   const SessionOptions& options = Options()) {
  auto port = OpenSerialPort({device.path(), 115200});
  if (!port.ok()) return port.status();
  return BoardSession::Open(*std::move(port), options);
}

std::vector<int8_t> Input() {
  std::vector<int8_t> input;
  for (int i = 0; i < 1300; ++i) input.push_back(static_cast<int8_t>(i * 7));
  return input;
}

struct Measured {
  RunFigures figures;
  std::vector<int8_t> output;
  std::vector<uint64_t> operators;
};

absl::StatusOr<Measured> Measure(BoardSession& session) {
  Measured measured;
  absl::Status status = session.WriteInput(Input());
  if (!status.ok()) return status;
  auto figures = session.Run(RunSource::kInput);
  if (!figures.ok()) return figures.status();
  auto output = session.ReadOutput();
  if (!output.ok()) return output.status();
  auto operators = session.ReadOperators();
  if (!operators.ok()) return operators.status();
  return Measured{*figures, *output, *operators};
}

void ExpectRight(const absl::StatusOr<Measured>& measured) {
  NIWAKI_ASSERT_OK(measured);
  const std::vector<int8_t> input = Input();
  ASSERT_EQ(measured->output.size(), input.size());
  for (size_t i = 0; i < input.size(); ++i) {
    ASSERT_EQ(measured->output[i], static_cast<int8_t>(input[i] + 1)) << i;
  }
  // The first run, whatever was asked twice.
  EXPECT_EQ(measured->figures.ticks, 1001);
  EXPECT_EQ(measured->figures.stack_bytes, 468);
  ASSERT_EQ(measured->operators.size(), 70);
  EXPECT_EQ(measured->operators[69], 690);
}

// What a session with a device that is in trouble from its frame `at` on ends with.
absl::Status FailureOf(int at, Trouble trouble, const SessionOptions& options = Options()) {
  const ScriptedDevice device({{at, trouble}});
  const auto session = Open(device, options);
  if (!session.ok()) return session.status();
  return Measure(**session).status();
}

TEST(BoardSessionTest, BoardIsIdentifiedAndMeasured) {
  const ScriptedDevice device({});
  const auto session = Open(device);
  NIWAKI_ASSERT_OK(session);
  EXPECT_EQ((*session)->identity(), ScriptedIdentity());
  ExpectRight(Measure(**session));
  EXPECT_EQ((*session)->counts().requests, kLastFrame + 1);
  EXPECT_EQ((*session)->counts().repeats, 0);
  const auto stored = (*session)->Run(RunSource::kTestVector);
  NIWAKI_ASSERT_OK(stored);
  EXPECT_EQ(stored->ticks, 1002);
  EXPECT_EQ((*(*session)->ReadOutput())[1], 2);
}

TEST(BoardSessionTest, EveryRequestOutlivesEveryPassingTrouble) {
  for (const Trouble trouble :
       {Trouble::kLoseRequest, Trouble::kLoseReply, Trouble::kDropByte, Trouble::kDoubleByte,
        Trouble::kCorruptByte, Trouble::kDoubleReply, Trouble::kNoise, Trouble::kWrongSequence}) {
    std::map<int, Trouble> troubles;
    // Each request once: what is sent again is a frame of its own.
    for (int frame = 0; frame < 2 * (kLastFrame + 1); frame += 2) troubles[frame] = trouble;
    SCOPED_TRACE(static_cast<int>(trouble));
    const ScriptedDevice device(troubles);
    const auto session = Open(device);
    NIWAKI_ASSERT_OK(session);
    ExpectRight(Measure(**session));
    EXPECT_EQ(device.runs(), 1);
  }
}

TEST(BoardSessionTest, RunThatIsAskedForTwiceIsExecutedOnce) {
  const ScriptedDevice device({{kRunFrame, Trouble::kLoseReply}, {kRunFrame + 1, Trouble::kNone}});
  const auto session = Open(device);
  NIWAKI_ASSERT_OK(session);
  ExpectRight(Measure(**session));
  EXPECT_EQ((*session)->counts().repeats, 1);
  EXPECT_EQ(device.runs(), 1);
}

TEST(BoardSessionTest, ResetInMidRunIsTheBoards) {
  for (const Trouble trouble : {Trouble::kReset, Trouble::kSilentReset}) {
    const absl::Status status = FailureOf(kRunFrame, trouble);
    EXPECT_THAT(status, HasReason(absl::StatusCode::kUnavailable, reason::kBoardReset));
    EXPECT_THAT(status,
                StatusIs(absl::StatusCode::kUnavailable, "RUN: the board has started anew"));
    EXPECT_EQ(FailureClassOf(status), FailureClass::kBoard);
  }
}

TEST(BoardSessionTest, ResetWhileTheInputIsWrittenIsSeen) {
  EXPECT_THAT(FailureOf(kSecondPart, Trouble::kSilentReset),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardReset));
}

TEST(BoardSessionTest, BoardThatStartsWhileItIsAskedIsAskedAgain) {
  const ScriptedDevice device({{kIdentifyFrame, Trouble::kReset}});
  const auto session = Open(device);
  NIWAKI_ASSERT_OK(session);
  ExpectRight(Measure(**session));
}

TEST(BoardSessionTest, BoardThatHangsIsATimeOut) {
  for (const int at : {kIdentifyFrame, kSecondPart, kRunFrame, kReadFrame}) {
    const absl::Status status = FailureOf(at, Trouble::kHang, Hasty(at));
    EXPECT_THAT(status, HasReason(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded));
    EXPECT_EQ(FailureClassOf(status), FailureClass::kTimeout);
    EXPECT_THAT(status,
                StatusIs(absl::StatusCode::kDeadlineExceeded, "the board does not answer (asked "));
    EXPECT_THAT(GetErrorItems(status),
                Contains(Field(&ErrorItem::problem, "no reply within 60ms")));
  }
}

TEST(BoardSessionTest, NothingButWrongChecksIsTheBoards) {
  const absl::Status status = FailureOf(kRunFrame, Trouble::kAlwaysCorrupt, Hasty(kRunFrame));
  EXPECT_THAT(status, HasReason(absl::StatusCode::kDataLoss, reason::kBoardGarbled));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss, "RUN: the board's answers cannot be"));
  EXPECT_EQ(FailureClassOf(status), FailureClass::kBoard);
}

TEST(BoardSessionTest, NothingButOtherSequencesIsTheBoards) {
  const absl::Status status = FailureOf(kRunFrame, Trouble::kAlwaysWrongSequence, Hasty(kRunFrame));
  EXPECT_THAT(status, HasReason(absl::StatusCode::kDataLoss, reason::kBoardGarbled));
  EXPECT_THAT(GetErrorItems(status),
              Contains(Field(&ErrorItem::problem, HasSubstr("reply to RUN of request 0x"))));
}

TEST(BoardSessionTest, FaultOfARunIsTheCandidates) {
  const absl::Status status = FailureOf(kRunFrame, Trouble::kFault);
  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kNetworkFault));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "ran into a fault at 0x08001234 (status 0x00008200"));
  EXPECT_EQ(FailureClassOf(status), FailureClass::kCandidate);
  EXPECT_EQ(FailureClassOf(FailureOf(kReadFrame, Trouble::kFault)), FailureClass::kBoard);
}

TEST(BoardSessionTest, UnpluggedBoardIsInfrastructure) {
  for (const int at : {kSecondPart, kRunFrame, kReadFrame}) {
    const absl::Status status = FailureOf(at, Trouble::kUnplug);
    EXPECT_THAT(status, HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
    EXPECT_EQ(FailureClassOf(status), FailureClass::kInfrastructure);
  }
}

TEST(BoardSessionTest, OutputThatIsNotTheRunsIsTheBoards) {
  const absl::Status status = FailureOf(kReadFrame, Trouble::kLie);
  EXPECT_THAT(status, HasReason(absl::StatusCode::kDataLoss, reason::kBoardGarbled));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss, "the output's check is"));
}

TEST(BoardSessionTest, RefusalIsToldInTheProtocolsWords) {
  const absl::Status status = FailureOf(kSecondPart, Trouble::kRefuse);
  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardRefused));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "WRITE_INPUT: the board refuses: OUT_OF_RANGE (0)"));
}

TEST(BoardSessionTest, AnotherIdentityIsConfiguration) {
  const ScriptedDevice device({});
  SessionOptions options = Options();
  options.expected.core = "cortex-m4";
  options.expected.board = "stm32h7";
  const auto session = Open(device, options);
  EXPECT_THAT(session, HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch));
  EXPECT_THAT(session, StatusIs(absl::StatusCode::kFailedPrecondition,
                                "its board is 'stm32f4', wanted 'stm32h7'"));
  EXPECT_EQ(FailureClassOf(session.status()), FailureClass::kConfiguration);
  options.expected.board = "stm32f4";
  options.expected.serial_number = "99";
  EXPECT_THAT(Open(device, options),
              StatusIs(absl::StatusCode::kFailedPrecondition, "serial_number is '0011223344'"));
  options.expected.serial_number = "";
  options.expected.network_digest = std::string(64, 'b');
  EXPECT_THAT(Open(device, options),
              StatusIs(absl::StatusCode::kFailedPrecondition, "network_digest is 'aaaa"));
  options.expected.network_digest = std::string(64, 'a');
  NIWAKI_EXPECT_OK(Open(device, options));
}

TEST(BoardSessionTest, BusyPortIsInfrastructureAndNamed) {
  const ScriptedDevice device({});
  const auto session = Open(device);
  NIWAKI_ASSERT_OK(session);
  const auto second = Open(device);
  EXPECT_THAT(second, HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardBusy));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, device.path()));
  EXPECT_EQ(FailureClassOf(second.status()), FailureClass::kInfrastructure);
}

TEST(BoardSessionTest, InputOfAnotherSizeIsRefusedHere) {
  const ScriptedDevice device({});
  const auto session = Open(device);
  NIWAKI_ASSERT_OK(session);
  EXPECT_THAT((*session)->WriteInput(std::vector<int8_t>(1299)),
              StatusIs(absl::StatusCode::kInvalidArgument, "1299 bytes, the network's has 1300"));
}

TEST(BoardSessionTest, ResetBeginsAnew) {
  // RESET itself is a frame that the device answers, forgets or answers by starting.
  for (const Trouble trouble : {Trouble::kNone, Trouble::kReset, Trouble::kSilentReset}) {
    const ScriptedDevice device({{1, trouble}});
    const auto session = Open(device);
    NIWAKI_ASSERT_OK(session);
    NIWAKI_ASSERT_OK((*session)->Reset());
    ExpectRight(Measure(**session));
  }
}

TEST(BoardSessionTest, CancelEndsARunThatHangs) {
  const ScriptedDevice device({{1, Trouble::kHang}});
  const auto session = Open(device);
  NIWAKI_ASSERT_OK(session);
  std::thread runner([&session] {
    EXPECT_THAT((*session)->Run(RunSource::kTestVector),
                HasReason(absl::StatusCode::kCancelled, reason::kCancelled));
  });
  (*session)->Cancel();
  runner.join();
  EXPECT_EQ(FailureClassOf((*session)->Run(RunSource::kTestVector).status()),
            FailureClass::kInfrastructure);
}

TEST(BoardSessionTest, BoardThatHangsStillHangsForTheNextSession) {
  const ScriptedDevice device({{1, Trouble::kHang}});
  {
    SessionOptions options = Options();
    options.timeouts.run = absl::Milliseconds(100);
    const auto session = Open(device, options);
    NIWAKI_ASSERT_OK(session);
    EXPECT_FALSE((*session)->Run(RunSource::kTestVector).ok());
  }
  EXPECT_EQ(FailureClassOf(Open(device, Hasty(kIdentifyFrame)).status()), FailureClass::kTimeout);
}

}  // namespace
}  // namespace niwaki::board
