#include "services/boards/server.h"

#include <stdio.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/client/artifact_client.h"
#include "libs/client/board_lease_client.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/shutdown.h"
#include "services/boards/board_driver.h"
#include "services/boards/described_board.h"
#include "services/boards/heartbeat.h"
#include "services/boards/held_measurements.h"
#include "services/worker/artifact_cache.h"

namespace niwaki::boards {
namespace {

constexpr int64_t kMaxArtifactBytes = 256 << 20;

int Fail(const absl::Status& status) {
  fprintf(stderr, "niwaki-boards: %s\n", std::string(status.message()).c_str());
  return 1;
}

// The cache, used by the threads of all boards.
class SharedCache {
 public:
  explicit SharedCache(std::unique_ptr<worker::ArtifactCache> cache) : cache_(std::move(cache)) {}

  absl::StatusOr<std::string> Read(const std::string& digest) {
    absl::MutexLock lock(&mutex_);
    NIWAKI_ASSIGN_OR_RETURN(const std::string path, cache_->Fetch(digest));
    return ReadFile(path, kMaxArtifactBytes);
  }

 private:
  absl::Mutex mutex_;
  const std::unique_ptr<worker::ArtifactCache> cache_ ABSL_GUARDED_BY(mutex_);
};

// The boards' threads. A board that is refused ends them all.
class Drivers {
 public:
  Drivers(const BoardDriverOptions& options, std::vector<DescribedBoard> boards,
          client::BoardLeaseClient* oracle, const ReadArtifact& read, HeldMeasurements* held)
      : oracle_(oracle) {
    for (DescribedBoard& board : boards) {
      drivers_.push_back(
          std::make_unique<BoardDriver>(options, std::move(board), oracle, read, held));
    }
    runner_ = std::thread([this] { Run(); });
  }

  void Stop() {
    for (const auto& driver : drivers_) driver->Stop();
    oracle_->CancelLeasing();
  }

  // False where boards still run then.
  bool Await(absl::Duration timeout) { return ended_.WaitForNotificationWithTimeout(timeout); }

  // After Await: how they ended.
  absl::Status Join() {
    runner_.join();
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  void Run() {
    std::vector<std::thread> threads;
    threads.reserve(drivers_.size());
    for (const auto& driver : drivers_) {
      threads.emplace_back([this, driver = driver.get()] { Note(driver->Run()); });
    }
    for (std::thread& thread : threads) thread.join();
    ended_.Notify();
    rpc::RequestShutdown();
  }

  void Note(const absl::Status& status) {
    if (status.ok()) return;
    {
      absl::MutexLock lock(&mutex_);
      if (status_.ok()) status_ = status;
    }
    Stop();
  }

  client::BoardLeaseClient* const oracle_;
  std::vector<std::unique_ptr<BoardDriver>> drivers_;
  absl::Notification ended_;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::thread runner_;
};

}  // namespace

int RunBoards(const Options& options) {
  if (options.verbose) SetMinLogSeverity(Severity::kDebug);
  absl::StatusOr<std::vector<DescribedBoard>> boards = DescribeBoards(options);
  if (!boards.ok()) return Fail(boards.status());
  const auto channel = rpc::MakeChannel(options.oracle);
  client::ArtifactClient artifacts(channel);
  auto opened = worker::ArtifactCache::Open(options.cache_dir, &artifacts);
  if (!opened.ok()) return Fail(opened.status());
  SharedCache cache(*std::move(opened));
  client::BoardLeaseClient oracle(channel);
  HeldMeasurements held;
  BoardDriverOptions driver_options;
  driver_options.service = options.name;
  driver_options.instance = NewUuid();
  driver_options.name_patience = absl::Seconds(options.name_patience_s);
  HeartbeatOptions beat;
  beat.service = driver_options.service;
  beat.instance = driver_options.instance;
  Heartbeat heartbeat(beat, &oracle, &held);
  Drivers drivers(
      driver_options, *std::move(boards), &oracle,
      [&cache](const std::string& digest) { return cache.Read(digest); }, &held);
  rpc::WaitForShutdownSignal();
  drivers.Stop();
  if (!drivers.Await(absl::Seconds(options.drain_timeout_s))) {
    Log(Severity::kWarning, "drain_timed_out", {{"service", options.name}});
    // What runs cannot be stopped; it goes to others.
    heartbeat.Stop();
    _exit(0);
  }
  const absl::Status status = drivers.Join();
  heartbeat.Stop();
  return status.ok() ? 0 : Fail(status);
}

}  // namespace niwaki::boards
