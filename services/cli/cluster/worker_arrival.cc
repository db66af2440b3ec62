#include "services/cli/cluster/worker_arrival.h"

#include <set>

#include "absl/strings/str_cat.h"

namespace niwaki::cli {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(100);

Arrival Look(const ArrivalOptions& options) {
  Arrival arrival;
  const absl::StatusOr<Cluster> cluster = options.cluster();
  if (!cluster.ok()) return arrival;
  std::set<std::string> called;
  const absl::StatusOr<std::vector<v1::Worker>> workers = options.list();
  if (workers.ok()) {
    for (const v1::Worker& worker : *workers) {
      // One that is only known to be drained has not called.
      if (worker.has_last_seen_time()) called.insert(worker.name());
    }
  }
  for (const ClusterMember& member : cluster->workers) {
    ++arrival.wanted;
    if (called.count(absl::StrCat("workers/", member.name)) > 0) {
      ++arrival.arrived;
    } else if (!member.trouble.empty()) {
      arrival.troubles.push_back(absl::StrCat(member.name, " ", member.trouble));
    }
  }
  return arrival;
}

}  // namespace

Arrival AwaitWorkers(const ArrivalOptions& options) {
  const absl::Time deadline = options.clock->Now() + options.timeout;
  while (true) {
    Arrival arrival = Look(options);
    const int known = arrival.arrived + static_cast<int>(arrival.troubles.size());
    if (known >= arrival.wanted || options.clock->Now() >= deadline ||
        (options.interrupted && options.interrupted())) {
      return arrival;
    }
    options.clock->Sleep(kTick);
  }
}

std::string ArrivalText(const Arrival& arrival) {
  if (arrival.wanted == 0) return "no workers, as asked\n";
  if (arrival.arrived == arrival.wanted) {
    return absl::StrCat(arrival.wanted, arrival.wanted == 1 ? " worker is" : " workers are",
                        " ready\n");
  }
  std::string text = absl::StrCat(
      arrival.arrived, " of ", arrival.wanted, " workers ", arrival.arrived == 1 ? "is" : "are",
      " ready; those that are missing are awaited: niwaki workers list\n");
  for (const std::string& trouble : arrival.troubles) absl::StrAppend(&text, trouble, "\n");
  return text;
}

}  // namespace niwaki::cli
