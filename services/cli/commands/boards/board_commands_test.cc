#include "services/cli/commands/boards/board_commands.h"

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
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
#include "libs/interchange/tflite/test_model.h"
#include "libs/measure/test_boards.h"
#include "libs/rpc/channel.h"
#include "proto/niwaki/v1/board_service.grpc.pb.h"
#include "services/cli/commands/run_command.h"
#include "services/oracle/server.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The real oracle with a board that nobody drives.
class BoardCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    oracle::Options options;
    options.listen = "127.0.0.1:0";
    options.db_path =
        absl::StrCat(::testing::TempDir(), "/",
                     ::testing::UnitTest::GetInstance()->current_test_info()->name(), "/oracle.db");
    auto server = oracle::OracleServer::Start(options);
    NIWAKI_ASSERT_OK(server);
    server_ = *std::move(server);
    const auto stub = v1::BoardService::NewStub(rpc::MakeChannel(server_->address()));
    v1::RegisterBoardRequest request;
    request.set_service(measure::kService);
    request.set_instance(measure::kInstance);
    *request.mutable_board() = measure::DescriptionOf("bench");
    grpc::ClientContext context;
    v1::RegisterBoardResponse response;
    ASSERT_TRUE(stub->RegisterBoard(&context, request, &response).ok());
  }

  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    arguments.insert(arguments.begin(), "boards");
    out_.str("");
    const std::string address = server_->address();
    return RunCommand(
        [&address](CLI::App& app, Session& session) {
          session.globals().oracle = address;
          AddBoardsCommand(app, session);
        },
        arguments, json, out_, err_);
  }
  std::string out() const { return out_.str(); }

  std::unique_ptr<oracle::OracleServer> server_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(BoardCommandsTest, BoardsAreListedAndShown) {
  NIWAKI_ASSERT_OK(Run({"list"}));
  EXPECT_THAT(out(), AllOf(HasSubstr("BOARD"), HasSubstr("bench  IDLE   UNKNOWN  stm32f746"),
                           HasSubstr("bench is UNKNOWN: it is new\n")));
  NIWAKI_ASSERT_OK(Run({"list"}, /*json=*/true));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json list, ParseJson(out(), "answer"));
  EXPECT_EQ(list["boards"][0]["description"]["core"], "cortex-m7");
  NIWAKI_ASSERT_OK(Run({"show", "boards/bench"}));
  EXPECT_THAT(out(), HasSubstr("service       lab\n"));
  NIWAKI_ASSERT_OK(Run({"show", "bench"}, /*json=*/true));
  EXPECT_THAT(out(), HasSubstr("\"health\":\"UNKNOWN\""));
}

TEST_F(BoardCommandsTest, EveryChangeSaysWhatItHasLedTo) {
  NIWAKI_ASSERT_OK(Run({"reserve", "bench", "--by", "ann"}));
  EXPECT_EQ(out(), "boards/bench is RESERVED (for ann), UNKNOWN: it is new\n");
  EXPECT_THAT(Run({"reserve", "bench", "--by", "bob"}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardBusy));
  NIWAKI_ASSERT_OK(Run({"release", "bench"}));
  EXPECT_EQ(out(), "boards/bench is IDLE, UNKNOWN: it is new\n");
  NIWAKI_ASSERT_OK(Run({"drain", "bench"}));
  EXPECT_THAT(out(), HasSubstr("DRAINED"));
  NIWAKI_ASSERT_OK(Run({"drain", "bench", "--undo"}));
  EXPECT_THAT(out(), HasSubstr("IDLE"));
  NIWAKI_ASSERT_OK(Run({"quarantine", "bench", "--note", "cable"}));
  EXPECT_EQ(out(), "boards/bench is IDLE, MAINTENANCE: cable\n");
  NIWAKI_ASSERT_OK(Run({"burn-in", "bench", "--runs", "5"}, /*json=*/true));
  EXPECT_THAT(out(), AllOf(HasSubstr("LOOPING"), HasSubstr("5")));
  NIWAKI_ASSERT_OK(Run({"clear", "bench"}));
  EXPECT_EQ(out(), "boards/bench is IDLE, UNKNOWN: it was cleared\n");
  EXPECT_THAT(Run({"clear", "none"}),
              HasReason(absl::StatusCode::kNotFound, reason::kBoardUnknown));
  EXPECT_THAT(Run({"reserve", "bench"}), StatusIs(absl::StatusCode::kInvalidArgument, "--by"));
}

TEST_F(BoardCommandsTest, MeasurementThatNoBoardFitsSaysSo) {
  const std::string network = absl::StrCat(::testing::TempDir(), "/network.tflite");
  NIWAKI_ASSERT_OK(WriteFileAtomically(network, interchange::ConvolutionModel().Pack()));
  EXPECT_THAT(Run({"measure", network, "--core", "cortex-m33", "--timeout", "1"}),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       "no board is connected and in order that is what is asked for: cortex-m33"));
  EXPECT_THAT(Run({"measure", network, "--device", "z80"}),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_THAT(Run({"measure", "/no/such.tflite"}), StatusIs(absl::StatusCode::kNotFound, ""));
  NIWAKI_ASSERT_OK(WriteFileAtomically(network, "no network"));
  EXPECT_THAT(Run({"measure", network}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(Run({"measure", "max"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "needs --supernet and --data"));
}

TEST_F(BoardCommandsTest, HelpHasExamples) {
  for (const char* name : {"list", "show", "reserve", "release", "drain", "quarantine", "burn-in",
                           "clear", "measure"}) {
    NIWAKI_ASSERT_OK(Run({name, "--help"}));
    EXPECT_THAT(out(), HasSubstr(absl::StrCat("niwaki boards ", name))) << name;
  }
}

}  // namespace
}  // namespace niwaki::cli
