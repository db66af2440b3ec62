#include "services/oracle/measured_rows.h"

#include <string>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/measure/checks.h"
#include "libs/measure/times.h"
#include "services/oracle/convert.h"

namespace niwaki::oracle {
namespace {

constexpr double kMicros = 1e6;
constexpr char kSource[] = "niwaki oracle profile";

}  // namespace

std::vector<latency::LookupEntry> RowsOf(const v1::Measurement& measurement,
                                         const device::Device& device) {
  const v1::MeasurementResult& result = measurement.result();
  const bool emulated = result.provenance() == v1::PROVENANCE_EMULATED;
  latency::LookupEntry row;
  row.device = device.name;
  row.provenance = emulated ? cost::Provenance::kEmulated : cost::Provenance::kMeasured;
  row.source = kSource;
  row.build = {result.placement(), result.kernel_set(), result.firmware_digest(),
               result.compiler_digest(), result.engine_version()};
  row.unit = result.unit();
  row.clock_hz = emulated ? device.clock_hz : result.clock_hz();
  row.board = result.board();
  row.measurement = measurement.name();
  row.time = measure::FromTimestamp(result.time());
  const double us = kMicros / static_cast<double>(row.clock_hz);
  std::vector<latency::LookupEntry> rows;
  for (const v1::MeasuredOperator& one : result.measured()) {
    if (one.samples() == 0) continue;
    row.signature = one.op().signature();
    row.form = one.op().form();
    row.counted = one.count();
    row.counted_spread = one.spread();
    row.latency_us = one.count() * us;
    row.spread_us = one.spread() * us;
    row.count = one.samples();
    rows.push_back(row);
  }
  return rows;
}

absl::Status MeasuredRows::Tell(const measure::RowEvent& event) {
  const std::string name = measure::MeasurementName(event.measurement);
  if (event.withdrawn) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t rows, table_->Withdraw(name));
    Log(Severity::kWarning, "rows_withdrawn", {{"measurement", name}, {"rows", rows}});
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(const v1::Measurement measurement, store_->Find(event.measurement));
  // Its board has turned out bad meanwhile.
  if (measurement.result().doubtful()) return absl::OkStatus();
  const auto device = DeviceFromName(*table_->snapshot(),
                                     measurement.spec().operators().table_device(), "table_device");
  absl::Status told = device.status();
  if (device.ok()) {
    const std::vector<latency::LookupEntry> rows = RowsOf(measurement, *device);
    if (!rows.empty()) told = table_->Put(rows).status();
  }
  if (!absl::IsInvalidArgument(told) && !absl::IsNotFound(told)) return told;
  // It would be refused for ever.
  Log(Severity::kError, "rows_refused", {{"measurement", name}, {"error", told.message()}});
  return absl::OkStatus();
}

absl::Status MeasuredRows::TellAll() {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<measure::RowEvent> events, store_->RowEvents());
  for (const measure::RowEvent& event : events) {
    NIWAKI_RETURN_IF_ERROR(Tell(event));
    NIWAKI_RETURN_IF_ERROR(store_->ForgetRowEvent(event.id));
  }
  return absl::OkStatus();
}

absl::Status MeasuredRows::Settle() {
  if (!store_->has_row_events()) return absl::OkStatus();
  absl::MutexLock lock(&mutex_);
  absl::Status status = TellAll();
  if (!status.ok()) store_->NoteRowEvents();
  return status;
}

}  // namespace niwaki::oracle
