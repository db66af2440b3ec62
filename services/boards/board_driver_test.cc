#include "services/boards/board_driver.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/config/board_config.h"
#include "libs/client/board_client.h"
#include "libs/rpc/channel.h"
#include "services/boards/heartbeat.h"
#include "services/oracle/server.h"

namespace niwaki::boards {
namespace {

using ::testing::HasSubstr;

constexpr char kBoard[] = "boards/bench";
constexpr absl::Duration kPoll = absl::Milliseconds(5);

// The real oracle, and a board whose compiler fails at once: what is tested is the way there.
class BoardDriverTest : public ::testing::Test {
 protected:
  void SetUp() override { StartOracle(/*board_ttl_s=*/15); }

  void StartOracle(double board_ttl_s) {
    server_ = nullptr;
    oracle_options_.listen = "127.0.0.1:0";
    oracle_options_.db_path = absl::StrCat(::testing::TempDir(), "/", NewUuid(), "/oracle.db");
    oracle_options_.board_ttl_s = board_ttl_s;
    auto server = oracle::OracleServer::Start(oracle_options_);
    NIWAKI_ASSERT_OK(server);
    server_ = *std::move(server);
    channel_ = rpc::MakeChannel(server_->address());
    boards_ = std::make_unique<client::BoardClient>(channel_);
    client_ = std::make_unique<client::BoardLeaseClient>(channel_);
    options_.service = "lab";
    options_.instance = NewUuid();
    options_.backoff.max = absl::Milliseconds(50);
    options_.name_patience = absl::ZeroDuration();
  }

  static DescribedBoard Bench() {
    DescribedBoard board;
    board.setup.config = *board::ParseBoardConfig("name: bench\nport: {emulator: m4}\n", "file");
    board.setup.compiler = "false";
    v1::BoardDescription& says = board.description;
    says.set_name("bench");
    says.set_type("mps2-an386");
    says.set_core("cortex-m4");
    says.set_firmware_digest(std::string(64, 'f'));
    says.set_compiler_digest(std::string(64, 'c'));
    says.set_provenance(v1::PROVENANCE_EMULATED);
    return board;
  }

  std::unique_ptr<BoardDriver> Driver() {
    return std::make_unique<BoardDriver>(
        options_, Bench(), client_.get(),
        [](const std::string&) { return absl::NotFoundError("none"); }, &held_);
  }

  template <typename Condition>
  void Await(Condition condition) {
    while (!condition(boards_->GetBoard(kBoard).value_or(v1::Board()))) {
      Clock::Real().Sleep(kPoll);
    }
  }

  oracle::Options oracle_options_;
  std::unique_ptr<oracle::OracleServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<client::BoardClient> boards_;
  std::unique_ptr<client::BoardLeaseClient> client_;
  BoardDriverOptions options_;
  HeldMeasurements held_;
};

TEST_F(BoardDriverTest, FailureIsReportedWithItsPhaseAndStopEndsTheWait) {
  const auto driver = Driver();
  absl::Status ended = absl::UnknownError("");
  std::thread thread([&] { ended = driver->Run(); });

  Await([](const v1::Board& board) { return board.failures() > 0; });

  const v1::MeasurementFailure failure = boards_->GetBoard(kBoard)->last_failure();
  EXPECT_EQ(failure.failure_class(), "infrastructure");
  EXPECT_THAT(failure.message(), HasSubstr("build: "));
  driver->Stop();
  client_->CancelLeasing();
  thread.join();
  NIWAKI_EXPECT_OK(ended);
  EXPECT_TRUE(held_.Snapshot().empty());
}

TEST_F(BoardDriverTest, DrainedBoardIsLeft) {
  const auto driver = Driver();
  absl::Status ended = absl::UnknownError("");
  std::thread thread([&] { ended = driver->Run(); });
  Await([](const v1::Board& board) { return board.failures() > 0; });
  v1::ChangeBoardRequest drain;
  drain.set_name(kBoard);
  drain.set_action(v1::BOARD_ACTION_DRAIN);

  NIWAKI_EXPECT_OK(boards_->ChangeBoard(drain));

  thread.join();
  NIWAKI_EXPECT_OK(ended);
}

TEST_F(BoardDriverTest, HeartbeatKeepsTheNameAndItsEndGivesItUp) {
  StartOracle(/*board_ttl_s=*/2);
  HeartbeatOptions beat;
  beat.service = options_.service;
  beat.instance = options_.instance;
  beat.ttl = absl::Milliseconds(300);
  Heartbeat heartbeat(beat, client_.get(), &held_);
  const auto driver = Driver();
  std::thread thread([&] { NIWAKI_EXPECT_OK(driver->Run()); });
  Await([](const v1::Board& board) { return board.connected(); });
  // Longer than the registration lives by itself.
  const absl::Time end = Clock::Real().Now() + 1.5 * absl::Seconds(oracle_options_.board_ttl_s);
  while (Clock::Real().Now() < end) {
    EXPECT_TRUE(boards_->GetBoard(kBoard)->connected());
    Clock::Real().Sleep(10 * kPoll);
  }
  options_.instance = NewUuid();
  EXPECT_THAT(Driver()->Run(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardTaken));
  driver->Stop();
  client_->CancelLeasing();
  thread.join();

  heartbeat.Stop();

  EXPECT_FALSE(boards_->GetBoard(kBoard)->connected());
}

}  // namespace
}  // namespace niwaki::boards
