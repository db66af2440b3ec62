#include "tests/bench/host_benchmark.h"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/quantised_network.h"
#include "tests/flash/random_network.h"

namespace niwaki::bench {
namespace {

constexpr int kTurns = 5;
constexpr int kRuns = 5;

// Prints the milliseconds of one inference.
constexpr char kMain[] = R"(#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <time.h>
#include "model.h"
#include "model_test.h"
static int8_t arena[MODEL_ARENA_BYTES] __attribute__((aligned(MODEL_ARENA_ALIGNMENT)));
static int8_t output[MODEL_OUTPUT_BYTES];
int main(void) {
  struct timespec begin, end;
  if (model_invoke(arena, model_test_input, output) != 0) return 1;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
  for (int i = 0; i < RUNS; ++i) model_invoke(arena, model_test_input, output);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  for (int i = 0; i < MODEL_OUTPUT_BYTES; ++i) if (output[i] != model_test_output[i]) return 1;
  printf("%.6f\n", ((double)(end.tv_sec - begin.tv_sec) * 1e3 +
                    (double)(end.tv_nsec - begin.tv_nsec) * 1e-6) / RUNS);
  return 0;
}
)";

absl::Status Failed(const std::string& program, const ProgramResult& result) {
  return Error(absl::StatusCode::kInternal, reason::kSystemError)
      .Field(program)
      .Value(result.exit_code)
      .Message(absl::StrCat(program, " ended with code ", result.exit_code, ": ",
                            result.standard_error));
}

absl::StatusOr<std::string> RunOrError(const std::vector<std::string>& argv) {
  ProgramOptions options;
  options.argv = argv;
  options.package = "gcc";
  options.timeout_ms = 300000;
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunProgram(options));
  if (result.exit_code != 0) return Failed(argv[0], result);
  return result.standard_output;
}

// The path of the program that times the emitted code.
absl::StatusOr<std::string> BuildEmitted(const engine::QuantisedNetwork& network,
                                         const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(engine::FileTree files,
                          engine::EmitC(network, engine::PlanNetwork(network.graph), {}));
  files["main.c"] = kMain;
  const std::string program = absl::StrCat(folder, "/timed");
  std::vector<std::string> argv = {"gcc",
                                   "-std=c11",
                                   "-O2",
                                   absl::StrCat("-DRUNS=", kRuns),
                                   "-o",
                                   program,
                                   absl::StrCat("-I", folder)};
  NIWAKI_RETURN_IF_ERROR(engine::WriteFiles(folder, files));
  argv.push_back(absl::StrCat(folder, "/main.c"));
  for (const std::string& path : engine::SourcesOf(files)) {
    argv.push_back(absl::StrCat(folder, "/", path));
  }
  NIWAKI_RETURN_IF_ERROR(RunOrError(argv).status());
  return program;
}

double CpuMs() {
  timespec cpu = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  return 1e3 * static_cast<double>(cpu.tv_sec) + 1e-6 * static_cast<double>(cpu.tv_nsec);
}

absl::StatusOr<double> RunnerMs(engine::HostRunner& runner, const std::vector<int8_t>& input) {
  const double begin = CpuMs();
  for (int i = 0; i < kRuns; ++i) NIWAKI_RETURN_IF_ERROR(runner.Run(input).status());
  return (CpuMs() - begin) / kRuns;
}

}  // namespace

absl::StatusOr<HostTimes> MeasureHost(const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const engine::QuantisedNetwork network =
      flash::RandomNetwork(arch::BuildGraph(space, arch::MaxSubnet(space)), /*seed=*/1);
  NIWAKI_ASSIGN_OR_RETURN(const std::string program, BuildEmitted(network, folder));
  NIWAKI_ASSIGN_OR_RETURN(engine::HostRunner runner, engine::HostRunner::Create(&network));
  const std::vector<int8_t> input(network.graph.shape(runner.input()).elements(), 1);
  HostTimes times;
  times.runner_ms = times.emitted_ms = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < kTurns; ++turn) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string printed, RunOrError({program}));
    double emitted_ms = 0;
    if (!absl::SimpleAtod(printed, &emitted_ms)) return Failed(program, {0, printed, "no time"});
    NIWAKI_ASSIGN_OR_RETURN(const double runner_ms, RunnerMs(runner, input));
    times.emitted_ms = std::min(times.emitted_ms, emitted_ms);
    times.runner_ms = std::min(times.runner_ms, runner_ms);
  }
  return times;
}

}  // namespace niwaki::bench
