#include "services/cli/commands/exports/configured_run.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/config/board_config.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/failure/failure.h"
#include "libs/board/run/board_run.h"
#include "libs/board/session/board_session.h"
#include "services/cli/commands/exports/exported_network.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

constexpr double kMillisecondsPerSecond = 1000;

// NOLINTNEXTLINE(bugprone-exception-escape): Json.
struct ConfiguredRun {
  board::BoardConfig config;
  ExportedNetwork exported;
  board::BoardFigures figures;

  bool emulated() const { return config.port.kind == board::PortKind::kEmulator; }
  // Instructions of an emulated board, cycles of a real one.
  uint64_t CountOf(uint64_t ticks) const {
    const auto board = board::FindEmulatedBoard(config.port.address);
    return emulated() && board.ok() ? board::InstructionsOf(*board, ticks) : ticks;
  }
  uint64_t count() const { return CountOf(figures.run.ticks); }
  absl::string_view unit() const { return emulated() ? "instructions" : "cycles"; }
  // Of a real board.
  double milliseconds() const {
    return kMillisecondsPerSecond * static_cast<double>(figures.run.ticks) /
           static_cast<double>(figures.identity.tick_hz);
  }
};

absl::StatusOr<ConfiguredRun> RunIt(Session& session, const std::string& folder,
                                    const std::string& board_file) {
  ConfiguredRun run;
  NIWAKI_ASSIGN_OR_RETURN(run.config, board::ReadBoardConfig(board_file));
  NIWAKI_ASSIGN_OR_RETURN(run.exported, ReadExportedNetwork(session, folder));
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<TemporaryFolder> work, TemporaryFolder::Create());
  board::FirmwareOptions firmware;
  board::ApplyBoardConfig(run.config, firmware);
  ApplyExport(run.exported, firmware);
  firmware.work_folder = work->path();
  NIWAKI_ASSIGN_OR_RETURN(const std::string elf, board::BuildFirmware(firmware));
  board::ExpectedIdentity identity;
  identity.core = run.config.target.core;
  NIWAKI_ASSIGN_OR_RETURN(identity.firmware_digest, board::FirmwareDigest(firmware));
  identity.network_digest = firmware.network_digest;
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<board::ConnectedBoard> connected,
                          board::ConnectedBoard::Connect(run.config, elf, identity, EntropySeed()));
  NIWAKI_ASSIGN_OR_RETURN(run.figures, board::RunTestVector(connected->session()));
  NIWAKI_RETURN_IF_ERROR(
      CompareWithHost(run.exported, run.figures.output, absl::StrCat("board ", run.config.name)));
  return run;
}

void PrintOperators(Session& session, const ConfiguredRun& run) {
  Table table({{"", Align::kRight},
               {"OPERATOR"},
               {"MACS", Align::kRight},
               {run.emulated() ? "INSTRUCTIONS" : "CYCLES", Align::kRight}});
  const size_t count =
      std::min(run.figures.operator_ticks.size(), run.exported.bill.operators.size());
  if (count == 0) return;
  for (size_t i = 0; i < count; ++i) {
    table.AddRow({absl::StrCat(i), run.exported.bill.operators[i].text,
                  FormatCount(run.exported.bill.operators[i].macs),
                  absl::StrCat(run.CountOf(run.figures.operator_ticks[i]))});
  }
  session.out() << "\n" << table.ToString();
}

void Print(Session& session, const ConfiguredRun& run) {
  const board::BoardIdentity& identity = run.figures.identity;
  session.out() << "board         " << run.config.name << ": " << identity.board << " ("
                << identity.core << ", " << FormatCount(identity.clock_hz) << "Hz)"
                << (run.emulated() ? ", emulated" : "") << "\n"
                << "output        " << run.figures.output.size() << " bytes, equal to the host's\n"
                << absl::StrFormat("%-14s", run.unit()) << FormatCount(run.count()) << " ("
                << run.count() << ")";
  if (!run.emulated()) session.out() << absl::StrFormat(", %.3f ms", run.milliseconds());
  session.out() << "\narena         " << FormatBytes(identity.arena_bytes) << "\nstack         "
                << run.figures.run.stack_bytes << " of " << identity.stack_bytes
                << " bytes used\nfirmware      " << identity.firmware_digest << "\n";
  PrintOperators(session, run);
}

void PrintJson(Session& session, const ConfiguredRun& run) {
  const board::BoardIdentity& identity = run.figures.identity;
  Json json;
  json["board"] = run.config.name;
  json["type"] = identity.board;
  json["core"] = identity.core;
  json["clock_hz"] = identity.clock_hz;
  json["serial_number"] = identity.serial_number;
  json["provenance"] = run.emulated() ? "EMULATED" : "MEASURED";
  json["equal"] = true;
  json["output_bytes"] = run.figures.output.size();
  json[std::string(run.unit())] = run.count();
  if (!run.emulated()) json["milliseconds"] = run.milliseconds();
  json["stack_bytes"] = run.figures.run.stack_bytes;
  json["firmware_digest"] = identity.firmware_digest;
  json["network_digest"] = identity.network_digest;
  json["operators"] = Json::array();
  for (const uint64_t ticks : run.figures.operator_ticks) {
    json["operators"].push_back(run.CountOf(ticks));
  }
  session.PrintJson(json);
}

}  // namespace

bool IsBoardFile(absl::string_view board) {
  return absl::StrContains(board, '/') || absl::EndsWith(board, ".yaml") ||
         absl::EndsWith(board, ".yml") || absl::EndsWith(board, ".json");
}

absl::Status RunOnConfiguredBoard(Session& session, const std::string& folder,
                                  const std::string& board_file) {
  const absl::StatusOr<ConfiguredRun> run = RunIt(session, folder, board_file);
  if (!run.ok()) {
    const board::FailureClass failure = board::FailureClassOf(run.status());
    return Annotate(run.status(), absl::StrCat(board::FailureClassName(failure), " failure"));
  }
  if (session.json()) {
    PrintJson(session, *run);
  } else {
    Print(session, *run);
  }
  return absl::OkStatus();
}

}  // namespace niwaki::cli
