#include "services/coordinator/proof/oracle_boards.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost_message.h"
#include "libs/jobs/job.h"
#include "services/coordinator/oracle_away.h"

namespace niwaki::coordinator {
namespace {

// Inputs on which host and board must agree.
constexpr int kInputs = 16;
constexpr int64_t kInputSeed = 1;
// Before what nobody waits for.
constexpr int kPriority = 10;
constexpr char kCorePrefix[] = "core/";
constexpr char kDevicePrefix[] = "devices/";
constexpr char kOfNetwork[] = "candidate";

client::ClientOptions Options() {
  client::ClientOptions options;
  options.call_timeout = absl::Seconds(10);
  options.retry.max_attempts = 3;
  options.retry.deadline = absl::Seconds(10);
  return options;
}

absl::Status Explain(const absl::Status& status, const std::string& address) {
  return IsOracleAway(status) ? OracleAway(status, address) : status;
}

bool MayRun(const v1::Board& board) {
  return board.connected() && !board.draining() && board.health() != v1::BOARD_HEALTH_BAD &&
         board.health() != v1::BOARD_HEALTH_MAINTENANCE;
}

jobs::BoardFigures FiguresOf(const v1::MeasurementResult& from) {
  jobs::BoardFigures to;
  to.board = std::string(absl::StripPrefix(from.board(), "boards/"));
  to.provenance = from.provenance() == v1::PROVENANCE_MEASURED ? cost::Provenance::kMeasured
                                                               : cost::Provenance::kEmulated;
  to.unit = from.unit();
  to.count = from.count();
  to.count_low = from.count_low();
  to.count_high = from.count_high();
  to.inputs = from.inputs();
  to.clock_hz = from.clock_hz();
  to.arena_bytes = from.arena_bytes();
  to.sram_bytes = from.sram_bytes();
  to.flash_bytes = from.flash_bytes();
  to.stack_bytes = from.stack_bytes();
  to.schedule = from.schedule();
  to.outputs_digest = from.outputs_digest();
  to.bill_digest = from.bill_digest();
  to.firmware_digest = from.firmware_digest();
  to.compiler_digest = from.compiler_digest();
  return to;
}

bool AllComputeOtherBytes(const v1::Measurement& measurement) {
  std::set<std::string> boards;
  for (const v1::MeasurementFailure& failure : measurement.failures()) {
    if (failure.reason() != reason::kBoardWrongOutput) return false;
    boards.insert(failure.board());
  }
  return boards.size() > 1;
}

}  // namespace

jobs::BoardMeasurement BoardMeasurementOf(const v1::Measurement& measurement) {
  jobs::BoardMeasurement to;
  const bool failed = measurement.state() == v1::MEASUREMENT_STATE_FAILED;
  to.ended = failed || measurement.state() == v1::MEASUREMENT_STATE_SUCCEEDED;
  to.waiting = to.ended ? "" : measurement.waiting();
  if (!to.ended) return to;
  if (!failed && !measurement.result().doubtful()) {
    to.figures = FiguresOf(measurement.result());
    return to;
  }
  if (!failed) {
    to.failure = absl::StrCat(measurement.result().board(), " turned out bad");
    return to;
  }
  to.failure = "the measurement failed";
  if (measurement.failures().empty()) return to;
  const v1::MeasurementFailure& last = *measurement.failures().rbegin();
  to.failure = absl::StrCat(last.board(), last.board().empty() ? "" : ": ", last.message());
  to.fault_of_network = last.failure_class() == kOfNetwork || AllComputeOtherBytes(measurement);
  return to;
}

OracleBoards::OracleBoards(const std::string& address, const artifacts::ArtifactStore& artifacts)
    : address_(address),
      artifacts_(artifacts),
      oracle_(address, Options()),
      boards_(oracle_.channel(), Options()),
      uploads_(oracle_.channel(), Options()) {}

absl::StatusOr<std::string> OracleBoards::FindBoard(const std::string& device) {
  const std::string name = absl::StrCat(kDevicePrefix, device);
  const auto found = oracle_.GetDevice(name);
  if (!found.ok()) return Explain(found.status(), address_);
  const auto boards = boards_.ListBoards();
  if (absl::IsUnimplemented(boards.status())) return std::string(jobs::kNoBoard);
  if (!boards.ok()) return Explain(boards.status(), address_);
  bool of_core = false;
  for (const v1::Board& board : *boards) {
    if (!MayRun(board)) continue;
    const v1::BoardDescription& described = board.description();
    if (described.device() == name && described.provenance() == v1::PROVENANCE_MEASURED) {
      return name;
    }
    of_core = of_core || described.core() == found->device().core();
  }
  if (!of_core) return std::string(jobs::kNoBoard);
  return absl::StrCat(kCorePrefix, found->device().core());
}

absl::StatusOr<std::string> OracleBoards::Measure(const jobs::BoardRequest& request) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string path, artifacts_.PathOf(request.network_digest));
  const auto stored = uploads_.Upload(path);
  if (!stored.ok()) return Explain(stored.status(), address_);
  v1::MeasurementSpec spec;
  absl::string_view board = request.board;
  if (absl::ConsumePrefix(&board, kCorePrefix)) {
    spec.set_core(std::string(board));
  } else {
    spec.set_device(request.board);
  }
  spec.set_priority(kPriority);
  spec.mutable_network()->set_artifact_digest(stored->digest());
  spec.mutable_network()->set_schedule(request.schedule);
  spec.mutable_network()->set_inputs(kInputs);
  spec.mutable_network()->set_input_seed(kInputSeed);
  const auto measurement = boards_.CreateMeasurement(spec, request.request_id);
  if (!measurement.ok()) return Explain(measurement.status(), address_);
  return measurement->name();
}

absl::StatusOr<jobs::BoardMeasurement> OracleBoards::Follow(const std::string& measurement,
                                                            absl::Duration wait) {
  auto found = wait > absl::ZeroDuration() ? boards_.AwaitMeasurement(measurement, wait)
                                           : boards_.GetMeasurement(measurement);
  // It has not ended: who waits is told why by the other call.
  if (absl::IsDeadlineExceeded(found.status())) found = boards_.GetMeasurement(measurement);
  if (!found.ok()) return Explain(found.status(), address_);
  return BoardMeasurementOf(*found);
}

}  // namespace niwaki::coordinator
