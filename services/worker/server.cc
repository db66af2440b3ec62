#include "services/worker/server.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/client/artifact_client.h"
#include "libs/client/worker_client.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/shutdown.h"
#include "services/worker/artifact_cache.h"
#include "services/worker/worker.h"

namespace niwaki::worker {
namespace {

WorkerOptions WorkerOptionsOf(const Options& options) {
  WorkerOptions worker;
  worker.name = options.name;
  worker.max_candidates = options.max_candidates;
  worker.tasks.clear();
  if (options.scores) worker.tasks.push_back(v1::LEASE_TASK_SCORE);
  if (options.proves) worker.tasks.push_back(v1::LEASE_TASK_PROVE);
  worker.report_patience = absl::Seconds(options.drain_timeout_s);
  return worker;
}

UploadArtifact UploadTo(client::ArtifactClient& artifacts, const Options& options) {
  return [&artifacts, left = options.die_after_upload](
             const std::string& bytes) mutable -> absl::StatusOr<std::string> {
    NIWAKI_ASSIGN_OR_RETURN(v1::Artifact artifact, artifacts.UploadBytes(bytes));
    if (--left == 0) raise(SIGKILL);
    return std::move(*artifact.mutable_digest());
  };
}

int Fail(const absl::Status& status) {
  fprintf(stderr, "niwaki-worker: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace

int RunWorker(const Options& options, Scorer& scorer) {
  if (options.verbose) SetMinLogSeverity(Severity::kDebug);
  const auto channel = rpc::MakeChannel(options.coordinator);
  client::WorkerClient coordinator(channel);
  client::ArtifactClient artifacts(channel);
  FetchArtifact fetch = [](const std::string&) { return std::string(); };
  std::unique_ptr<ArtifactCache> cache;
  if (options.fetch) {
    auto opened = ArtifactCache::Open(options.cache_dir, &artifacts);
    if (!opened.ok()) return Fail(opened.status());
    cache = *std::move(opened);
    fetch = [&cache](const std::string& digest) { return cache->Fetch(digest); };
  }
  Worker worker(WorkerOptionsOf(options), &coordinator, fetch, UploadTo(artifacts, options),
                &scorer);
  absl::Status status;
  absl::Notification ended;
  std::thread thread([&] {
    status = worker.Run();
    ended.Notify();
    rpc::RequestShutdown();
  });
  rpc::WaitForShutdownSignal();
  worker.Stop();
  // For the candidate in progress and the reports together.
  if (!ended.WaitForNotificationWithTimeout(absl::Seconds(options.drain_timeout_s))) {
    Log(Severity::kWarning, "drain_timed_out", {{"worker", options.name}});
    // The thread computes and cannot be stopped; its lease runs out.
    _exit(0);
  }
  thread.join();
  return status.ok() ? 0 : Fail(status);
}

}  // namespace niwaki::worker
