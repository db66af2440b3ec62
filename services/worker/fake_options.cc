#include "services/worker/fake_options.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "libs/jobs/precision.h"
#include "services/worker/common_options.h"

namespace niwaki::worker {
namespace {

constexpr char kHelp[] =
    "A worker that invents its scores from the text of the architecture: for tests and benchmarks.";
constexpr char kExamples[] =
    "Examples:\n"
    "  fake_worker --coordinator 127.0.0.1:50051 --no-fetch --max-candidates 64\n"
    "  fake_worker --coordinator 127.0.0.1:50051 --no-fetch --delay-ms 20 --die-at 7\n"
    "  fake_worker --coordinator 127.0.0.1:50051 --no-fetch --prove\n";
constexpr int64_t kMaxDelayMs = 3600 * 1000;

}  // namespace

ParsedFakeOptions ParseFakeOptions(int argc, const char* const* argv) {
  ParsedFakeOptions parsed;
  FakeScorerOptions& fake = parsed.fake;
  const CLI::Range count(int64_t{0}, std::numeric_limits<int64_t>::max());
  int64_t delay_ms = 0;
  parsed.options.proves = false;
  CLI::App app(kHelp, "fake_worker");
  app.footer(kExamples);
  AddCommonOptions(app, parsed.options);
  app.add_option("--delay-ms", delay_ms, "Milliseconds that a score takes")
      ->check(CLI::Range(int64_t{0}, kMaxDelayMs));
  app.add_option("--precision", fake.precision, "What it says that it computes in")
      ->check(CLI::IsMember(jobs::KnownPrecisions()))
      ->capture_default_str();
  app.add_option("--fail-every", fake.fail_every, "Every n-th score is an error")->check(count);
  app.add_option("--nan-every", fake.nan_every, "Every n-th score is not a number")->check(count);
  app.add_option("--die-at", fake.die_at, "Kill the process instead of giving the n-th score")
      ->check(count);
  app.add_option("--hang-at", fake.hang_at, "Hang for ever instead of giving the n-th score")
      ->check(count);
  app.add_flag("--prove", parsed.options.proves,
               "Take networks to prove too: uploads a small int8 network for each");
  app.add_option("--die-after-upload", parsed.options.die_after_upload,
                 "Kill the process after its n-th upload, before the report")
      ->check(count);
  app.add_flag("!--no-fetch", parsed.options.fetch, "Do not fetch supernet and data");
  parsed.exit_code = FinishParsing(app, argc, argv, parsed.options);
  fake.delay = absl::Milliseconds(delay_ms);
  return parsed;
}

}  // namespace niwaki::worker
