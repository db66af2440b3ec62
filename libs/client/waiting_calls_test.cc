#include "libs/client/waiting_calls.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::client {
namespace {

TEST(WaitingCallsTest, AnswersAndErrorsAreTheCalls) {
  WaitingCalls calls("stopping");
  const auto answer = [](grpc::ClientContext&, std::string& response) {
    response = "work";
    return grpc::Status::OK;
  };
  const auto fail = [](grpc::ClientContext&, std::string&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "nobody");
  };
  EXPECT_THAT(calls.Run<std::string>({}, absl::Seconds(1), answer), IsOkAndHolds("work"));
  EXPECT_THAT(calls.Run<std::string>({}, absl::Seconds(1), fail),
              StatusIs(absl::StatusCode::kNotFound, "nobody"));
}

TEST(WaitingCallsTest, DeadlineIsTheWaitAndTheWay) {
  WaitingCalls calls("stopping");
  google::protobuf::Duration wait;
  wait.set_seconds(30);
  wait.set_nanos(500000000);
  absl::Duration left;
  const absl::Time now = absl::Now();
  NIWAKI_ASSERT_OK(calls.Run<std::string>(wait, absl::Seconds(5),
                                          [&](grpc::ClientContext& context, std::string&) {
                                            left = absl::FromChrono(context.deadline()) - now;
                                            return grpc::Status::OK;
                                          }));
  EXPECT_GE(left, absl::Milliseconds(35500));
  EXPECT_LT(left, absl::Seconds(60));
}

TEST(WaitingCallsTest, NothingBeginsAfterCancel) {
  WaitingCalls calls("the worker is stopping");
  calls.Cancel();
  const auto never = [](grpc::ClientContext&, std::string&) {
    ADD_FAILURE() << "called";
    return grpc::Status::OK;
  };
  const absl::Status status = calls.Run<std::string>({}, absl::Seconds(1), never).status();
  EXPECT_THAT(status, HasReason(absl::StatusCode::kCancelled, reason::kShuttingDown));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled, "the worker is stopping"));
}

}  // namespace
}  // namespace niwaki::client
