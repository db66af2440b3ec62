#include "services/oracle/board_service.h"

#include <google/protobuf/duration.pb.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/measure/checks.h"
#include "libs/measure/measure_engine.h"
#include "libs/measure/measurement_ref.h"
#include "libs/rpc/page_token.h"
#include "libs/rpc/request_digest.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "libs/store/request_record.h"
#include "services/oracle/convert.h"

namespace niwaki::oracle {
namespace {

using measure::MeasureCall;
using measure::MeasureEngine;

constexpr absl::Duration kMaxWait = absl::Seconds(30);
// Between two looks at whether a lease ran out, a canary is due, or the caller has left.
constexpr absl::Duration kLook = absl::Milliseconds(500);
constexpr int kMaxLeases = 1024;
constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 1000;
constexpr char kBoardList[] = "ListBoards";
constexpr size_t kMaxMessage = 4000;
constexpr size_t kMaxLogged = 300;

absl::StatusOr<absl::Duration> WaitOf(const google::protobuf::Duration& proto) {
  const absl::Duration wait = absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
  if (wait >= absl::ZeroDuration() && wait <= kMaxWait) return wait;
  return InvalidValue("wait", absl::FormatDuration(wait), "0 to 30 s");
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

template <typename Request>
absl::StatusOr<store::RequestRecord> RecordOf(const char* method, const Request& request) {
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  store::RequestRecord record;
  record.request_id = request.request_id();
  record.method = method;
  record.request_digest = rpc::RequestDigest(request);
  return record;
}

// A write whose answer is the serialised response, also for repetitions.
template <typename Request, typename Response>
absl::Status Write(measure::MeasureStore& store, const char* method, const Request& request,
                   const std::function<absl::Status(MeasureEngine&, absl::Time)>& work,
                   Response& response, std::vector<int64_t> measurements = {}) {
  MeasureCall call;
  NIWAKI_ASSIGN_OR_RETURN(call.request, RecordOf(method, request));
  call.measurements = std::move(measurements);
  call.work = [&](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
    NIWAKI_RETURN_IF_ERROR(work(engine, now));
    return response.SerializeAsString();
  };
  NIWAKI_ASSIGN_OR_RETURN(const std::string answer, store.Run(call));
  if (response.ParseFromString(answer)) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(method)
      .Message("the remembered answer cannot be read");
}

// What is only looked at.
absl::Status Look(measure::MeasureStore& store,
                  const std::function<absl::Status(MeasureEngine&, absl::Time)>& work) {
  MeasureCall call;
  call.work = [&work](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
    NIWAKI_RETURN_IF_ERROR(work(engine, now));
    return std::string();
  };
  return store.Run(call).status();
}

absl::Status UnknownBoard(const std::string& name) {
  return Error(absl::StatusCode::kNotFound, reason::kBoardUnknown)
      .Field("name")
      .Value(name)
      .Message(absl::StrCat("there is no ", name, "; niwaki boards list has them all"));
}

void SetGrant(const measure::LeaseAnswer& answer, absl::Duration ttl,
              v1::LeaseMeasurementResponse& response) {
  response.Clear();
  response.set_drain(answer.drain);
  *response.mutable_ttl() = ToProto(ttl);
  if (!answer.grant.has_value()) return;
  response.set_lease_id(answer.grant->lease_id);
  response.set_measurement(answer.grant->measurement);
  *response.mutable_spec() = answer.grant->spec;
}

}  // namespace

absl::Status BoardService::CheckDevice(const std::string& device, absl::string_view field) const {
  if (device.empty()) return absl::OkStatus();
  return DeviceFromName(*table_->snapshot(), device, field).status();
}

absl::Status BoardService::Register(const v1::RegisterBoardRequest& request,
                                    v1::RegisterBoardResponse& response) {
  NIWAKI_RETURN_IF_ERROR(CheckDevice(request.board().device(), "board.device"));
  NIWAKI_RETURN_IF_ERROR(Write(
      *store_, "RegisterBoard", request,
      [&](MeasureEngine& engine, absl::Time now) -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(
            *response.mutable_board(),
            engine.Register(request.service(), request.instance(), request.board(), now));
        *response.mutable_ttl() = ToProto(ttl_);
        return absl::OkStatus();
      },
      response));
  Log(Severity::kInfo, "board_registered",
      {{"board", request.board().name()}, {"service", request.service()}});
  return absl::OkStatus();
}

absl::Status BoardService::TryLease(const v1::LeaseMeasurementRequest& request,
                                    v1::LeaseMeasurementResponse& response) {
  MeasureCall call;
  NIWAKI_ASSIGN_OR_RETURN(call.request, RecordOf("LeaseMeasurement", request));
  call.work = [&](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
    NIWAKI_ASSIGN_OR_RETURN(const measure::LeaseAnswer answer,
                            engine.Lease(request.board(), request.instance(), now));
    SetGrant(answer, ttl_, response);
    // Nothing is not worth to be remembered: the caller will ask on.
    return response.lease_id().empty() ? std::string() : response.SerializeAsString();
  };
  // The same lease while it lives: the engine knows what the board holds.
  call.again = [&](MeasureEngine& engine, absl::Time now,
                   const std::string& remembered) -> absl::StatusOr<std::string> {
    v1::LeaseMeasurementResponse first;
    const bool reads = first.ParseFromString(remembered);
    const auto board = engine.FindBoard(request.board(), now);
    if (!reads || !board.has_value() || board->measurement() != first.measurement()) {
      response.Clear();
      *response.mutable_ttl() = ToProto(ttl_);
      return std::string();
    }
    NIWAKI_ASSIGN_OR_RETURN(const measure::LeaseAnswer answer,
                            engine.Lease(request.board(), request.instance(), now));
    SetGrant(answer, ttl_, response);
    return std::string();
  };
  return store_->Run(call).status();
}

absl::Status BoardService::Lease(const grpc::ServerContext& context,
                                 const v1::LeaseMeasurementRequest& request,
                                 v1::LeaseMeasurementResponse& response) {
  NIWAKI_ASSIGN_OR_RETURN(const absl::Duration wait, WaitOf(request.wait()));
  NIWAKI_RETURN_IF_ERROR(measure::BoardId(request.board()).status());
  const absl::Time deadline = store_->clock().Now() + wait;
  while (true) {
    const int64_t seen = store_->changes();
    NIWAKI_RETURN_IF_ERROR(TryLease(request, response));
    // Boards turn out bad by what runs out, too.
    NIWAKI_RETURN_IF_ERROR(rows_->Settle());
    const absl::Time now = store_->clock().Now();
    if (!response.lease_id().empty() || response.drain() || now >= deadline || store_->stopped() ||
        context.IsCancelled()) {
      return absl::OkStatus();
    }
    store_->AwaitChange(seen, std::min(deadline, now + kLook));
  }
}

absl::Status BoardService::Extend(const v1::ExtendMeasurementsRequest& request,
                                  v1::ExtendMeasurementsResponse& response) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("lease_ids", request.lease_ids_size(), 0, kMaxLeases));
  const std::vector<std::string> ids(request.lease_ids().begin(), request.lease_ids().end());
  return Look(*store_, [&](MeasureEngine& engine, absl::Time now) {
    measure::Renewal renewal =
        engine.Extend(request.service(), request.instance(), ids, request.last(), now);
    *response.mutable_ttl() = ToProto(ttl_);
    for (std::string& id : renewal.revoked) response.add_revoked_lease_ids(std::move(id));
    for (std::string& board : renewal.boards) response.add_boards(std::move(board));
    return absl::OkStatus();
  });
}

absl::Status BoardService::Report(const v1::ReportMeasurementRequest& request,
                                  v1::ReportMeasurementResponse& response) {
  NIWAKI_RETURN_IF_ERROR(measure::BoardId(request.board()).status());
  if (request.outcome_case() == v1::ReportMeasurementRequest::OUTCOME_NOT_SET) {
    return InvalidValue("outcome", "", "a result or a failure");
  }
  std::optional<v1::MeasurementFailure> failure;
  if (request.has_failure()) {
    failure = request.failure();
    if (failure->message().size() > kMaxMessage) {
      failure->set_message(failure->message().substr(0, kMaxMessage));
    }
  }
  std::vector<int64_t> measurements;
  const auto id = measure::MeasurementLeaseId::Parse(request.lease_id());
  if (id.ok()) measurements.push_back(id->ref.uid);
  NIWAKI_RETURN_IF_ERROR(Write(
      *store_, "ReportMeasurement", request,
      [&](MeasureEngine& engine, absl::Time now) {
        measure::ReportVerdict verdict =
            engine.Report(request.board(), request.lease_id(), request.result(),
                          failure.has_value() ? &*failure : nullptr, now);
        response.set_verdict(verdict.verdict);
        response.set_reason(std::move(verdict.reason));
        return absl::OkStatus();
      },
      response, std::move(measurements)));
  // The answer leaves when the table has what was reported, too.
  NIWAKI_RETURN_IF_ERROR(rows_->Settle());
  if (failure.has_value()) {
    Log(Severity::kWarning, "measurement_failed",
        {{"board", request.board()},
         {"lease", request.lease_id()},
         {"class", failure->failure_class()},
         {"error", failure->message().substr(0, kMaxLogged)}});
  }
  return absl::OkStatus();
}

absl::Status BoardService::List(const v1::ListBoardsRequest& request,
                                v1::ListBoardsResponse& response) {
  NIWAKI_ASSIGN_OR_RETURN(const int size,
                          rpc::ClampPageSize(request.page_size(), kDefaultPage, kMaxPage));
  NIWAKI_ASSIGN_OR_RETURN(const std::string after,
                          rpc::ReadPageToken(kBoardList, request.page_token()));
  return Look(*store_, [&](MeasureEngine& engine, absl::Time now) {
    std::vector<v1::Board> boards = engine.ListBoards(after, size + 1, now);
    if (static_cast<int>(boards.size()) > size) {
      boards.pop_back();
      response.set_next_page_token(rpc::MakePageToken(kBoardList, boards.back().name()));
    }
    for (v1::Board& board : boards) *response.add_boards() = std::move(board);
    return absl::OkStatus();
  });
}

absl::Status BoardService::Get(const v1::GetBoardRequest& request, v1::GetBoardResponse& response) {
  NIWAKI_RETURN_IF_ERROR(measure::BoardId(request.name()).status());
  return Look(*store_, [&](MeasureEngine& engine, absl::Time now) {
    std::optional<v1::Board> board = engine.FindBoard(request.name(), now);
    if (!board.has_value()) return UnknownBoard(request.name());
    *response.mutable_board() = *std::move(board);
    return absl::OkStatus();
  });
}

absl::Status BoardService::Change(const v1::ChangeBoardRequest& request,
                                  v1::ChangeBoardResponse& response) {
  NIWAKI_RETURN_IF_ERROR(measure::BoardId(request.name()).status());
  return Write(
      *store_, "ChangeBoard", request,
      [&](MeasureEngine& engine, absl::Time now) -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(*response.mutable_board(), engine.Change(request, now));
        return absl::OkStatus();
      },
      response);
}

absl::Status BoardService::Create(const v1::CreateMeasurementRequest& request,
                                  v1::CreateMeasurementResponse& response) {
  NIWAKI_RETURN_IF_ERROR(measure::CheckSpec(request.spec()));
  NIWAKI_RETURN_IF_ERROR(CheckDevice(request.spec().device(), "spec.device"));
  NIWAKI_RETURN_IF_ERROR(
      CheckDevice(request.spec().operators().table_device(), "spec.operators.table_device"));
  const v1::NetworkMeasurement& network = request.spec().network();
  for (const std::string& digest : {network.artifact_digest(), network.inputs_digest()}) {
    if (!digest.empty()) NIWAKI_RETURN_IF_ERROR(artifacts_->SizeOf(digest).status());
  }
  return Write(
      *store_, "CreateMeasurement", request,
      [&](MeasureEngine& engine, absl::Time now) -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(*response.mutable_measurement(),
                                engine.Create(request.spec(), now));
        return absl::OkStatus();
      },
      response);
}

absl::Status BoardService::Get(const grpc::ServerContext& context,
                               const v1::GetMeasurementRequest& request,
                               v1::GetMeasurementResponse& response) {
  NIWAKI_ASSIGN_OR_RETURN(const absl::Duration wait, WaitOf(request.wait()));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t uid, measure::MeasurementUid(request.name()));
  const absl::Time deadline = store_->clock().Now() + wait;
  while (true) {
    const int64_t seen = store_->changes();
    NIWAKI_ASSIGN_OR_RETURN(*response.mutable_measurement(), store_->Find(uid));
    const v1::MeasurementState state = response.measurement().state();
    const absl::Time now = store_->clock().Now();
    const bool ended =
        state == v1::MEASUREMENT_STATE_SUCCEEDED || state == v1::MEASUREMENT_STATE_FAILED;
    if (ended || now >= deadline || store_->stopped() || context.IsCancelled()) {
      return absl::OkStatus();
    }
    store_->AwaitChange(seen, std::min(deadline, now + kLook));
  }
}

grpc::Status BoardService::RegisterBoard(grpc::ServerContext*,
                                         const v1::RegisterBoardRequest* request,
                                         v1::RegisterBoardResponse* response) {
  return rpc::ToGrpcStatus(Register(*request, *response));
}

grpc::Status BoardService::LeaseMeasurement(grpc::ServerContext* context,
                                            const v1::LeaseMeasurementRequest* request,
                                            v1::LeaseMeasurementResponse* response) {
  return rpc::ToGrpcStatus(Lease(*context, *request, *response));
}

grpc::Status BoardService::ExtendMeasurements(grpc::ServerContext*,
                                              const v1::ExtendMeasurementsRequest* request,
                                              v1::ExtendMeasurementsResponse* response) {
  return rpc::ToGrpcStatus(Extend(*request, *response));
}

grpc::Status BoardService::ReportMeasurement(grpc::ServerContext*,
                                             const v1::ReportMeasurementRequest* request,
                                             v1::ReportMeasurementResponse* response) {
  return rpc::ToGrpcStatus(Report(*request, *response));
}

grpc::Status BoardService::ListBoards(grpc::ServerContext*, const v1::ListBoardsRequest* request,
                                      v1::ListBoardsResponse* response) {
  return rpc::ToGrpcStatus(List(*request, *response));
}

grpc::Status BoardService::GetBoard(grpc::ServerContext*, const v1::GetBoardRequest* request,
                                    v1::GetBoardResponse* response) {
  return rpc::ToGrpcStatus(Get(*request, *response));
}

grpc::Status BoardService::ChangeBoard(grpc::ServerContext*, const v1::ChangeBoardRequest* request,
                                       v1::ChangeBoardResponse* response) {
  return rpc::ToGrpcStatus(Change(*request, *response));
}

grpc::Status BoardService::CreateMeasurement(grpc::ServerContext*,
                                             const v1::CreateMeasurementRequest* request,
                                             v1::CreateMeasurementResponse* response) {
  return rpc::ToGrpcStatus(Create(*request, *response));
}

grpc::Status BoardService::GetMeasurement(grpc::ServerContext* context,
                                          const v1::GetMeasurementRequest* request,
                                          v1::GetMeasurementResponse* response) {
  return rpc::ToGrpcStatus(Get(*context, *request, *response));
}

}  // namespace niwaki::oracle
