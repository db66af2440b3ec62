// What the coordinator carries: leases and reports per second, latency of a lease and memory, over
// gRPC on loopback with a durable database, scorers that take no time and costs that are computed
// in the process.

#ifndef NIWAKI_SERVICES_COORDINATOR_COORDINATOR_BENCHMARK_H_
#define NIWAKI_SERVICES_COORDINATOR_COORDINATOR_BENCHMARK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace niwaki::coordinator {

struct ThroughputOptions {
  int64_t candidates = 10000;
  int workers = 8;
  // Candidates in one lease and one report.
  int batch = 8;
  int max_parallel = 256;
};

struct Throughput {
  // Wall time from CreateJob to the end of the job.
  double seconds = 0;
  // Candidates leased and reported.
  double candidates_per_second = 0;
};

// Runs one NSGA-II job on "kws" to its end in a fresh coordinator in `folder`.
absl::StatusOr<Throughput> MeasureThroughput(const std::string& folder,
                                             const ThroughputOptions& options);

struct LoadedLatency {
  // Candidates of the job when the measuring began.
  int64_t candidates = 0;
  // Single leases, one caller after the other's report.
  double lease_p50_ms = 0;
  double lease_p99_ms = 0;
  // Resident memory of the process, workers included, at the end.
  int64_t rss_bytes = 0;
};

// Brings one job to `candidates` scored rows with large batches, then leases and reports singly
// `leases` times.
absl::StatusOr<LoadedLatency> MeasureLoadedLatency(const std::string& folder, int64_t candidates,
                                                   int leases);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_COORDINATOR_BENCHMARK_H_
