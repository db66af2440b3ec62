#include "services/boards/options.h"

#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/board/build/firmware_build.h"
#include "services/program/argument_checks.h"

namespace niwaki::boards {
namespace {

// Board names are at most 63 characters, and emulated ones are "<name>-m33" at most.
constexpr size_t kMaxNameBytes = 58;

constexpr char kHelp[] =
    "Drives boards for an oracle: leases measurements, builds, flashes, runs, checks, reports.\n"
    "Ends with exit code 0 on SIGTERM, after the measurements that run.";
constexpr char kExamples[] =
    "Examples:\n"
    "  niwaki-boards --emulated m4,m7\n"
    "  niwaki-boards --oracle search.example:50052 --board bench.yaml --board second.yaml\n"
    "  niwaki-boards --name lab --emulated m7=stm32f746\n";

bool IsNameCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
}

std::string CheckName(const std::string& name) {
  bool fits = !name.empty() && name.size() <= kMaxNameBytes && absl::ascii_isalnum(name[0]);
  for (const char c : name) fits = fits && IsNameCharacter(c);
  return fits
             ? ""
             : absl::StrCat("'", name, "' is not 1 to ", kMaxNameBytes,
                            " lower-case letters, digits, '-' or '_', the first a letter or digit");
}

// The machine's: the boards of a machine are driven by one process.
std::string DefaultName() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  std::string name;
  for (const char* c = host; *c != '\0'; ++c) {
    const char lower = absl::ascii_tolower(*c);
    name += IsNameCharacter(lower) ? lower : '-';
  }
  name = name.substr(0, kMaxNameBytes);
  return CheckName(name).empty() ? name : "boards";
}

std::string DefaultCacheDir() {
  const char* cache = getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return absl::StrCat(cache, "/niwaki");
  const char* home = getenv("HOME");
  if (home != nullptr && home[0] == '/') return absl::StrCat(home, "/.cache/niwaki");
  return "/var/cache/niwaki";
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  options.compiler = board::kCrossCompiler;
  CLI::App app(kHelp, "niwaki-boards");
  app.footer(kExamples);
  app.add_option("--oracle", options.oracle, "Address of the oracle, HOST:PORT")
      ->envname("NIWAKI_ORACLE")
      ->capture_default_str();
  app.add_option("--name", options.name,
                 "Name of this process, unique at its oracle; default: the machine's name")
      ->check(CheckName);
  app.add_option("--board", options.board_files,
                 "File of a board of yours (docs/boards.md); may be given again");
  app.add_option("--emulated", options.emulated,
                 "Emulated boards: m3, m4, m7, m33, each with =DEVICE where its figures are a "
                 "device's; they are called NAME-m4 and so on")
      ->delimiter(',');
  app.add_option("--cache-dir", options.cache_dir,
                 "Folder for networks that were fetched; default: ~/.cache/niwaki");
  app.add_option("--compiler", options.compiler, "The cross compiler")->capture_default_str();
  app.add_option("--drain-timeout", options.drain_timeout_s,
                 "Seconds that SIGTERM waits for the measurements that run, and their reports")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_option(
         "--name-patience", options.name_patience_s,
         "Seconds to wait for a name that another process has: one that was killed loses it")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_flag("--verbose", options.verbose, "Log every measurement");
  parsed.exit_code = program::ParseArguments(app, argc, argv);
  if (parsed.exit_code.has_value()) return parsed;
  if (options.name.empty()) options.name = DefaultName();
  if (options.cache_dir.empty()) options.cache_dir = DefaultCacheDir();
  return parsed;
}

}  // namespace niwaki::boards
