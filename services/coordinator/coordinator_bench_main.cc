// Prints what the coordinator carries: coordinator_bench FOLDER (which must not exist).

#include <cstdio>
#include <string>

#include "libs/base/log.h"
#include "services/coordinator/coordinator_bench.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: coordinator_bench FOLDER\n");
    return 2;
  }
  niwaki::SetMinLogSeverity(niwaki::Severity::kWarning);
  const std::string folder = argv[1];
  const auto rate = niwaki::coordinator::MeasureThroughput(folder + "/throughput", {});
  const auto loaded = niwaki::coordinator::MeasureLoadedLatency(folder + "/loaded", 100000, 2000);
  if (!rate.ok() || !loaded.ok()) {
    std::fprintf(stderr, "%s\n%s\n", rate.status().ToString().c_str(),
                 loaded.status().ToString().c_str());
    return 1;
  }
  std::printf("lease_and_report %.0f per second (%.2f s)\n", rate->candidates_per_second,
              rate->seconds);
  std::printf("lease_p50 %.2f ms, lease_p99 %.2f ms with %lld candidates\n", loaded->lease_p50_ms,
              loaded->lease_p99_ms, static_cast<long long>(loaded->candidates));
  std::printf("rss %.1f MB\n", static_cast<double>(loaded->rss_bytes) / (1 << 20));
  return 0;
}
