#include "libs/client/board_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/client/retrying_call.h"

namespace niwaki::client {
namespace {

using BoardStub = v1::BoardService::StubInterface;

// The most that one page holds.
constexpr int kPageSize = 1000;
// Of one call of those that wait.
constexpr absl::Duration kWait = absl::Seconds(10);

}  // namespace

BoardClient::BoardClient(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options)
    : options_(options), boards_(v1::BoardService::NewStub(std::move(channel))) {}

absl::StatusOr<std::vector<v1::Board>> BoardClient::ListBoards() {
  std::vector<v1::Board> boards;
  v1::ListBoardsRequest request;
  request.set_page_size(kPageSize);
  do {
    NIWAKI_ASSIGN_OR_RETURN(v1::ListBoardsResponse response,
                            RetryingCall(options_, *boards_, &BoardStub::ListBoards, request));
    for (v1::Board& board : *response.mutable_boards()) boards.push_back(std::move(board));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return boards;
}

absl::StatusOr<v1::Board> BoardClient::GetBoard(const std::string& name) {
  v1::GetBoardRequest request;
  request.set_name(name);
  NIWAKI_ASSIGN_OR_RETURN(const v1::GetBoardResponse response,
                          RetryingCall(options_, *boards_, &BoardStub::GetBoard, request));
  return response.board();
}

absl::StatusOr<v1::Board> BoardClient::ChangeBoard(const v1::ChangeBoardRequest& request) {
  NIWAKI_ASSIGN_OR_RETURN(
      const v1::ChangeBoardResponse response,
      RetryingCall(options_, *boards_, &BoardStub::ChangeBoard, WithRequestId(request)));
  return response.board();
}

absl::StatusOr<v1::Measurement> BoardClient::CreateMeasurement(const v1::MeasurementSpec& spec,
                                                               const std::string& request_id) {
  v1::CreateMeasurementRequest request;
  *request.mutable_spec() = spec;
  request = WithRequestId(std::move(request));
  if (!request_id.empty()) request.set_request_id(request_id);
  NIWAKI_ASSIGN_OR_RETURN(const v1::CreateMeasurementResponse response,
                          RetryingCall(options_, *boards_, &BoardStub::CreateMeasurement, request));
  return response.measurement();
}

absl::StatusOr<v1::Measurement> BoardClient::GetMeasurement(const std::string& name) {
  return AwaitMeasurement(name, absl::ZeroDuration());
}

absl::StatusOr<v1::Measurement> BoardClient::AwaitMeasurement(const std::string& name,
                                                              absl::Duration timeout) {
  const absl::Time deadline = options_.clock->Now() + timeout;
  v1::GetMeasurementRequest request;
  request.set_name(name);
  while (true) {
    const absl::Duration left = deadline - options_.clock->Now();
    const absl::Duration wait = std::clamp(left, absl::ZeroDuration(), kWait);
    request.mutable_wait()->set_seconds(absl::ToInt64Seconds(wait));
    NIWAKI_ASSIGN_OR_RETURN(const v1::GetMeasurementResponse response,
                            RetryingCall(options_, *boards_, &BoardStub::GetMeasurement, request));
    const v1::Measurement& measurement = response.measurement();
    const bool ended = measurement.state() == v1::MEASUREMENT_STATE_SUCCEEDED ||
                       measurement.state() == v1::MEASUREMENT_STATE_FAILED;
    if (ended || timeout == absl::ZeroDuration()) return measurement;
    if (options_.clock->Now() < deadline) continue;
    return Error(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded)
        .Field("measurement")
        .Value(name)
        .Limit(absl::FormatDuration(timeout))
        .Message(absl::StrCat(name, " has not ended after ", absl::FormatDuration(timeout),
                              measurement.waiting().empty() ? "" : ": ", measurement.waiting()));
  }
}

}  // namespace niwaki::client
