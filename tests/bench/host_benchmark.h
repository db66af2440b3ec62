// The host runner against the same network emitted as plain C and built by gcc, in one run.

#ifndef NIWAKI_TESTS_BENCH_HOST_BENCHMARK_H_
#define NIWAKI_TESTS_BENCH_HOST_BENCHMARK_H_

#include <string>

#include "absl/status/statusor.h"

namespace niwaki::bench {

// Processor time of one inference: the shortest of several turns that alternate.
struct HostTimes {
  double runner_ms = 0;
  double emitted_ms = 0;
};

// The largest network of the space `kws` with random weights; its C is built with gcc -O2. `folder`
// is an empty folder to work in. FailedPrecondition TOOL_MISSING where there is no gcc.
absl::StatusOr<HostTimes> MeasureHost(const std::string& folder);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_HOST_BENCHMARK_H_
