#include "services/boards/board_driver.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/retry_class.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/interchange/network_file.h"
#include "services/boards/canary_network.h"
#include "services/boards/operators_run.h"

namespace niwaki::boards {
namespace {

constexpr int kDefaultInputs = 16;
constexpr int kCanaryInputs = 2;
// Longest text of a failure that is reported.
constexpr size_t kMaxMessage = 2000;
constexpr size_t kMaxLogged = 300;
constexpr absl::Duration kTakenPoll = absl::Seconds(1);

bool HasReason(const absl::Status& status, absl::string_view reason) {
  return GetErrorDetail(status).value_or(ErrorDetail{}).reason == reason;
}

RunOutcome Failed(const std::string& phase, absl::Status status) {
  RunOutcome outcome;
  outcome.failed_phase = phase;
  outcome.status = std::move(status);
  return outcome;
}

}  // namespace

BoardDriver::BoardDriver(BoardDriverOptions options, DescribedBoard board,
                         client::BoardLeaseClient* oracle, ReadArtifact read_artifact,
                         HeldMeasurements* held)
    : options_(std::move(options)),
      board_(std::move(board)),
      oracle_(oracle),
      read_artifact_(std::move(read_artifact)),
      held_(held) {}

void BoardDriver::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

bool BoardDriver::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool BoardDriver::Wait(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !options_.clock->AwaitWithDeadline(mutex_, absl::Condition(&stopping_),
                                            options_.clock->Now() + duration);
}

absl::Status BoardDriver::Insist(const std::function<absl::Status()>& call, bool stops) {
  rpc::Backoff backoff(options_.backoff);
  bool away = false;
  while (true) {
    if (stops && stopping()) return absl::CancelledError("stopping");
    const absl::Status status = call();
    const bool again =
        MayAnswerLater(status.code()) && RetryClassOf(status.code()) != RetryClass::kOnceAllowed;
    if (status.ok() && away) Log(Severity::kInfo, "oracle_back");
    if (status.ok() || !again || (stops && stopping())) return status;
    if (!away) Log(Severity::kWarning, "oracle_away", {{"error", status.message()}});
    away = true;
    // One that must be delivered goes on when told to stop; its process has its own patience.
    if (!Wait(backoff.Next()) && !stops) options_.clock->Sleep(options_.backoff.initial);
  }
}

absl::Status BoardDriver::Register() {
  v1::RegisterBoardRequest request;
  request.set_service(options_.service);
  request.set_instance(options_.instance);
  *request.mutable_board() = board_.description;
  const absl::Time deadline = options_.clock->Now() + options_.name_patience;
  bool told = false;
  while (true) {
    const absl::Status status = Insist(
        [&] { return oracle_->Register(request, options_.call_timeout).status(); }, /*stops=*/true);
    if (!HasReason(status, reason::kBoardTaken) || options_.clock->Now() >= deadline) return status;
    if (!told) Log(Severity::kWarning, "board_taken", {{"error", status.message()}});
    told = true;
    if (!Wait(kTakenPoll)) return absl::CancelledError("stopping");
  }
}

absl::StatusOr<v1::LeaseMeasurementResponse> BoardDriver::Lease() {
  v1::LeaseMeasurementRequest request;
  request.set_board(board_.resource());
  request.set_instance(options_.instance);
  request.mutable_wait()->set_seconds(absl::ToInt64Seconds(options_.lease_wait));
  // Kept until an answer comes: a lease whose answer was lost is given again.
  request.set_request_id(options_.new_request_id());
  v1::LeaseMeasurementResponse response;
  const absl::Status status = Insist(
      [&]() -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(response, oracle_->Lease(request, options_.call_timeout));
        return absl::OkStatus();
      },
      /*stops=*/true);
  if (absl::IsCancelled(status) && stopping()) return v1::LeaseMeasurementResponse();
  NIWAKI_RETURN_IF_ERROR(status);
  return response;
}

absl::Status BoardDriver::Run() {
  const absl::Status registered = Register();
  if (absl::IsCancelled(registered) && stopping()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(registered);
  Log(Severity::kInfo, "board_connected", {{"board", board_.description.name()}});
  while (!stopping()) {
    absl::StatusOr<v1::LeaseMeasurementResponse> lease = Lease();
    if (HasReason(lease.status(), reason::kBoardUnregistered)) {
      // Another oracle, or one that was set back.
      NIWAKI_RETURN_IF_ERROR(Register());
      continue;
    }
    NIWAKI_RETURN_IF_ERROR(lease.status());
    if (lease->lease_id().empty()) {
      if (lease->drain()) break;
      continue;
    }
    held_->Add(lease->lease_id());
    const absl::Status reported = Report(*lease, Measure(lease->spec()));
    held_->Remove(lease->lease_id());
    NIWAKI_RETURN_IF_ERROR(reported);
  }
  Log(Severity::kInfo, "board_left", {{"board", board_.description.name()}});
  return absl::OkStatus();
}

absl::StatusOr<std::string> BoardDriver::Fetch(const std::string& digest) {
  absl::StatusOr<std::string> bytes = std::string();
  const absl::Status status = Insist(
      [&] {
        bytes = read_artifact_(digest);
        return bytes.status();
      },
      /*stops=*/true);
  NIWAKI_RETURN_IF_ERROR(status);
  return bytes;
}

RunOutcome BoardDriver::MeasureNetwork(const v1::NetworkMeasurement& network) {
  const absl::Time begin = options_.clock->Now();
  const absl::StatusOr<std::string> file = Fetch(network.artifact_digest());
  if (!file.ok()) return Failed("fetch", file.status());
  RunRequest request;
  request.schedule = network.schedule();
  request.inputs = network.inputs() > 0 ? network.inputs() : kDefaultInputs;
  request.seed = static_cast<uint64_t>(network.input_seed());
  if (!network.inputs_digest().empty()) {
    absl::StatusOr<std::string> inputs = Fetch(network.inputs_digest());
    if (!inputs.ok()) return Failed("fetch", inputs.status());
    request.input_bytes = *std::move(inputs);
  }
  const double fetched = absl::ToDoubleSeconds(options_.clock->Now() - begin);
  const auto read = interchange::ReadNetworkFile(*file, "");
  if (!read.ok()) return Failed("emit", read.status());
  RunOutcome outcome = RunNetwork(board_.setup, engine::FusePads(*read), request);
  v1::MeasurementPhase& phase = *outcome.result.add_phases();
  phase.set_name("fetch");
  phase.set_seconds(fetched);
  // It came first.
  for (int i = outcome.result.phases_size() - 1; i > 0; --i) {
    outcome.result.mutable_phases()->SwapElements(i, i - 1);
  }
  return outcome;
}

RunOutcome BoardDriver::Measure(const v1::MeasurementSpec& spec) {
  if (spec.has_network()) return MeasureNetwork(spec.network());
  if (spec.has_operators()) return RunOperators(board_.setup, spec.operators());
  if (spec.has_canary()) {
    RunRequest request;
    request.inputs = kCanaryInputs;
    return RunNetwork(board_.setup, CanaryNetwork(), request);
  }
  return Failed("fetch", Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
                             .Field("spec.kind")
                             .Message("this niwaki-boards does not know what is to be measured"));
}

absl::Status BoardDriver::Report(const v1::LeaseMeasurementResponse& lease, RunOutcome outcome) {
  v1::ReportMeasurementRequest request;
  request.set_board(board_.resource());
  request.set_lease_id(lease.lease_id());
  request.set_request_id(options_.new_request_id());
  if (outcome.failed_phase.empty()) {
    Log(Severity::kDebug, "measured",
        {{"board", board_.description.name()},
         {"measurement", lease.measurement()},
         {"count", outcome.result.count()}});
    *request.mutable_result() = std::move(outcome.result);
  } else {
    Log(Severity::kWarning, "measurement_failed",
        {{"board", board_.description.name()},
         {"measurement", lease.measurement()},
         {"phase", outcome.failed_phase},
         {"error", outcome.status.message().substr(0, kMaxLogged)}});
    *request.mutable_failure() = FailureOf(outcome.failed_phase, outcome.status);
    std::string& message = *request.mutable_failure()->mutable_message();
    message = message.substr(0, kMaxMessage);
  }
  v1::ReportMeasurementResponse response;
  const absl::Status status = Insist(
      [&]() -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(response, oracle_->Report(request, options_.call_timeout));
        return absl::OkStatus();
      },
      /*stops=*/false);
  if (!status.ok() || response.verdict() == v1::MEASUREMENT_VERDICT_REJECTED) {
    // It is tried again, here or elsewhere.
    Log(Severity::kWarning, "report_refused",
        {{"board", board_.description.name()},
         {"measurement", lease.measurement()},
         {"error", status.ok() ? response.reason() : std::string(status.message())}});
  }
  return absl::OkStatus();
}

}  // namespace niwaki::boards
