#include "libs/board/config/board_config.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/document.h"
#include "libs/base/text/text_file.h"
#include "libs/board/config/config_node.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/port/serial_port.h"
#include "libs/board/port/socket_port.h"

namespace niwaki::board {
namespace {

constexpr size_t kMaxNameBytes = 63;
constexpr size_t kMaxTags = 32;
constexpr int64_t kMaxMemoryBytes = int64_t{1} << 30;
constexpr int64_t kMaxAddress = 0xFFFFFFFF;

bool IsName(absl::string_view name) {
  const auto fits = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kMaxNameBytes && name[0] != '-' && name[0] != '_' &&
         std::all_of(name.begin(), name.end(), fits);
}

absl::StatusOr<std::string> ReadName(const ConfigNode& node) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string name, node.Text());
  constexpr absl::string_view kLimit =
      "1 to 63 lower-case letters, digits, '-' and '_', the first a letter or a digit";
  if (!IsName(name)) return node.Fail(absl::StrCat("'", name, "' is not ", kLimit), kLimit);
  return name;
}

absl::StatusOr<std::vector<std::string>> ReadTags(const ConfigNode& node) {
  if (node.empty()) return std::vector<std::string>();
  NIWAKI_ASSIGN_OR_RETURN(std::vector<std::string> tags, node.Words());
  if (tags.size() > kMaxTags) return node.Fail("has more than 32 tags", "32");
  for (const std::string& tag : tags) {
    if (!IsName(tag)) return node.Fail(absl::StrCat("'", tag, "' is no name"), "names");
  }
  return tags;
}

absl::StatusOr<PortConfig> ReadPort(const ConfigNode& node) {
  NIWAKI_RETURN_IF_ERROR(node.ExpectMap({"serial", "baud", "unix", "tcp", "emulator"}));
  constexpr absl::string_view kLimit = "one of serial, unix, tcp, emulator";
  PortConfig port;
  int found = 0;
  const struct {
    absl::string_view name;
    PortKind kind;
  } kKinds[] = {{"serial", PortKind::kSerial},
                {"unix", PortKind::kUnix},
                {"tcp", PortKind::kTcp},
                {"emulator", PortKind::kEmulator}};
  for (const auto& [name, kind] : kKinds) {
    if (node.Field(name).empty()) continue;
    NIWAKI_ASSIGN_OR_RETURN(port.address, node.Field(name).Text());
    port.kind = kind;
    ++found;
  }
  if (found != 1) return node.Fail(absl::StrCat("has ", found, " ports, wanted ", kLimit), kLimit);
  const ConfigNode baud = node.Field("baud");
  if (baud.empty()) return port;
  if (port.kind != PortKind::kSerial) return baud.Fail("is of serial ports only", "serial");
  NIWAKI_ASSIGN_OR_RETURN(const int64_t rate, baud.Whole(1, 100000000));
  const std::vector<int>& rates = BaudRates();
  if (std::find(rates.begin(), rates.end(), rate) == rates.end()) {
    const std::string limit = absl::StrJoin(rates, ", ");
    return baud.Fail(absl::StrCat(rate, " is not one of ", limit), limit);
  }
  port.baud = static_cast<int>(rate);
  return port;
}

// {elf}, {bin} and {serial} may stand in words; other words in braces are mistakes.
absl::Status CheckPlaceholders(const ConfigNode& node, const std::vector<std::string>& words,
                               const std::vector<std::string>& allowed) {
  const std::string limit = absl::StrJoin(allowed, ", ");
  for (const std::string& word : words) {
    for (size_t at = word.find('{'); at != std::string::npos; at = word.find('{', at + 1)) {
      const std::string name = word.substr(at, word.find('}', at) - at + 1);
      if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
      return node.Fail(absl::StrCat("has ", name, " in '", word, "', wanted ", limit), limit);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Duration> ReadTimeout(const ConfigNode& node, absl::Duration otherwise) {
  return node.DurationOr(otherwise, absl::Milliseconds(1), absl::Hours(24));
}

absl::Status ReadFlash(const ConfigNode& node, BoardConfig& config) {
  NIWAKI_RETURN_IF_ERROR(node.ExpectMap({"command", "serial", "timeout"}));
  if (node.empty()) return absl::OkStatus();
  const ConfigNode command = node.Field("command");
  NIWAKI_ASSIGN_OR_RETURN(config.flash.argv, command.Words());
  NIWAKI_RETURN_IF_ERROR(
      CheckPlaceholders(command, config.flash.argv, {"{elf}", "{bin}", "{serial}"}));
  const std::string all = absl::StrJoin(config.flash.argv, " ");
  if (!absl::StrContains(all, "{elf}") && !absl::StrContains(all, "{bin}")) {
    return command.Fail("has neither {elf} nor {bin}: it would flash nothing", "{elf} or {bin}");
  }
  NIWAKI_ASSIGN_OR_RETURN(config.probe_serial, node.Field("serial").TextOr(""));
  if (config.probe_serial.empty() && absl::StrContains(all, "{serial}")) {
    return command.Fail("has {serial}, but flash.serial is missing", "flash.serial");
  }
  NIWAKI_ASSIGN_OR_RETURN(config.flash.timeout,
                          ReadTimeout(node.Field("timeout"), config.flash.timeout));
  return absl::OkStatus();
}

absl::Status ReadPower(const ConfigNode& node, BoardConfig& config) {
  NIWAKI_RETURN_IF_ERROR(node.ExpectMap({"cycle", "timeout"}));
  if (node.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(config.power_cycle.argv, node.Field("cycle").Words());
  NIWAKI_RETURN_IF_ERROR(
      CheckPlaceholders(node.Field("cycle"), config.power_cycle.argv, {"{serial}"}));
  NIWAKI_ASSIGN_OR_RETURN(config.power_cycle.timeout,
                          ReadTimeout(node.Field("timeout"), config.power_cycle.timeout));
  return absl::OkStatus();
}

absl::Status ReadTimeouts(const ConfigNode& node, PhaseTimeouts& timeouts) {
  NIWAKI_RETURN_IF_ERROR(node.ExpectMap({"identify", "write", "run", "read", "reset"}));
  const struct {
    absl::string_view name;
    absl::Duration& timeout;
  } kPhases[] = {{"identify", timeouts.identify},
                 {"write", timeouts.write},
                 {"run", timeouts.run},
                 {"read", timeouts.read},
                 {"reset", timeouts.reset}};
  for (const auto& [name, timeout] : kPhases) {
    NIWAKI_ASSIGN_OR_RETURN(timeout, ReadTimeout(node.Field(name), timeout));
  }
  return absl::OkStatus();
}

// A range of memory: {at: ADDRESS, bytes: SIZE}; of a known target the size alone may be said.
absl::Status ReadMemory(const ConfigNode& node, int64_t& begin, int64_t& bytes) {
  NIWAKI_RETURN_IF_ERROR(node.ExpectMap({"at", "bytes"}));
  if (!node.Field("at").empty() || (bytes == 0 && !node.empty())) {
    NIWAKI_ASSIGN_OR_RETURN(begin, node.Field("at").Whole(0, kMaxAddress));
  }
  if (!node.Field("bytes").empty() || !node.Field("at").empty()) {
    NIWAKI_ASSIGN_OR_RETURN(bytes, node.Field("bytes").Bytes(1024, kMaxMemoryBytes));
  }
  return absl::OkStatus();
}

absl::Status ReadDefines(const ConfigNode& node, FirmwareTarget& target) {
  if (!node.empty() && node.node().kind != DocumentNode::Kind::kMap) {
    return node.Fail("is no map, wanted NAME: VALUE", "a map");
  }
  for (const auto& [name, value] : node.node().fields) {
    const bool fits = !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
                      std::all_of(name.begin(), name.end(), [](char c) {
                        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
                      });
    if (!fits) return node.Field(name).Fail("is no name of C", "letters, digits and '_'");
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, node.Field(name).TextOr(""));
    Define(target, name, text);
  }
  return absl::OkStatus();
}

absl::Status ReadFirmware(const ConfigNode& node, absl::string_view folder, BoardConfig& config) {
  FirmwareTarget& target = config.target;
  NIWAKI_RETURN_IF_ERROR(
      node.ExpectMap({"port", "core", "flash", "ram", "fast", "defines", "float"}));
  const bool own = !node.Field("port").empty();
  if (own) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string file, node.Field("port").Text());
    target.files = {absl::StartsWith(file, "/") ? file : absl::StrCat(folder, "/", file)};
    NIWAKI_ASSIGN_OR_RETURN(target.core, node.Field("core").Text());
  } else if (!node.Field("core").empty()) {
    return node.Field("core").Fail("is of a port of one's own only; that of a target is known",
                                   "firmware.port");
  }
  const struct {
    absl::string_view name;
    int64_t& begin;
    int64_t& bytes;
    bool needed;
  } kRegions[] = {{"flash", target.flash_begin, target.flash_bytes, own},
                  {"ram", target.ram_begin, target.ram_bytes, own},
                  {"fast", target.fast_begin, target.fast_bytes, false}};
  for (const auto& [name, begin, bytes, needed] : kRegions) {
    NIWAKI_RETURN_IF_ERROR(ReadMemory(node.Field(name), begin, bytes));
    if (needed && bytes == 0) {
      return node.Field(name).Fail("is missing, wanted {at: ADDRESS, bytes: SIZE}",
                                   "{at: ADDRESS, bytes: SIZE}");
    }
  }
  if (config.port.kind == PortKind::kSerial) {
    Define(target, "NW_BAUD", absl::StrCat(config.port.baud));
  }
  NIWAKI_RETURN_IF_ERROR(ReadDefines(node.Field("defines"), target));
  if (!node.Field("float").empty()) {
    NIWAKI_ASSIGN_OR_RETURN(config.float_flags, node.Field("float").Words());
  }
  return absl::OkStatus();
}

absl::Status ReadTarget(const ConfigNode& root, BoardConfig& config) {
  const ConfigNode node = root.Field("target");
  if (config.port.kind == PortKind::kEmulator) {
    if (!node.empty()) return node.Fail("is that of the emulator, say port.emulator alone", "");
    const absl::StatusOr<EmulatedBoard> board = FindEmulatedBoard(config.port.address);
    if (!board.ok()) {
      return root.Field("port").Field("emulator").Fail(board.status().message(), "");
    }
    config.port.address = std::string(board->name);
    config.target = TargetOf(*board);
    return absl::OkStatus();
  }
  if (!root.Field("firmware").Field("port").empty()) {
    if (!node.empty()) return node.Fail("stands beside firmware.port; say one of them", "one");
    config.target.name = config.name;
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string name, node.Text());
  absl::StatusOr<FirmwareTarget> target = FindFirmwareTarget(name);
  if (!target.ok()) return node.Fail(target.status().message(), "");
  config.target = *std::move(target);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BoardConfig> ParseBoardConfig(absl::string_view text, absl::string_view what,
                                             absl::string_view folder) {
  NIWAKI_ASSIGN_OR_RETURN(const DocumentNode document, ParseDocument(text, what));
  const ConfigNode root(document, what);
  NIWAKI_RETURN_IF_ERROR(root.ExpectMap({"name", "device", "tags", "target", "firmware", "port",
                                         "serial_number", "flash", "power", "timeouts"}));
  BoardConfig config;
  NIWAKI_ASSIGN_OR_RETURN(config.name, ReadName(root.Field("name")));
  NIWAKI_ASSIGN_OR_RETURN(config.device, root.Field("device").TextOr(""));
  NIWAKI_ASSIGN_OR_RETURN(config.tags, ReadTags(root.Field("tags")));
  NIWAKI_ASSIGN_OR_RETURN(config.port, ReadPort(root.Field("port")));
  NIWAKI_ASSIGN_OR_RETURN(config.serial_number, root.Field("serial_number").TextOr(""));
  NIWAKI_RETURN_IF_ERROR(ReadTarget(root, config));
  NIWAKI_RETURN_IF_ERROR(ReadFirmware(root.Field("firmware"), folder, config));
  NIWAKI_RETURN_IF_ERROR(ReadFlash(root.Field("flash"), config));
  NIWAKI_RETURN_IF_ERROR(ReadPower(root.Field("power"), config));
  NIWAKI_RETURN_IF_ERROR(ReadTimeouts(root.Field("timeouts"), config.timeouts));
  return config;
}

absl::StatusOr<BoardConfig> ReadBoardConfig(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, kMaxDocumentBytes));
  const size_t slash = path.rfind('/');
  return ParseBoardConfig(text, path, slash == std::string::npos ? "." : path.substr(0, slash));
}

absl::StatusOr<std::unique_ptr<BytePort>> OpenBoardPort(const PortConfig& port,
                                                        const Deadline& deadline) {
  switch (port.kind) {
    case PortKind::kSerial:
      return OpenSerialPort({port.address, port.baud});
    case PortKind::kUnix:
      return ConnectUnixPort(port.address, deadline);
    case PortKind::kTcp:
      return ConnectTcpPort(port.address, deadline);
    case PortKind::kEmulator:
      break;
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
      .Field("port.emulator")
      .Value(port.address)
      .Message(absl::StrCat("the emulated board ", port.address,
                            " has a port once an emulator runs it"));
}

}  // namespace niwaki::board
