#include "libs/client/board_client.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/server.h"

namespace niwaki::client {
namespace {

constexpr int kBoards = 25;
constexpr int kPage = 10;

// Boards in pages; a measurement that ends at the third look; fails as told.
class FakeBoardService final : public v1::BoardService::Service {
 public:
  grpc::Status ListBoards(grpc::ServerContext*, const v1::ListBoardsRequest* request,
                          v1::ListBoardsResponse* response) override {
    const int begin = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    for (int i = begin; i < std::min(begin + kPage, kBoards); ++i) {
      response->add_boards()->set_name(absl::StrCat("boards/", i));
    }
    if (begin + kPage < kBoards) response->set_next_page_token(absl::StrCat(begin + kPage));
    return grpc::Status::OK;
  }

  grpc::Status GetBoard(grpc::ServerContext*, const v1::GetBoardRequest* request,
                        v1::GetBoardResponse* response) override {
    response->mutable_board()->set_name(request->name());
    return grpc::Status::OK;
  }

  grpc::Status ChangeBoard(grpc::ServerContext*, const v1::ChangeBoardRequest* request,
                           v1::ChangeBoardResponse* response) override {
    request_ids.insert(request->request_id());
    ++calls;
    if (failures-- > 0) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "as told");
    response->mutable_board()->set_reserved_by(request->by());
    return grpc::Status::OK;
  }

  grpc::Status CreateMeasurement(grpc::ServerContext*, const v1::CreateMeasurementRequest* request,
                                 v1::CreateMeasurementResponse* response) override {
    request_ids.insert(request->request_id());
    *response->mutable_measurement()->mutable_spec() = request->spec();
    return grpc::Status::OK;
  }

  grpc::Status GetMeasurement(grpc::ServerContext*, const v1::GetMeasurementRequest*,
                              v1::GetMeasurementResponse* response) override {
    const bool ended = ++looks == 3;
    response->mutable_measurement()->set_state(ended ? v1::MEASUREMENT_STATE_FAILED
                                                     : v1::MEASUREMENT_STATE_PENDING);
    response->mutable_measurement()->set_waiting("no board");
    return grpc::Status::OK;
  }

  int failures = 0;
  int calls = 0;
  int looks = 0;
  std::set<std::string> request_ids;
};

class BoardClientTest : public ::testing::Test {
 protected:
  BoardClientTest() {
    rpc::ServerOptions options;
    options.services = {&service_};
    server_ = *rpc::Server::Start(std::move(options));
    client_ = std::make_unique<BoardClient>(rpc::MakeChannel(server_->address()));
  }

  FakeBoardService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<BoardClient> client_;
};

TEST_F(BoardClientTest, AllPagesAreRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Board> boards, client_->ListBoards());
  ASSERT_EQ(boards.size(), kBoards);
  EXPECT_EQ(boards.back().name(), "boards/24");
  EXPECT_EQ(client_->GetBoard("boards/3")->name(), "boards/3");
}

TEST_F(BoardClientTest, RepeatedChangeCountsOnce) {
  service_.failures = 2;
  v1::ChangeBoardRequest request;
  request.set_by("ann");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Board board, client_->ChangeBoard(request));

  EXPECT_EQ(board.reserved_by(), "ann");
  EXPECT_EQ(service_.calls, 3);
  ASSERT_EQ(service_.request_ids.size(), 1);
  EXPECT_TRUE(rpc::IsUuid(*service_.request_ids.begin()));
}

TEST_F(BoardClientTest, MeasurementIsAwaitedUntilItEnds) {
  v1::MeasurementSpec spec;
  spec.set_core("cortex-m4");
  EXPECT_EQ(client_->CreateMeasurement(spec)->spec().core(), "cortex-m4");
  EXPECT_EQ(client_->GetMeasurement("measurements/1")->state(), v1::MEASUREMENT_STATE_PENDING);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Measurement ended,
                              client_->AwaitMeasurement("measurements/1", absl::Minutes(1)));

  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_FAILED);
  EXPECT_EQ(service_.looks, 3);
  service_.looks = 10;
  EXPECT_THAT(client_->AwaitMeasurement("measurements/1", absl::Milliseconds(1)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "no board"));
}

}  // namespace
}  // namespace niwaki::client
