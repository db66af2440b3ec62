// Whether the workers of a local cluster have arrived at its coordinator, after its start.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_WORKER_ARRIVAL_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_WORKER_ARRIVAL_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "proto/niwaki/v1/worker_service.pb.h"
#include "services/cli/cluster/cluster_file.h"

namespace niwaki::cli {

struct ArrivalOptions {
  // The cluster as it is now: its workers and why those that were started again had ended.
  std::function<absl::StatusOr<Cluster>()> cluster;
  // What the coordinator knows of workers.
  std::function<absl::StatusOr<std::vector<v1::Worker>>()> list;
  // Asked between two looks; true ends the wait. May be null.
  std::function<bool()> interrupted;
  absl::Duration timeout = absl::Seconds(20);
  // Borrowed.
  Clock* clock = &Clock::Real();
};

struct Arrival {
  int wanted = 0;
  int arrived = 0;
  // "w1 ended with signal 9 …" of those that have not arrived and had ended.
  std::vector<std::string> troubles;
};

// Waits until each worker of the cluster has called the coordinator, one that has not is known to
// have ended, or `timeout` has passed.
Arrival AwaitWorkers(const ArrivalOptions& options);

// "2 workers are ready", or how many of how many and why, with its end of line.
std::string ArrivalText(const Arrival& arrival);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_WORKER_ARRIVAL_H_
