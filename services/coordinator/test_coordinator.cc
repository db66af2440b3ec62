#include "services/coordinator/test_coordinator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/digest.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/jobs/proof/fake_proof_boards.h"
#include "libs/rpc/call.h"
#include "libs/rpc/channel.h"
#include "services/coordinator/convert.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr char kData[] = "evaluation data";

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) ADD_FAILURE() << value.status().ToString();
  NIWAKI_CHECK(value.ok());
  return *std::move(value);
}

}  // namespace

std::string FakeSupernetFile(const std::string& space) {
  Json manifest;
  manifest["space_structure"] = OrDie(arch::CatalogueSpace(space)).structure().ToHex();
  Json header;
  header["__metadata__"]["niwaki.manifest"] = manifest.dump();
  const std::string text = header.dump();
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(text.size() >> (8 * i));
  return length + text;
}

Options TestCoordinator::FreshOptions() {
  Options options;
  options.listen = "127.0.0.1:0";
  options.data_dir = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  return options;
}

TestCoordinator::TestCoordinator(const Options& options) {
  auto costs = std::make_unique<jobs::FakeCostSource>();
  costs_ = costs.get();
  server_ =
      OrDie(Server::Start(options, std::move(costs), std::make_unique<jobs::FakeProofBoards>()));
  channel_ = rpc::MakeChannel(server_->address());
  jobs_ = v1::JobService::NewStub(channel_);
  workers_ = v1::WorkerService::NewStub(channel_);
  artifacts_ = v1::ArtifactService::NewStub(channel_);
  supernets_ = v1::SupernetService::NewStub(channel_);
}

absl::StatusOr<v1::Artifact> TestCoordinator::Upload(const std::string& digest, int64_t size,
                                                     const std::string& content, size_t chunk) {
  grpc::ClientContext context;
  v1::UploadArtifactResponse response;
  const auto writer = artifacts_->UploadArtifact(&context, &response);
  v1::UploadArtifactRequest request;
  request.mutable_artifact()->set_digest(digest);
  request.mutable_artifact()->set_size_bytes(size);
  bool open = writer->Write(request);
  for (size_t at = 0; open && at < content.size(); at += chunk) {
    request.set_chunk(content.substr(at, chunk));
    open = writer->Write(request);
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return response.artifact();
}

void TestCoordinator::RegisterSupernet(const std::string& space) {
  const std::string file = FakeSupernetFile(space);
  OrDie(Upload(Sha256Hex(file), file.size(), file));
  OrDie(Upload(Sha256Hex(kData), sizeof(kData) - 1, kData));
  v1::RegisterSupernetRequest request;
  v1::Supernet& supernet = *request.mutable_supernet();
  supernet.set_name("supernets/" + space);
  supernet.set_digest(Sha256Hex(file));
  supernet.set_data_digest(Sha256Hex(kData));
  *supernet.mutable_space() = OrDie(arch::CatalogueSpace(space)).ToMessage();
  OrDie(rpc::Call(*supernets_, &v1::SupernetService::Stub::RegisterSupernet, request, kTimeout));
}

v1::JobSpec TestCoordinator::Spec(int max_candidates) {
  v1::JobSpec spec;
  spec.set_supernet("supernets/kws");
  spec.set_device("devices/fake");
  spec.set_max_candidates(max_candidates);
  spec.set_max_parallel(8);
  spec.mutable_nsga2()->set_population(8);
  return spec;
}

absl::StatusOr<v1::CreateJobResponse> TestCoordinator::Create(const v1::CreateJobRequest& request) {
  return rpc::Call(*jobs_, &v1::JobService::Stub::CreateJob, request, kTimeout);
}

v1::Job TestCoordinator::CreateJob(const v1::JobSpec& spec, const std::string& job_id) {
  v1::CreateJobRequest request;
  *request.mutable_spec() = spec;
  request.set_job_id(job_id);
  return OrDie(Create(request)).job();
}

absl::StatusOr<v1::LeaseCandidatesResponse> TestCoordinator::Lease(const std::string& worker,
                                                                   int max, int wait_ms,
                                                                   const std::string& request_id,
                                                                   const std::string& precision) {
  v1::LeaseCandidatesRequest request;
  request.set_worker(worker);
  request.set_max_candidates(max);
  *request.mutable_wait() = ToProto(absl::Milliseconds(wait_ms));
  request.set_request_id(request_id);
  request.set_precision(precision);
  request.set_knows_split(true);
  return rpc::Call(*workers_, &v1::WorkerService::Stub::LeaseCandidates, request, kTimeout);
}

absl::StatusOr<v1::ReportScoresResponse> TestCoordinator::Report(
    const std::string& worker, const v1::LeaseCandidatesResponse& leases) {
  v1::ReportScoresRequest request;
  request.set_worker(worker);
  for (const v1::Lease& lease : leases.leases()) {
    v1::ScoreReport& report = *request.add_reports();
    report.set_lease_id(lease.lease_id());
    report.set_epoch(lease.epoch());
    *report.mutable_score() = ToProto(jobs::FakeScoreOf(lease.subnet_json()));
  }
  return rpc::Call(*workers_, &v1::WorkerService::Stub::ReportScores, request, kTimeout);
}

v1::Job TestCoordinator::Work(const std::string& job_id, const std::string& worker, int batch) {
  while (true) {
    v1::Job job = Get(job_id);
    if (job.has_end_time()) return job;
    const v1::LeaseCandidatesResponse leases = OrDie(Lease(worker, batch, /*wait_ms=*/200));
    if (leases.leases_size() > 0) OrDie(Report(worker, leases));
  }
}

v1::Job TestCoordinator::Get(const std::string& job_id) {
  v1::GetJobRequest request;
  request.set_name("jobs/" + job_id);
  return OrDie(rpc::Call(*jobs_, &v1::JobService::Stub::GetJob, request, kTimeout)).job();
}

std::vector<v1::Candidate> TestCoordinator::Candidates(const std::string& job_id) {
  std::vector<v1::Candidate> all;
  v1::ListCandidatesRequest request;
  request.set_parent("jobs/" + job_id);
  do {
    const v1::ListCandidatesResponse page =
        OrDie(rpc::Call(*jobs_, &v1::JobService::Stub::ListCandidates, request, kTimeout));
    all.insert(all.end(), page.candidates().begin(), page.candidates().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

v1::GetFrontResponse TestCoordinator::Front(const std::string& job_id) {
  v1::GetFrontRequest request;
  request.set_parent("jobs/" + job_id);
  request.set_page_size(1000);
  return OrDie(rpc::Call(*jobs_, &v1::JobService::Stub::GetFront, request, kTimeout));
}

}  // namespace niwaki::coordinator
