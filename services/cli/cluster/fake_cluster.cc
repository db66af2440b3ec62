#include "services/cli/cluster/fake_cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/rpc/status.h"

namespace niwaki::cli {
namespace {

constexpr char kJob[] = "jobs/demo";
constexpr char kTestJob[] = "jobs/demo.test";
constexpr char kDevice[] = "devices/stm32f746";
// Knows no latencies.
constexpr char kPhone[] = "devices/phone";
constexpr int kCandidates = 8;

grpc::Status NotFound(absl::string_view reason, const std::string& name) {
  return rpc::ToGrpcStatus(Error(absl::StatusCode::kNotFound, reason)
                               .Field("name")
                               .Value(name)
                               .Message(absl::StrCat("no ", name)));
}

v1::Cost MakeCost(int i) {
  v1::Cost cost;
  cost.set_sram_bytes(30000 + 1000 * i);
  cost.set_flash_bytes(100000 + 9000 * i);
  cost.set_macs(1000000 + 300000 * i);
  cost.set_params(50000 + 5000 * i);
  cost.set_schedule("streamed_75");
  v1::Figure* latency = cost.mutable_latency_us();
  latency->set_value(10000 + 4000 * i);
  latency->set_low(9000 + 4000 * i);
  latency->set_high(11000 + 4000 * i);
  latency->set_provenance(v1::PROVENANCE_PREDICTED);
  return cost;
}

v1::Candidate MakeCandidate(int slot) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  Random random(slot + 1);
  const arch::Subnet subnet = arch::SampleSubnet(space, random);
  v1::Candidate candidate;
  candidate.set_name(absl::StrCat(kJob, "/candidates/", slot));
  candidate.set_slot(slot);
  candidate.set_subnet_json(arch::ToJson(space, subnet));
  candidate.set_subnet_id(arch::IdOf(space, subnet).ToHex());
  candidate.set_state(v1::CANDIDATE_STATE_SCORED);
  *candidate.mutable_cost() = MakeCost(slot);
  candidate.mutable_score()->set_top1(0.7 + 0.02 * (slot % 4));
  candidate.mutable_score()->set_loss(1.0 - 0.1 * (slot % 4));
  candidate.mutable_score()->set_images(500);
  return candidate;
}

}  // namespace

FakeJobService::FakeJobService() {
  job_.set_name(kJob);
  job_.set_state(v1::JOB_STATE_RUNNING);
  job_.mutable_create_time()->set_seconds(1700000000);
  v1::JobSpec* spec = job_.mutable_spec();
  spec->set_display_name("demo job");
  spec->set_supernet("supernets/kws");
  spec->set_device(kDevice);
  spec->add_objectives(v1::METRIC_TOP1);
  spec->add_objectives(v1::METRIC_LATENCY_US);
  v1::Constraint* constraint = spec->add_constraints();
  constraint->set_metric(v1::METRIC_LATENCY_US);
  constraint->set_max(50000);
  spec->set_max_candidates(kCandidates);
  spec->mutable_evaluation()->set_precision("cuda-bf16");
  for (int i = 0; i < kCandidates; ++i) candidates_.push_back(MakeCandidate(i));
}

void FakeJobService::FailWith(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  failure_ = std::move(status);
}

void FakeJobService::NeverEnd() {
  absl::MutexLock lock(&mutex_);
  endless_ = true;
}

void FakeJobService::EndIn(v1::JobState state, const std::string& reason) {
  absl::MutexLock lock(&mutex_);
  job_.set_state(state);
  job_.set_state_reason(reason);
}

void FakeJobService::SetTrouble(const std::string& trouble) {
  absl::MutexLock lock(&mutex_);
  trouble_ = trouble;
}

std::string FakeJobService::trouble() {
  absl::MutexLock lock(&mutex_);
  return trouble_;
}

v1::CreateJobRequest FakeJobService::last_create() {
  absl::MutexLock lock(&mutex_);
  return last_create_;
}

std::vector<std::string> FakeJobService::changes() {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

grpc::Status FakeJobService::Check(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (!failure_.ok()) return rpc::ToGrpcStatus(failure_);
  const bool known = name == kJob || (tested_ && name == kTestJob);
  return known ? grpc::Status::OK : NotFound(reason::kJobUnknown, name);
}

v1::Job FakeJobService::Change(const std::string& verb, v1::JobState state) {
  absl::MutexLock lock(&mutex_);
  changes_.push_back(absl::StrCat(verb, " ", kJob));
  job_.set_state(state);
  return job_;
}

grpc::Status FakeJobService::CreateJob(grpc::ServerContext*, const v1::CreateJobRequest* request,
                                       v1::CreateJobResponse* response) {
  const grpc::Status status = Check(kJob);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  last_create_ = *request;
  *response->mutable_job()->mutable_spec() = request->spec();
  v1::Constraint& flash = *response->mutable_job()->mutable_spec()->add_constraints();
  flash.set_metric(v1::METRIC_FLASH_BYTES);
  flash.set_max(1024 * 1024);
  response->mutable_job()->set_state_reason(job_.state_reason());
  if (!request->validate_only()) response->mutable_job()->set_name(kJob);
  response->set_feasible_share(0.25);
  return grpc::Status::OK;
}

grpc::Status FakeJobService::GetJob(grpc::ServerContext*, const v1::GetJobRequest* request,
                                    v1::GetJobResponse* response) {
  const grpc::Status status = Check(request->name());
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  *response->mutable_job() = job_;
  if (request->name() == kTestJob) {
    response->mutable_job()->set_name(kTestJob);
    response->mutable_job()->mutable_spec()->set_tested_job(kJob);
  }
  return grpc::Status::OK;
}

grpc::Status FakeJobService::ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                                      v1::ListJobsResponse* response) {
  const grpc::Status status = Check(kJob);
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  *response->add_jobs() = job_;
  response->set_trouble(trouble_);
  return grpc::Status::OK;
}

grpc::Status FakeJobService::WatchJob(grpc::ServerContext* context,
                                      const v1::WatchJobRequest* request,
                                      grpc::ServerWriter<v1::WatchJobResponse>* writer) {
  const grpc::Status status = Check(request->name());
  if (!status.ok()) return status;
  v1::WatchJobResponse response;
  bool endless = false;
  v1::JobState final_state = v1::JOB_STATE_SUCCEEDED;
  {
    absl::MutexLock lock(&mutex_);
    *response.mutable_job() = job_;
    endless = endless_;
    if (job_.state() != v1::JOB_STATE_RUNNING) final_state = job_.state();
  }
  v1::Job& job = *response.mutable_job();
  job.set_name(request->name());
  job.set_state(v1::JOB_STATE_RUNNING);
  while (endless && !context->IsCancelled() && writer->Write(response)) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  for (int scored = 0; scored <= kCandidates; ++scored) {
    job.mutable_progress()->set_scored(scored);
    job.mutable_progress()->set_front_size(scored / 2);
    if (scored == kCandidates) job.set_state(final_state);
    writer->Write(response);
  }
  return grpc::Status::OK;
}

grpc::Status FakeJobService::CancelJob(grpc::ServerContext*, const v1::CancelJobRequest* request,
                                       v1::CancelJobResponse* response) {
  const grpc::Status status = Check(request->name());
  if (!status.ok()) return status;
  *response->mutable_job() = Change("cancel", v1::JOB_STATE_CANCELLED);
  return grpc::Status::OK;
}

grpc::Status FakeJobService::PauseJob(grpc::ServerContext*, const v1::PauseJobRequest* request,
                                      v1::PauseJobResponse* response) {
  const grpc::Status status = Check(request->name());
  if (!status.ok()) return status;
  *response->mutable_job() = Change("pause", v1::JOB_STATE_PAUSED);
  return grpc::Status::OK;
}

grpc::Status FakeJobService::ResumeJob(grpc::ServerContext*, const v1::ResumeJobRequest* request,
                                       v1::ResumeJobResponse* response) {
  const grpc::Status status = Check(request->name());
  if (!status.ok()) return status;
  *response->mutable_job() = Change("resume", v1::JOB_STATE_RUNNING);
  return grpc::Status::OK;
}

grpc::Status FakeJobService::DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest* request,
                                       v1::DeleteJobResponse*) {
  const grpc::Status status = Check(request->name());
  if (status.ok()) Change("delete", v1::JOB_STATE_SUCCEEDED);
  return status;
}

grpc::Status FakeJobService::ListCandidates(grpc::ServerContext*,
                                            const v1::ListCandidatesRequest* request,
                                            v1::ListCandidatesResponse* response) {
  const grpc::Status status = Check(request->parent());
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (const v1::Candidate& candidate : candidates_) *response->add_candidates() = candidate;
  return grpc::Status::OK;
}

grpc::Status FakeJobService::GetFront(grpc::ServerContext*, const v1::GetFrontRequest* request,
                                      v1::GetFrontResponse* response) {
  const grpc::Status status = Check(request->parent());
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  // Accuracy repeats every four slots while latency grows: the first four dominate the rest.
  for (int slot : {3, 2, 1, 0}) {
    v1::Candidate& candidate = *response->add_candidates();
    candidate = candidates_[slot];
    if (!tested_) continue;
    *candidate.mutable_test_score() = candidate.score();
    candidate.mutable_test_score()->set_top1(candidate.score().top1() - 0.03);
    candidate.mutable_test_score()->set_images(400);
  }
  if (tested_) response->set_test_job(kTestJob);
  response->set_total_size(response->candidates_size());
  *response->mutable_objectives() = job_.spec().objectives();
  response->set_etag("front-1");
  return grpc::Status::OK;
}

void FakeJobService::BeginTest() {
  absl::MutexLock lock(&mutex_);
  tested_ = true;
  job_.mutable_spec()->set_test_front(true);
}

grpc::Status FakeJobService::TestFront(grpc::ServerContext*, const v1::TestFrontRequest* request,
                                       v1::TestFrontResponse* response) {
  const grpc::Status status = Check(request->name());
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  tested_ = true;
  changes_.push_back(absl::StrCat("test ", request->name()));
  *response->mutable_job() = job_;
  response->mutable_job()->set_name(kTestJob);
  return grpc::Status::OK;
}

grpc::Status FakeSupernetService::GetSupernet(grpc::ServerContext*,
                                              const v1::GetSupernetRequest* request,
                                              v1::GetSupernetResponse* response) {
  if (request->name() != "supernets/kws") {
    return NotFound(reason::kSupernetUnknown, request->name());
  }
  response->mutable_supernet()->set_name(request->name());
  *response->mutable_supernet()->mutable_space() = arch::CatalogueSpace("kws")->ToMessage();
  for (const char* word : {"go", "lamp", "music", "no", "stop", "yes", "off", "on"}) {
    response->mutable_supernet()->add_class_names(word);
  }
  return grpc::Status::OK;
}

grpc::Status FakeSupernetService::ListSupernets(grpc::ServerContext* context,
                                                const v1::ListSupernetsRequest*,
                                                v1::ListSupernetsResponse* response) {
  v1::GetSupernetRequest request;
  request.set_name("supernets/kws");
  v1::GetSupernetResponse one;
  const grpc::Status status = GetSupernet(context, &request, &one);
  *response->add_supernets() = one.supernet();
  return status;
}

v1::Worker FakeWorkerService::WorkerNamed(const std::string& name, int held) {
  v1::Worker worker;
  worker.set_name(name);
  worker.set_precision("cpu-f32");
  worker.set_held(held);
  worker.set_scored(120);
  worker.mutable_last_seen_time()->set_seconds(1700000000);
  const bool drained = drained_.count(name) > 0;
  if (drained) worker.mutable_drain_time()->set_seconds(1700000000);
  worker.set_state(held > 0 ? (drained ? v1::WORKER_STATE_DRAINING : v1::WORKER_STATE_WORKING)
                            : (drained ? v1::WORKER_STATE_DRAINED : v1::WORKER_STATE_IDLE));
  return worker;
}

grpc::Status FakeWorkerService::ListWorkers(grpc::ServerContext*,
                                            const v1::ListWorkersRequest* request,
                                            v1::ListWorkersResponse* response) {
  absl::MutexLock lock(&mutex_);
  // Two pages.
  if (request->page_token().empty()) {
    *response->add_workers() = WorkerNamed("workers/w0", 3);
    response->set_next_page_token("second");
  } else {
    *response->add_workers() = WorkerNamed("workers/w1", 0);
  }
  return grpc::Status::OK;
}

grpc::Status FakeWorkerService::DrainWorker(grpc::ServerContext*,
                                            const v1::DrainWorkerRequest* request,
                                            v1::DrainWorkerResponse* response) {
  absl::MutexLock lock(&mutex_);
  const bool busy = request->name() == "workers/w0";
  if (!busy && request->name() != "workers/w1") {
    return NotFound(reason::kWorkerUnknown, request->name());
  }
  if (request->undo()) {
    drained_.erase(request->name());
  } else {
    drained_.insert(request->name());
  }
  *response->mutable_worker() = WorkerNamed(request->name(), busy ? 3 : 0);
  return grpc::Status::OK;
}

grpc::Status FakeOracleService::EstimateCosts(grpc::ServerContext*,
                                              const v1::EstimateCostsRequest* request,
                                              v1::EstimateCostsResponse* response) {
  if (request->device() != kDevice && request->device() != kPhone) {
    return NotFound(reason::kDeviceUnknown, request->device());
  }
  for (int i = 0; i < request->subnets_size(); ++i) {
    *response->add_costs() = MakeCost(0);
    if (request->device() == kPhone) {
      response->mutable_costs(i)->clear_latency_us();
      response->mutable_costs(i)->set_latency_unknown("it has no model");
    }
  }
  response->set_table_version(7);
  return grpc::Status::OK;
}

grpc::Status FakeOracleService::ListDevices(grpc::ServerContext*, const v1::ListDevicesRequest*,
                                            v1::ListDevicesResponse* response) {
  v1::Device* device = response->add_devices();
  device->set_name(kDevice);
  device->set_core("cortex-m7");
  device->set_clock_hz(216000000);
  device->set_sram_bytes(320 * 1024);
  device->set_flash_bytes(1024 * 1024);
  return grpc::Status::OK;
}

grpc::Status FakeOracleService::PutDevice(grpc::ServerContext*, const v1::PutDeviceRequest* request,
                                          v1::PutDeviceResponse* response) {
  absl::MutexLock lock(&mutex_);
  devices_.push_back(request->device());
  response->set_table_version(devices_.size());
  return grpc::Status::OK;
}

grpc::Status FakeOracleService::PutLookupEntries(grpc::ServerContext*,
                                                 const v1::PutLookupEntriesRequest* request,
                                                 v1::PutLookupEntriesResponse* response) {
  absl::MutexLock lock(&mutex_);
  entries_.insert(entries_.end(), request->entries().begin(), request->entries().end());
  response->set_table_version(entries_.size());
  return grpc::Status::OK;
}

grpc::Status FakeOracleService::ListLookupEntries(grpc::ServerContext*,
                                                  const v1::ListLookupEntriesRequest*,
                                                  v1::ListLookupEntriesResponse* response) {
  absl::MutexLock lock(&mutex_);
  for (const v1::LookupEntry& entry : entries_) *response->add_entries() = entry;
  return grpc::Status::OK;
}

FakeCluster::FakeCluster() {
  rpc::ServerOptions options;
  options.services = {&jobs_, &supernets_, &workers_, &oracle_};
  options.health_probe = [this] {
    return jobs_.trouble().empty() ? absl::OkStatus() : absl::UnavailableError(jobs_.trouble());
  };
  auto server = rpc::Server::Start(std::move(options));
  NIWAKI_CHECK(server.ok());
  server_ = *std::move(server);
}

}  // namespace niwaki::cli
