#include "libs/board/run/board_run.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/board/config/board_command.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/failure/failure.h"
#include "libs/board/port/byte_port.h"
#include "libs/board/port/deadline.h"

namespace niwaki::board {
namespace {

SessionOptions OptionsOf(const BoardConfig& config, const ExpectedIdentity& expected,
                         uint64_t seed) {
  SessionOptions options;
  options.seed = seed;
  options.expected = expected;
  if (!config.serial_number.empty()) options.expected.serial_number = config.serial_number;
  options.timeouts = config.timeouts;
  return options;
}

}  // namespace

void ApplyBoardConfig(const BoardConfig& config, FirmwareOptions& options) {
  options.target = config.target;
  options.float_flags = config.float_flags;
  options.program = FirmwareProgram::kServe;
}

absl::Status ConnectedBoard::OpenSession(const BoardConfig& config, const std::string& elf,
                                         const SessionOptions& options) {
  const Deadline deadline = Deadline::After(config.timeouts.identify);
  std::unique_ptr<BytePort> port;
  // The session before, whose port this one takes.
  session_.reset();
  if (config.port.kind == PortKind::kEmulator) {
    EmulatorOptions emulator;
    NIWAKI_ASSIGN_OR_RETURN(emulator.board, FindEmulatedBoard(config.port.address));
    emulator.elf_path = elf;
    NIWAKI_ASSIGN_OR_RETURN(emulator_, EmulatorProcess::Start(emulator, deadline));
    port = emulator_->TakePort();
  } else {
    NIWAKI_ASSIGN_OR_RETURN(port, OpenBoardPort(config.port, deadline));
  }
  NIWAKI_ASSIGN_OR_RETURN(session_, BoardSession::Open(std::move(port), options));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ConnectedBoard>> ConnectedBoard::Connect(
    const BoardConfig& config, const std::string& elf, const ExpectedIdentity& expected,
    uint64_t seed) {
  const std::string context = absl::StrCat("board ", config.name);
  if (!config.flash.argv.empty()) {
    const absl::StatusOr<std::string> binary = MakeBinary(elf);
    if (!binary.ok()) return Annotate(binary.status(), context);
    NIWAKI_RETURN_IF_ERROR(FlashBoard(config, elf, *binary));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  std::unique_ptr<ConnectedBoard> board(new ConnectedBoard());
  const SessionOptions options = OptionsOf(config, expected, seed);
  absl::Status opened = board->OpenSession(config, elf, options);
  const FailureClass failure = FailureClassOf(opened);
  const bool silent = failure == FailureClass::kTimeout || failure == FailureClass::kBoard;
  if (silent && !config.power_cycle.argv.empty()) {
    const absl::Status cycled = CyclePower(config);
    if (!cycled.ok()) return Annotate(cycled, absl::StrCat(context, " was silent"));
    opened = board->OpenSession(config, elf, options);
  }
  if (!opened.ok()) return Annotate(opened, context);
  return board;
}

absl::StatusOr<BoardFigures> RunTestVector(BoardSession& session) {
  BoardFigures figures;
  figures.identity = session.identity();
  NIWAKI_ASSIGN_OR_RETURN(figures.run, session.Run(RunSource::kTestVector));
  NIWAKI_ASSIGN_OR_RETURN(figures.output, session.ReadOutput());
  NIWAKI_ASSIGN_OR_RETURN(figures.operator_ticks, session.ReadOperators());
  return figures;
}

}  // namespace niwaki::board
