// The command line of niwaki-boards.

#ifndef NIWAKI_SERVICES_BOARDS_OPTIONS_H_
#define NIWAKI_SERVICES_BOARDS_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

namespace niwaki::boards {

struct Options {
  // "host:port".
  std::string oracle = "127.0.0.1:50052";
  // Of this process among all that the oracle knows; begins the names of emulated boards.
  std::string name;
  // Files that describe boards (docs/boards.md).
  std::vector<std::string> board_files;
  // "m4", or "m7=stm32f746": an emulated board, and the device whose figures its are.
  std::vector<std::string> emulated;
  std::string cache_dir;
  std::string compiler;
  // How long SIGTERM waits for what runs.
  double drain_timeout_s = 60;
  // How long to wait for a name that another process, which may be dead, still has.
  double name_patience_s = 20;
  bool verbose = false;
};

struct ParsedOptions {
  Options options;
  // Set when there is nothing more to do: help was printed (0) or the command line is wrong (2).
  std::optional<int> exit_code;
};

// Reads the command line, checks every value and fills in the defaults that depend on the machine.
// Help goes to standard output, errors to standard error.
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_OPTIONS_H_
