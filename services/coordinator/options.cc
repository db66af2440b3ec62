#include "services/coordinator/options.h"

#include <CLI/CLI.hpp>

#include "services/program/argument_checks.h"

namespace niwaki::coordinator {
namespace {

constexpr char kHelp[] =
    "Owns the search jobs: proposes candidates, leases them to workers, keeps scores and fronts.\n"
    "Prints one line when it serves. Ends with exit code 0 on SIGTERM.";
constexpr char kExamples[] =
    "Examples:\n"
    "  niwaki-coordinator --data-dir /var/lib/niwaki --oracle 127.0.0.1:50052\n"
    "  niwaki-coordinator --listen 0.0.0.0:50051 --data-dir data --oracle oracle.example:50052\n"
    "  niwaki-coordinator --listen 127.0.0.1:0 --address-file coordinator.address\n";

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  double lease_ttl_s = absl::ToDoubleSeconds(options.lease_ttl);
  double max_lease_s = absl::ToDoubleSeconds(options.max_lease);
  double drain_timeout_s = absl::ToDoubleSeconds(options.drain_timeout);
  CLI::App app(kHelp, "niwaki-coordinator");
  app.footer(kExamples);
  app.add_option("--listen", options.listen,
                 "Address to serve on, HOST:PORT; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--data-dir", options.data_dir, "Folder of the database and the artifacts")
      ->capture_default_str();
  app.add_option("--oracle", options.oracle, "Address of the oracle, HOST:PORT")
      ->envname("NIWAKI_ORACLE")
      ->capture_default_str();
  app.add_option("--lease-ttl", lease_ttl_s, "Seconds until a silent worker loses its candidates")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  app.add_option("--max-lease", max_lease_s,
                 "Seconds that a worker may score one candidate, or hold some and begin none; then "
                 "another worker gets them, the first one as if the worker had vanished. A late "
                 "score is still used")
      ->check(CLI::Range(0.1, 31 * 86400.0))
      ->capture_default_str();
  app.add_option(
         "--max-strikes", options.max_strikes,
         "Different workers that may fail, vanish or hang on a candidate before it is given "
         "up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--address-file", options.address_file,
                 "File that gets the address in use once the server listens");
  app.add_option("--drain-timeout,--grace", drain_timeout_s,
                 "Seconds that SIGTERM waits for what is running (--grace: its old name)")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  parsed.exit_code = program::ParseArguments(app, argc, argv);
  if (parsed.exit_code.has_value()) return parsed;
  options.lease_ttl = absl::Seconds(lease_ttl_s);
  options.max_lease = absl::Seconds(max_lease_s);
  options.drain_timeout = absl::Seconds(drain_timeout_s);
  return parsed;
}

}  // namespace niwaki::coordinator
