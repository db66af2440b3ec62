// A whole cluster as child processes of this one: oracle, coordinator, workers, boards.
//
//   DIR/cluster.json   where it listens (cluster_file.h); there while the cluster is up
//   DIR/cluster.lock   one cluster for each folder (cluster_lock.h)
//   DIR/coordinator/   the coordinator's data; DIR/oracle/ the oracle's
//   DIR/cache/         what workers and boards have fetched, shared by them
//   DIR/logs/NAME.log  what each child printed

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_LOCAL_CLUSTER_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_LOCAL_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "services/cli/cluster/child_process.h"
#include "services/cli/cluster/cluster_file.h"
#include "services/cli/cluster/cluster_lock.h"

namespace niwaki::cli {

struct LocalClusterOptions {
  std::string data_dir;
  // "host:port"; port 0 takes a free one.
  std::string coordinator_listen = "127.0.0.1:0";
  std::string oracle_listen = "127.0.0.1:0";
  int workers = 2;
  // Of each worker; 0 shares the machine's cores out among them.
  int worker_threads = 0;
  // The programs.
  std::string coordinator_path;
  std::string oracle_path;
  std::string worker_path;
  // Empty for a cluster without boards.
  std::string boards_path;
  // As niwaki-boards takes them: "m4", "m7=stm32f746".
  std::vector<std::string> emulated_boards;
  // How long a service may take to listen, and all children to stop.
  absl::Duration start_timeout = absl::Seconds(30);
  absl::Duration stop_grace = absl::Seconds(70);
  Clock* clock = &Clock::Real();
  // Told what happens, a line at a time without its end.
  std::function<void(const std::string& line)> report;
  // Asked while the cluster starts; true ends the start with Cancelled.
  std::function<bool()> interrupted;

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
};

// Not thread-safe; the thread that started it must stay alive, the children die with it.
class LocalCluster {
 public:
  // Starts the oracle, then the coordinator, then the workers; returns when both services listen.
  // FailedPrecondition while another cluster has the folder, or another program an address;
  // Internal with the end of its log for another child that ends at once; DeadlineExceeded for one
  // that does not listen in time. Nothing is left running on errors.
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(LocalClusterOptions options);
  // Stop.
  ~LocalCluster();

  // Starts children that have ended again, on their old address: at once the first time, then
  // after waits that double from one second to thirty until the child has lived for a minute. Call
  // it several times a second.
  void Tick();

  // SIGTERM to workers and boards, then to the coordinator, then to the oracle, waiting for each;
  // what is left after the grace is killed. Removes cluster.json. Idempotent.
  void Stop();

  const Cluster& description() const { return description_; }

 private:
  struct Member {
    std::string name;
    ChildOptions child;
    // Written by a service when it listens; empty for workers.
    std::string address_file;
    std::unique_ptr<ChildProcess> process;
    absl::Time started;
    absl::Time restart_at;
    absl::Duration backoff = absl::ZeroDuration();
    bool waiting = false;
    // Of the log when it was started.
    int64_t log_begin = 0;
    // How it ended last; "" once it has lived for a minute since.
    std::string trouble;
  };

  LocalCluster(LocalClusterOptions options, std::unique_ptr<ClusterLock> lock);

  absl::Status StartAll();
  absl::Status StartBoards();
  // Starts a service and waits until it listens; the address. Later starts use that address.
  absl::StatusOr<std::string> StartService(Member* member, const std::string& listen);
  absl::StatusOr<std::string> AwaitAddress(Member* member);
  absl::Status StartMember(Member* member);
  void TickMember(Member* member);
  // "ended with exit code 1: no room on the disk (see LOG)", of a child that has ended.
  static std::string EndOf(const Member& member);
  void StopMembers(const std::vector<Member*>& members, absl::Time deadline);
  absl::Status WriteDescription();
  void Report(const std::string& line) const;

  const LocalClusterOptions options_;
  const std::unique_ptr<ClusterLock> lock_;
  Member oracle_;
  Member coordinator_;
  std::vector<Member> workers_;
  // One niwaki-boards, or none.
  std::vector<Member> boards_;
  Cluster description_;
  bool stopped_ = false;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_LOCAL_CLUSTER_H_
