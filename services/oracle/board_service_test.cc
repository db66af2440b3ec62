#include "services/oracle/board_service.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/client/artifact_client.h"
#include "libs/client/board_client.h"
#include "libs/latency/lookup_table.h"
#include "libs/measure/test_boards.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "services/oracle/server.h"

namespace niwaki::oracle {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using BoardStub = v1::BoardService::StubInterface;

constexpr absl::Duration kTimeout = absl::Seconds(40);
constexpr char kA[] = "boards/a";

class BoardServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.listen = "127.0.0.1:0";
    options_.db_path = absl::StrCat(folder_, "/oracle.db");
    options_.clock = &clock_;
    Start();
    const std::string path = absl::StrCat(folder_, "/network.tflite");
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, "a network"));
    client::ArtifactClient artifacts(rpc::MakeChannel(server_->address()));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact stored, artifacts.Upload(path));
    artifact_ = stored.digest();
  }

  // Also again, as after a kill: nothing but the database is left.
  void Start() {
    server_ = nullptr;
    auto server = OracleServer::Start(options_);
    NIWAKI_ASSERT_OK(server);
    server_ = *std::move(server);
    const auto channel = rpc::MakeChannel(server_->address());
    stub_ = v1::BoardService::NewStub(channel);
    boards_ = std::make_unique<client::BoardClient>(channel);
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (BoardStub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                                const Request& request) {
    return rpc::Call<BoardStub>(*stub_, method, request, kTimeout);
  }

  absl::StatusOr<v1::RegisterBoardResponse> Register(
      const std::string& name = "a", const std::string& instance = measure::kInstance) {
    v1::RegisterBoardRequest request;
    request.set_service(measure::kService);
    request.set_instance(instance);
    *request.mutable_board() = measure::DescriptionOf(name);
    return Call(&BoardStub::RegisterBoard, request);
  }
  v1::LeaseMeasurementRequest LeaseRequest(int wait_s = 0) {
    v1::LeaseMeasurementRequest request;
    request.set_board(kA);
    request.set_instance(measure::kInstance);
    request.set_request_id(NewUuid());
    request.mutable_wait()->set_seconds(wait_s);
    return request;
  }
  v1::LeaseMeasurementResponse Lease() {
    const auto response = Call(&BoardStub::LeaseMeasurement, LeaseRequest());
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::LeaseMeasurementResponse());
  }
  v1::ReportMeasurementRequest ReportRequest(const std::string& lease_id, int64_t count = 100) {
    v1::ReportMeasurementRequest request;
    request.set_board(kA);
    request.set_lease_id(lease_id);
    *request.mutable_result() = measure::ResultOf(count);
    request.set_request_id(NewUuid());
    return request;
  }
  v1::MeasurementVerdict Report(const v1::ReportMeasurementRequest& request) {
    const auto response = Call(&BoardStub::ReportMeasurement, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ReportMeasurementResponse()).verdict();
  }
  void MakeGood() {
    NIWAKI_ASSERT_OK(Register());
    Report(ReportRequest(Lease().lease_id()));
  }
  v1::MeasurementSpec Spec() {
    v1::MeasurementSpec spec;
    spec.mutable_network()->set_artifact_digest(artifact_);
    return spec;
  }
  std::string Create() {
    return boards_->CreateMeasurement(Spec()).value_or(v1::Measurement()).name();
  }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  Options options_;
  std::string artifact_;
  std::unique_ptr<OracleServer> server_;
  std::unique_ptr<BoardStub> stub_;
  std::unique_ptr<client::BoardClient> boards_;
};

TEST_F(BoardServiceTest, MeasurementGoesFromRequestToFigures) {
  MakeGood();
  const std::string name = Create();
  const v1::LeaseMeasurementResponse lease = Lease();
  EXPECT_EQ(lease.measurement(), name);
  EXPECT_EQ(lease.spec().network().artifact_digest(), artifact_);
  EXPECT_EQ(lease.ttl().seconds(), 15);
  EXPECT_EQ(Report(ReportRequest(lease.lease_id(), 77)), v1::MEASUREMENT_VERDICT_ACCEPTED);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Measurement ended,
                              boards_->AwaitMeasurement(name, kTimeout));

  EXPECT_EQ(ended.state(), v1::MEASUREMENT_STATE_SUCCEEDED);
  EXPECT_EQ(ended.result().count(), 77);
  EXPECT_EQ(boards_->GetBoard(kA)->runs(), 2);
  EXPECT_EQ(boards_->GetBoard(kA)->instance(), "");
}

TEST_F(BoardServiceTest, KillInTheMiddleLosesNothing) {
  MakeGood();
  const std::string name = Create();
  const v1::LeaseMeasurementRequest request = LeaseRequest();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::LeaseMeasurementResponse lease,
                              Call(&BoardStub::LeaseMeasurement, request));

  Start();

  // The answer that was lost.
  EXPECT_EQ(Call(&BoardStub::LeaseMeasurement, request)->lease_id(), lease.lease_id());
  v1::ExtendMeasurementsRequest extend;
  extend.set_service(measure::kService);
  extend.set_instance(measure::kInstance);
  extend.add_lease_ids(lease.lease_id());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::ExtendMeasurementsResponse extended,
                              Call(&BoardStub::ExtendMeasurements, extend));
  EXPECT_THAT(extended.revoked_lease_ids(), IsEmpty());
  EXPECT_THAT(extended.boards(), ElementsAre(kA));
  const v1::ReportMeasurementRequest report = ReportRequest(lease.lease_id());
  EXPECT_EQ(Report(report), v1::MEASUREMENT_VERDICT_ACCEPTED);
  Start();
  // The same id, the same answer; the board has not run twice.
  EXPECT_EQ(Report(report), v1::MEASUREMENT_VERDICT_ACCEPTED);
  EXPECT_EQ(boards_->GetBoard(kA)->runs(), 2);
  EXPECT_EQ(boards_->GetMeasurement(name)->result().count(), 100);
  // Another one says that it is there already.
  EXPECT_EQ(Report(ReportRequest(lease.lease_id())), v1::MEASUREMENT_VERDICT_DUPLICATE);
  v1::ReportMeasurementRequest reused = report;
  reused.mutable_result()->set_count(101);
  EXPECT_THAT(Call(&BoardStub::ReportMeasurement, reused),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
}

TEST_F(BoardServiceTest, LeaseThatRanOutIsGivenAgainAndItsLateResultKept) {
  MakeGood();
  const std::string name = Create();
  const std::string lost = Lease().lease_id();
  clock_.Advance(absl::Seconds(options_.board_ttl_s));
  NIWAKI_ASSERT_OK(Register());
  EXPECT_EQ(Lease().lease_id(), "");
  clock_.Advance(absl::Seconds(6));
  Report(ReportRequest(Lease().lease_id()));
  const v1::LeaseMeasurementResponse again = Lease();
  EXPECT_EQ(again.measurement(), name);

  EXPECT_EQ(Report(ReportRequest(lost, 55)), v1::MEASUREMENT_VERDICT_LATE_RECORDED);

  EXPECT_EQ(boards_->GetMeasurement(name)->result().count(), 55);
  EXPECT_EQ(Report(ReportRequest(again.lease_id(), 56)), v1::MEASUREMENT_VERDICT_LATE_RECORDED);
  EXPECT_EQ(boards_->GetMeasurement(name)->late_results(0).count(), 56);
}

TEST_F(BoardServiceTest, WaitingBoardIsGivenWorkAsSoonAsThereIsSome) {
  MakeGood();
  std::string got;
  std::thread board([&] {
    const auto lease = Call(&BoardStub::LeaseMeasurement, LeaseRequest(/*wait_s=*/30));
    if (lease.ok()) got = lease->measurement();
  });
  const std::string name = Create();
  board.join();
  EXPECT_EQ(got, name);
}

TEST_F(BoardServiceTest, ShutdownAnswersWhatWaits) {
  MakeGood();
  absl::StatusOr<v1::LeaseMeasurementResponse> lease;
  std::thread board([&] { lease = Call(&BoardStub::LeaseMeasurement, LeaseRequest(30)); });
  server_->Shutdown();
  board.join();
  EXPECT_TRUE(!lease.ok() || lease->lease_id().empty());
}

TEST_F(BoardServiceTest, NameIsTakenWhileItsProcessIsAlive) {
  NIWAKI_ASSERT_OK(Register());
  const auto taken = HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardTaken);
  EXPECT_THAT(Register("b", measure::kOtherInstance), taken);
  // The oracle's restart does not free it, either.
  Start();
  EXPECT_THAT(Register("a", measure::kOtherInstance), taken);
  clock_.Advance(absl::Seconds(options_.board_ttl_s));
  NIWAKI_EXPECT_OK(Register("a", measure::kOtherInstance));
  EXPECT_THAT(Call(&BoardStub::LeaseMeasurement, LeaseRequest()),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardUnregistered));
}

TEST_F(BoardServiceTest, BoardsAreListedInPagesAndChanged) {
  for (const char* name : {"c", "a", "b"}) NIWAKI_ASSERT_OK(Register(name));
  v1::ListBoardsRequest list;
  list.set_page_size(2);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::ListBoardsResponse page,
                              Call(&BoardStub::ListBoards, list));
  EXPECT_EQ(page.boards_size(), 2);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Board> boards, boards_->ListBoards());
  ASSERT_EQ(boards.size(), 3);
  EXPECT_EQ(boards[2].name(), "boards/c");
  v1::ChangeBoardRequest change;
  change.set_name(kA);
  change.set_action(v1::BOARD_ACTION_QUARANTINE);
  change.set_note("cable");
  EXPECT_EQ(boards_->ChangeBoard(change)->health(), v1::BOARD_HEALTH_MAINTENANCE);
  Start();
  EXPECT_EQ(boards_->GetBoard(kA)->health_reason(), "cable");
}

TEST_F(BoardServiceTest, BadRequestsAreRefused) {
  v1::MeasurementSpec spec = Spec();
  spec.set_device("devices/z80");
  EXPECT_THAT(boards_->CreateMeasurement(spec),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  spec = Spec();
  spec.mutable_network()->set_artifact_digest(std::string(64, '0'));
  EXPECT_THAT(boards_->CreateMeasurement(spec),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  spec = Spec();
  spec.mutable_canary();
  EXPECT_THAT(boards_->CreateMeasurement(spec),
              StatusIs(absl::StatusCode::kInvalidArgument, "spec.kind"));
  EXPECT_THAT(boards_->GetMeasurement("measurements/99"),
              HasReason(absl::StatusCode::kNotFound, reason::kMeasurementUnknown));
  EXPECT_THAT(boards_->GetBoard("boards/none"),
              HasReason(absl::StatusCode::kNotFound, reason::kBoardUnknown));
  EXPECT_THAT(boards_->GetBoard("none"), StatusIs(absl::StatusCode::kInvalidArgument, "name"));
  v1::RegisterBoardRequest request;
  request.set_service(measure::kService);
  request.set_instance(measure::kInstance);
  *request.mutable_board() = measure::DescriptionOf("a");
  request.mutable_board()->set_clock_hz(-1);
  EXPECT_THAT(Call(&BoardStub::RegisterBoard, request),
              StatusIs(absl::StatusCode::kInvalidArgument, "board.clock_hz"));
  request.mutable_board()->set_device("devices/z80");
  EXPECT_THAT(Call(&BoardStub::RegisterBoard, request),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  v1::LeaseMeasurementRequest lease = LeaseRequest(31);
  EXPECT_THAT(Call(&BoardStub::LeaseMeasurement, lease),
              StatusIs(absl::StatusCode::kInvalidArgument, "wait"));
  lease = LeaseRequest();
  lease.set_request_id("x");
  EXPECT_THAT(Call(&BoardStub::LeaseMeasurement, lease),
              StatusIs(absl::StatusCode::kInvalidArgument, "request_id"));
  v1::ReportMeasurementRequest report;
  report.set_board(kA);
  EXPECT_THAT(Call(&BoardStub::ReportMeasurement, report),
              StatusIs(absl::StatusCode::kInvalidArgument, "outcome"));
}

TEST_F(BoardServiceTest, DatabaseOfBeforeOpens) {
  options_.db_path = absl::StrCat(folder_, "/before.db");
  // What an oracle without boards leaves: the latency table alone.
  NIWAKI_ASSERT_OK(latency::LookupTable::Open(options_.db_path).status());
  Start();
  NIWAKI_ASSERT_OK(Register());
  Start();
  EXPECT_EQ(boards_->GetBoard(kA)->description().core(), "cortex-m7");
}

}  // namespace
}  // namespace niwaki::oracle
