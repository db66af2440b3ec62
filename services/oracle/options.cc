#include "services/oracle/options.h"

#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/file.h"
#include "libs/rpc/listen_address.h"
#include "services/program/argument_checks.h"

namespace niwaki::oracle {
namespace {

constexpr char kHelp[] =
    "Answers what networks cost on devices: SRAM, flash, latency, energy.\n"
    "Prints 'oracle listening on ADDRESS' when it is ready; ends with exit code 0 on SIGTERM.";

constexpr char kDefaultDataDir[] = "niwaki-data";

constexpr char kExamples[] =
    "Examples:\n"
    "  niwaki-oracle\n"
    "  niwaki-oracle --listen 0.0.0.0:50052 --data-dir /var/lib/niwaki\n"
    "  niwaki-oracle --listen 127.0.0.1:0 --db /tmp/oracle.db --address-file /tmp/oracle.address\n";

std::string CheckAddress(const std::string& text) {
  return std::string(rpc::ParseListenAddress(text).status().message());
}

// Where the database lay unless told otherwise before it lay beside the coordinator's.
std::string FormerDataDir() {
  const char* data = getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') return absl::StrCat(data, "/niwaki");
  const char* home = getenv("HOME");
  if (home != nullptr && home[0] == '/') return absl::StrCat(home, "/.local/share/niwaki");
  return "/var/lib/niwaki";
}

std::string DatabaseIn(const std::string& folder) { return absl::StrCat(folder, "/oracle.db"); }

// As the coordinator's. A database that is in the former place and not here is used on.
std::string DefaultDataDir() {
  const std::string former = FormerDataDir();
  const bool only_there =
      FileExists(DatabaseIn(former)) && !FileExists(DatabaseIn(kDefaultDataDir));
  return only_there ? former : kDefaultDataDir;
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  std::string data_dir = DefaultDataDir();
  bool no_reflection = false;
  CLI::App app(kHelp, "niwaki-oracle");
  app.footer(kExamples);
  app.add_option("--listen", options.listen, "HOST:PORT to serve on; port 0 takes a free one")
      ->check(CheckAddress)
      ->capture_default_str();
  app.add_option(
      "--data-dir", data_dir,
      "Folder of the database [./niwaki-data; where none is there, one that an earlier version "
      "left in $XDG_DATA_HOME/niwaki or ~/.local/share/niwaki]");
  app.add_option("--db", options.db_path, "The database; default: oracle.db in the data folder");
  app.add_option("--address-file", options.address_file, "Write the real address to this file");
  app.add_option("--max-message-mb", options.max_message_mb, "Largest request and response")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--drain-timeout", options.drain_timeout_s,
                 "Seconds that SIGTERM waits for what is running")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_option("--board-ttl", options.board_ttl_s,
                 "Seconds until a silent niwaki-boards has lost its boards' names and measurements")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_flag("--no-reflection", no_reflection, "Do not tell tools about the services");
  parsed.exit_code = program::ParseArguments(app, argc, argv);
  if (parsed.exit_code.has_value()) return parsed;
  options.reflection = !no_reflection;
  if (options.db_path.empty()) options.db_path = DatabaseIn(data_dir);
  return parsed;
}

}  // namespace niwaki::oracle
