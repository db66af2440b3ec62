#include "services/cli/show/board_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "libs/base/text/units.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/show/worker_text.h"

namespace niwaki::cli {
namespace {

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string ClockText(int64_t clock_hz) {
  return clock_hz > 0 ? absl::StrFormat("%.0f MHz", static_cast<double>(clock_hz) / 1e6) : "-";
}

std::string ProvenanceText(v1::Provenance provenance) {
  return std::string(absl::StripPrefix(v1::Provenance_Name(provenance), "PROVENANCE_"));
}

void AddLine(std::string& text, absl::string_view name, const absl::AlphaNum& value) {
  absl::StrAppend(&text, absl::StrFormat("%-14s", name), value.Piece(), "\n");
}

void AddFailure(std::string& text, const v1::MeasurementFailure& failure) {
  absl::StrAppend(&text, failure.failure_class(), " failure on ",
                  jobfile::ResourceId(failure.board()), ": ", failure.message(), "\n");
  for (const std::string& step : failure.chain()) absl::StrAppend(&text, "  ", step, "\n");
}

std::string PhasesText(const v1::MeasurementResult& result) {
  double sum = 0;
  std::vector<std::string> parts;
  for (const v1::MeasurementPhase& phase : result.phases()) {
    sum += phase.seconds();
    parts.push_back(absl::StrFormat("%s %.2f", phase.name(), phase.seconds()));
  }
  return absl::StrFormat("%.2f s: %s", sum, absl::StrJoin(parts, ", "));
}

std::string OperatorTable(const v1::MeasurementResult& result) {
  Table table({{"", Align::kRight},
               {"OPERATOR"},
               {"MACS", Align::kRight},
               {result.unit() == "cycles" ? "CYCLES" : "INSTRUCTIONS", Align::kRight}});
  for (int i = 0; i < result.operators_size(); ++i) {
    const v1::OperatorFigure& op = result.operators(i);
    table.AddRow({absl::StrCat(i), op.text(), FormatCount(op.macs()), absl::StrCat(op.count())});
  }
  return table.ToString();
}

std::string ResultText(const v1::MeasurementResult& result) {
  std::string text;
  AddLine(
      text, "board",
      absl::StrCat(jobfile::ResourceId(result.board()), ", ", ProvenanceText(result.provenance())));
  AddLine(text, "outputs", absl::StrCat("of ", result.inputs(), " inputs equal to the host's"));
  std::string count = absl::StrCat(FormatCount(result.count()), " (", result.count());
  if (result.count_low() != result.count_high()) {
    absl::StrAppend(&count, "; ", result.count_low(), " to ", result.count_high());
  }
  absl::StrAppend(&count, ")");
  if (result.provenance() == v1::PROVENANCE_MEASURED) {
    absl::StrAppendFormat(
        &count, ", %.3f ms",
        1e3 * static_cast<double>(result.count()) / static_cast<double>(result.clock_hz()));
  }
  AddLine(text, result.unit(), count);
  AddLine(text, "schedule", result.schedule());
  AddLine(text, "arena", FormatBytes(result.arena_bytes()));
  AddLine(text, "SRAM", FormatBytes(result.sram_bytes()));
  AddLine(text, "flash", FormatBytes(result.flash_bytes()));
  AddLine(text, "stack",
          absl::StrCat(result.stack_bytes(), " of ", result.stack_limit_bytes(), " bytes used"));
  AddLine(text, "firmware", result.firmware_digest());
  AddLine(text, "network", result.network_digest());
  AddLine(text, "took", PhasesText(result));
  if (result.late()) AddLine(text, "note", "it came when its lease was lost");
  if (result.doubtful()) {
    AddLine(text, "note", "doubtful: the board turned out bad before its next canary");
  }
  if (result.operators_size() > 0) absl::StrAppend(&text, "\n", OperatorTable(result));
  return text;
}

}  // namespace

std::string BoardStateName(const v1::Board& board) {
  if (!board.connected()) return "GONE";
  if (board.draining() && board.state() == v1::BOARD_STATE_IDLE) return "DRAINED";
  return std::string(absl::StripPrefix(v1::BoardState_Name(board.state()), "BOARD_STATE_"));
}

std::string BoardHealthName(v1::BoardHealth health) {
  return std::string(absl::StripPrefix(v1::BoardHealth_Name(health), "BOARD_HEALTH_"));
}

Table BoardTable(const std::vector<v1::Board>& boards, absl::Time now) {
  Table table({{"BOARD"},
               {"STATE"},
               {"HEALTH"},
               {"DEVICE"},
               {"CORE"},
               {"FIGURES"},
               {"SERVICE"},
               {"LAST CALL", Align::kRight},
               {"RUNS", Align::kRight},
               {"FAILED", Align::kRight}});
  for (const v1::Board& board : boards) {
    const v1::BoardDescription& is = board.description();
    table.AddRow({jobfile::ResourceId(board.name()), BoardStateName(board),
                  BoardHealthName(board.health()),
                  is.device().empty() ? "-" : jobfile::ResourceId(is.device()), is.core(),
                  ProvenanceText(is.provenance()), OrDash(board.service()),
                  AgeText(board.has_last_seen_time() ? &board.last_seen_time() : nullptr, now),
                  absl::StrCat(board.runs()), absl::StrCat(board.failures())});
  }
  return table;
}

std::string HealthNotes(const std::vector<v1::Board>& boards) {
  std::string text;
  for (const v1::Board& board : boards) {
    if (board.health_reason().empty() || board.health() == v1::BOARD_HEALTH_GOOD) continue;
    absl::StrAppend(&text, jobfile::ResourceId(board.name()), " is ",
                    BoardHealthName(board.health()), ": ", board.health_reason(), "\n");
  }
  return text;
}

std::string BoardDetails(const v1::Board& board, absl::Time now) {
  const v1::BoardDescription& is = board.description();
  std::string text;
  AddLine(text, "board", jobfile::ResourceId(board.name()));
  AddLine(text, "state", BoardStateName(board));
  if (!board.measurement().empty()) AddLine(text, "runs", board.measurement());
  if (!board.reserved_by().empty()) AddLine(text, "reserved by", board.reserved_by());
  AddLine(text, "health",
          absl::StrCat(BoardHealthName(board.health()), " since ",
                       AgeText(board.has_health_time() ? &board.health_time() : nullptr, now),
                       board.health_reason().empty() ? "" : ": ", board.health_reason()));
  if (board.burn_in_left() > 0) {
    AddLine(text, "burn-in", absl::StrCat(board.burn_in_left(), " canaries left"));
  }
  AddLine(text, "service", absl::StrCat(board.service(), board.connected() ? "" : ", not there"));
  AddLine(text, "device", is.device().empty() ? "-" : jobfile::ResourceId(is.device()));
  AddLine(text, "type",
          absl::StrCat(is.type(), ", ", is.core(), ", ", ClockText(is.clock_hz()), ", ",
                       ProvenanceText(is.provenance())));
  if (is.tags_size() > 0) AddLine(text, "tags", absl::StrJoin(is.tags(), ", "));
  AddLine(text, "firmware", is.firmware_digest());
  AddLine(text, "compiler", is.compiler());
  AddLine(text, "measurements",
          absl::StrCat(board.runs(), " with figures, ", board.failures(), " failed, ",
                       board.strikes(), " strikes in a row"));
  if (is.has_flash())
    AddLine(text, "flash", absl::StrCat("written ", board.flash_writes(), " times"));
  const v1::Canary& canary = board.canary();
  if (canary.expected_count() > 0) {
    AddLine(text, "canary",
            absl::StrCat(canary.last_count(), " where ", canary.expected_count(), " are expected, ",
                         AgeText(canary.has_last_time() ? &canary.last_time() : nullptr, now),
                         " and ", canary.measurements_since(), " measurements ago"));
  }
  if (board.has_last_failure()) {
    absl::StrAppend(
        &text, "last failure, ",
        AgeText(board.last_failure().has_time() ? &board.last_failure().time() : nullptr, now),
        " ago: ");
    AddFailure(text, board.last_failure());
  }
  return text;
}

std::string ChangeNote(const v1::Board& board) {
  std::string text = absl::StrCat(board.name(), " is ", BoardStateName(board));
  if (!board.reserved_by().empty()) absl::StrAppend(&text, " (for ", board.reserved_by(), ")");
  absl::StrAppend(&text, ", ", BoardHealthName(board.health()));
  if (!board.health_reason().empty()) absl::StrAppend(&text, ": ", board.health_reason());
  if (board.draining()) absl::StrAppend(&text, "; it is given nothing more");
  return text;
}

std::string MeasurementText(const v1::Measurement& measurement) {
  std::string text;
  AddLine(text, "measurement", measurement.name());
  if (measurement.state() == v1::MEASUREMENT_STATE_SUCCEEDED) {
    absl::StrAppend(&text, ResultText(measurement.result()));
  }
  for (const v1::MeasurementFailure& failure : measurement.failures()) AddFailure(text, failure);
  if (!measurement.waiting().empty()) AddLine(text, "waits", measurement.waiting());
  return text;
}

}  // namespace niwaki::cli
