// The worker's command line.

#ifndef NIWAKI_SERVICES_WORKER_OPTIONS_H_
#define NIWAKI_SERVICES_WORKER_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

namespace niwaki::worker {

struct Options {
  // "host:port".
  std::string coordinator = "127.0.0.1:50051";
  std::string name;
  std::string cache_dir;
  // "cpu" or "cuda".
  std::string device = "cpu";
  int threads = 1;
  int max_candidates = 4;
  // Which tasks it takes; at least one.
  bool scores = true;
  bool proves = true;
  // How long SIGTERM waits for the candidate that is being scored and its report.
  double drain_timeout_s = 60;
  bool verbose = false;
  // Off: the scorer gets no files. For fake scorers only.
  bool fetch = true;
  // Kills the process after its n-th upload, before the report; 0 for never. For tests only.
  int64_t die_after_upload = 0;
};

struct ParsedOptions {
  Options options;
  // Set when there is nothing more to do: help was printed (0) or the command line is wrong (2).
  std::optional<int> exit_code;
};

// Reads the command line, checks every value and fills in the defaults that depend on the machine.
// Help goes to standard output, errors to standard error.
ParsedOptions ParseOptions(int argc, const char* const* argv);

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_OPTIONS_H_
