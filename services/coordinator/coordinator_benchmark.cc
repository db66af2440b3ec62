#include "services/coordinator/coordinator_benchmark.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/base/digest.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "proto/niwaki/v1/job_service.grpc.pb.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/server.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);
constexpr char kJob[] = "bench";
constexpr char kData[] = "data";

// A coordinator with the supernet "kws", whose files are in its folder before it starts.
class Bench {
 public:
  static absl::StatusOr<std::unique_ptr<Bench>> Start(const std::string& folder) {
    std::unique_ptr<Bench> bench(new Bench);
    Options options;
    options.listen = "127.0.0.1:0";
    options.data_dir = folder;
    NIWAKI_RETURN_IF_ERROR(Prepare(folder));
    NIWAKI_ASSIGN_OR_RETURN(bench->server_,
                            Server::Start(options, std::make_unique<jobs::FakeCostSource>()));
    return bench;
  }

  absl::Status CreateJob(int64_t candidates, int max_parallel) {
    v1::CreateJobRequest request;
    request.set_job_id(kJob);
    v1::JobSpec& spec = *request.mutable_spec();
    spec.set_supernet("supernets/kws");
    spec.set_device("devices/fake");
    spec.mutable_nsga2();
    spec.set_max_candidates(static_cast<int32_t>(candidates));
    spec.set_max_parallel(max_parallel);
    const auto stub = v1::JobService::NewStub(rpc::MakeChannel(server_->address()));
    return rpc::Call(*stub, &v1::JobService::Stub::CreateJob, request, kTimeout).status();
  }

  const std::string& address() const { return server_->address(); }

 private:
  // Registers without going through the service: its checks are not what is measured.
  static absl::Status Prepare(const std::string& folder) {
    NIWAKI_ASSIGN_OR_RETURN(const auto store,
                            artifacts::ArtifactStore::Open(folder + "/artifacts"));
    NIWAKI_ASSIGN_OR_RETURN(const auto writer, store->Write(Sha256Hex(kData), sizeof(kData) - 1));
    NIWAKI_RETURN_IF_ERROR(writer->Append(kData));
    NIWAKI_RETURN_IF_ERROR(writer->Finish());
    NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
    jobs::Mutations mutations;
    mutations.supernets["kws"] = {"kws", space.ToTextproto(), Sha256Hex("weights"),
                                  Sha256Hex(kData), absl::Now()};
    NIWAKI_ASSIGN_OR_RETURN(const auto database,
                            jobs::SqliteJobStore::Open(folder + "/coordinator.db"));
    return database->Commit(mutations, /*epoch=*/0);
  }

  std::unique_ptr<Server> server_;
};

// A worker with a connection of its own that scores at once.
class InstantWorker {
 public:
  InstantWorker(const std::string& address, int index) : name_(absl::StrCat("w", index)) {
    rpc::ChannelOptions options;
    options.own_connection = true;
    stub_ = v1::WorkerService::NewStub(rpc::MakeChannel(address, options));
  }

  // Leases up to `batch` and reports them; how many. `lease_time` is that of the lease call.
  absl::StatusOr<int> Round(int batch, absl::Duration wait, absl::Duration& lease_time) {
    v1::LeaseCandidatesRequest lease;
    lease.set_worker(name_);
    lease.set_max_candidates(batch);
    *lease.mutable_wait() = ToProto(wait);
    const absl::Time begin = absl::Now();
    NIWAKI_ASSIGN_OR_RETURN(
        const v1::LeaseCandidatesResponse leases,
        rpc::Call(*stub_, &v1::WorkerService::Stub::LeaseCandidates, lease, kTimeout));
    lease_time = absl::Now() - begin;
    if (leases.leases_size() == 0) return 0;
    v1::ReportScoresRequest reports;
    reports.set_worker(name_);
    for (const v1::Lease& held : leases.leases()) {
      v1::ScoreReport& report = *reports.add_reports();
      report.set_lease_id(held.lease_id());
      report.set_epoch(held.epoch());
      *report.mutable_score() = ToProto(jobs::FakeScoreOf(held.subnet_json()));
    }
    NIWAKI_RETURN_IF_ERROR(
        rpc::Call(*stub_, &v1::WorkerService::Stub::ReportScores, reports, kTimeout).status());
    return leases.leases_size();
  }

 private:
  const std::string name_;
  std::unique_ptr<v1::WorkerService::Stub> stub_;
};

// `workers` threads lease and report until `candidates` are done.
absl::Status Drain(const std::string& address, int workers, int batch, int64_t candidates) {
  std::atomic<int64_t> done{0};
  std::vector<absl::Status> statuses(workers);
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] {
      InstantWorker worker(address, i);
      absl::Duration lease_time;
      while (done < candidates && statuses[i].ok()) {
        const absl::StatusOr<int> count = worker.Round(batch, absl::Milliseconds(100), lease_time);
        statuses[i] = count.status();
        if (count.ok()) done += *count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) NIWAKI_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

absl::StatusOr<Throughput> MeasureThroughput(const std::string& folder,
                                             const ThroughputOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<Bench> bench, Bench::Start(folder));
  const absl::Time begin = absl::Now();
  NIWAKI_RETURN_IF_ERROR(bench->CreateJob(options.candidates, options.max_parallel));
  NIWAKI_RETURN_IF_ERROR(
      Drain(bench->address(), options.workers, options.batch, options.candidates));
  Throughput result;
  result.seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  result.candidates_per_second = static_cast<double>(options.candidates) / result.seconds;
  return result;
}

absl::StatusOr<LoadedLatency> MeasureLoadedLatency(const std::string& folder, int64_t candidates,
                                                   int leases) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<Bench> bench, Bench::Start(folder));
  constexpr int kWorkers = 4;
  constexpr int kBatch = 256;
  // Every worker may take one batch more than is asked for.
  NIWAKI_RETURN_IF_ERROR(
      bench->CreateJob(candidates + kWorkers * kBatch + leases, /*max_parallel=*/2048));
  NIWAKI_RETURN_IF_ERROR(Drain(bench->address(), kWorkers, kBatch, candidates));
  InstantWorker worker(bench->address(), 0);
  std::vector<double> times_ms;
  absl::Duration lease_time;
  while (static_cast<int>(times_ms.size()) < leases) {
    NIWAKI_ASSIGN_OR_RETURN(const int count, worker.Round(1, absl::Seconds(1), lease_time));
    if (count == 0) return absl::DeadlineExceededError("no candidate came within a second");
    times_ms.push_back(absl::ToDoubleMilliseconds(lease_time));
  }
  std::sort(times_ms.begin(), times_ms.end());
  LoadedLatency result;
  result.candidates = candidates;
  result.lease_p50_ms = times_ms[times_ms.size() / 2];
  result.lease_p99_ms = times_ms[times_ms.size() * 99 / 100];
  result.rss_bytes = ResidentBytes();
  return result;
}

}  // namespace niwaki::coordinator
