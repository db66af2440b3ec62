#include "services/boards/described_board.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/digest.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/config/board_config.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/engine_version.h"
#include "libs/engine/plan/kernel_choice.h"

namespace niwaki::boards {
namespace {

// Where firmware has activations and constants (libs/board/firmware/cortex_m.ld).
constexpr char kPlacement[] = "ram/flash";

// "m7=stm32f746" as a board's file would say it.
absl::StatusOr<board::BoardConfig> EmulatedConfig(const Options& options, const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard emulated,
                          board::FindEmulatedBoard(parts.first));
  const absl::string_view core = absl::StripPrefix(emulated.core, "cortex-");
  // An emulator that starts on a busy machine takes its time.
  std::string file =
      absl::StrCat("name: ", options.name, "-", core, "\nport: {emulator: ", emulated.name,
                   "}\ntimeouts: {identify: 60s}\n");
  if (!parts.second.empty()) absl::StrAppend(&file, "device: ", parts.second, "\n");
  return board::ParseBoardConfig(file, absl::StrCat("--emulated ", text));
}

absl::StatusOr<DescribedBoard> Describe(const Options& options, board::BoardConfig config,
                                        const std::string& compiler) {
  DescribedBoard board;
  board.setup.config = std::move(config);
  board.setup.compiler = options.compiler;
  board.setup.compiler_digest = Sha256Hex(compiler);
  const board::BoardConfig& is = board.setup.config;
  v1::BoardDescription& says = board.description;
  says.set_name(is.name);
  if (!is.device.empty()) says.set_device(absl::StrCat("devices/", is.device));
  says.set_type(is.target.name);
  says.set_core(is.target.core);
  for (const std::string& tag : is.tags) says.add_tags(tag);
  NIWAKI_ASSIGN_OR_RETURN(*says.mutable_firmware_digest(), FirmwareDigestOf(board.setup));
  says.set_compiler(compiler);
  says.set_compiler_digest(board.setup.compiler_digest);
  says.set_placement(kPlacement);
  says.set_kernel_set(std::string(engine::KernelSetName(EmitOptionsOfBoards().kernels)));
  says.set_engine_version(engine::EngineVersion());
  says.set_has_flash(!is.flash.argv.empty());
  says.set_provenance(v1::PROVENANCE_MEASURED);
  if (is.port.kind != board::PortKind::kEmulator) return board;
  says.set_provenance(v1::PROVENANCE_EMULATED);
  NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard emulated,
                          board::FindEmulatedBoard(is.port.address));
  says.set_clock_hz(emulated.clock_hz());
  return board;
}

}  // namespace

absl::StatusOr<std::vector<DescribedBoard>> DescribeBoards(const Options& options) {
  std::vector<board::BoardConfig> configs;
  for (const std::string& file : options.board_files) {
    NIWAKI_ASSIGN_OR_RETURN(configs.emplace_back(), board::ReadBoardConfig(file));
  }
  for (const std::string& text : options.emulated) {
    NIWAKI_ASSIGN_OR_RETURN(configs.emplace_back(), EmulatedConfig(options, text));
  }
  if (configs.empty()) return InvalidValue("--board", "", "given, or --emulated");
  NIWAKI_ASSIGN_OR_RETURN(const std::string compiler, board::CompilerVersion(options.compiler));
  std::set<std::string> names;
  std::vector<DescribedBoard> boards;
  for (board::BoardConfig& config : configs) {
    if (!names.insert(config.name).second) {
      return InvalidValue("--board", config.name, "a name that no other board has");
    }
    NIWAKI_ASSIGN_OR_RETURN(boards.emplace_back(), Describe(options, std::move(config), compiler));
  }
  return boards;
}

}  // namespace niwaki::boards
