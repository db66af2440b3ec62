#include "services/worker/common_options.h"

#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "services/program/argument_checks.h"

namespace niwaki::worker {
namespace {

constexpr size_t kMaxNameBytes = 63;

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.'; }

std::string CheckName(const std::string& name) {
  bool fits = !name.empty() && name.size() <= kMaxNameBytes;
  for (char c : name) fits = fits && IsNameCharacter(c);
  return fits ? "" : "'" + name + "' is not 1 to 63 letters, digits, '-', '_' or '.'";
}

// "host-1a2b3c4d": a worker that starts anew is another worker.
std::string DefaultName() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  const std::string suffix = absl::StrCat("-", absl::Hex(EntropySeed() >> 32, absl::kZeroPad8));
  std::string name;
  for (const char* c = host; *c != '\0'; ++c) name += IsNameCharacter(*c) ? *c : '-';
  if (name.empty()) name = "worker";
  return name.substr(0, kMaxNameBytes - suffix.size()) + suffix;
}

std::string DefaultCacheDir() {
  const char* cache = getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return absl::StrCat(cache, "/niwaki");
  const char* home = getenv("HOME");
  if (home != nullptr && home[0] == '/') return absl::StrCat(home, "/.cache/niwaki");
  return "/var/cache/niwaki";
}

}  // namespace

void AddCommonOptions(CLI::App& app, Options& options) {
  app.add_option("--coordinator", options.coordinator, "Address of the coordinator, HOST:PORT")
      ->envname("NIWAKI_COORDINATOR")
      ->capture_default_str();
  app.add_option("--name", options.name,
                 "Name of this worker, unique; default: the machine's name and a random number")
      ->check(CheckName);
  app.add_option("--cache-dir", options.cache_dir,
                 "Folder for supernets and data, shared by the workers of this machine; default: "
                 "~/.cache/niwaki");
  app.add_option("--max-candidates", options.max_candidates, "Candidates to lease at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--drain-timeout", options.drain_timeout_s,
                 "Seconds that SIGTERM waits for what is running: the candidate that is being "
                 "scored, and its report")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_flag("--verbose", options.verbose, "Log every candidate");
}

std::optional<int> FinishParsing(CLI::App& app, int argc, const char* const* argv,
                                 Options& options) {
  const std::optional<int> exit_code = program::ParseArguments(app, argc, argv);
  if (exit_code.has_value()) return exit_code;
  if (options.name.empty()) options.name = DefaultName();
  if (options.cache_dir.empty()) options.cache_dir = DefaultCacheDir();
  return std::nullopt;
}

}  // namespace niwaki::worker
