#include "services/worker/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "services/worker/common_options.h"

namespace niwaki::worker {
namespace {

constexpr char kHelp[] =
    "Scores candidates for a coordinator: leases them, evaluates them on the shared supernet, "
    "reports. Proves\nmembers of a front: quantises them, scores them in int8, uploads them.\nEnds "
    "with exit code 0 on SIGTERM, after the candidate that it is scoring.";
constexpr char kExamples[] =
    "Examples:\n"
    "  niwaki-worker --coordinator 127.0.0.1:50051\n"
    "  niwaki-worker --coordinator search.example:50051 --name gpu-0 --device cuda\n"
    "  niwaki-worker --coordinator 127.0.0.1:50051 --threads 2 --cache-dir /var/cache/niwaki\n"
    "  niwaki-worker --coordinator 127.0.0.1:50051 --threads 8 --tasks prove\n";
constexpr char kScore[] = "score";
constexpr char kProve[] = "prove";

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options& options = parsed.options;
  CLI::App app(kHelp, "niwaki-worker");
  app.footer(kExamples);
  AddCommonOptions(app, options);
  app.add_option("--device", options.device,
                 "Where to compute: cpu (precision cpu-f32) or cuda (cuda-bf16); only jobs of that "
                 "precision are served")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "CPU threads that one candidate is scored with")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  std::vector<std::string> tasks = {kScore, kProve};
  app.add_option("--tasks", tasks,
                 "What to take, separated by commas: score, prove (makes int8 networks, on the CPU "
                 "whatever the device)")
      ->delimiter(',')
      ->check(CLI::IsMember({kScore, kProve}))
      ->capture_default_str();
  parsed.exit_code = FinishParsing(app, argc, argv, options);
  options.scores = std::find(tasks.begin(), tasks.end(), kScore) != tasks.end();
  options.proves = std::find(tasks.begin(), tasks.end(), kProve) != tasks.end();
  return parsed;
}

}  // namespace niwaki::worker
