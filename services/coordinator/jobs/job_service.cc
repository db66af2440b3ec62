#include "services/coordinator/jobs/job_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/suggest.h"
#include "libs/jobs/limits.h"
#include "libs/jobs/tested_front.h"
#include "libs/rpc/page_token.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "libs/search/feasibility.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/idempotency.h"
#include "services/coordinator/submit/data_splits.h"
#include "services/coordinator/supernet_file.h"

namespace niwaki::coordinator {
namespace {

constexpr int kMaxPage = 1000;
constexpr char kCreate[] = "CreateJob";

absl::Status NotFound(const char* why, absl::string_view field, absl::string_view name) {
  return Error(absl::StatusCode::kNotFound, why)
      .Field(field)
      .Value(name)
      .Message(absl::StrCat("'", name, "' does not exist"));
}

// The error of a job that nothing fits, with a word on limits that its author did not write.
absl::Status WithDeviceLimits(const absl::Status& status, const jobs::JobSpec& spec,
                              const search::Feasibility& feasibility, size_t own_limits) {
  std::string lift;
  for (const search::Violation& violation : feasibility.violations) {
    if (violation.constraint < static_cast<int>(own_limits)) continue;
    const bool sram = violation.metric == search::Metric::kSramBytes;
    absl::StrAppend(&lift, lift.empty() ? "" : ", ", sram ? "sram: none" : "flash: none");
  }
  if (lift.empty()) return status;
  absl::Status explained(
      status.code(),
      absl::StrCat(status.message(), "; the device '", spec.device,
                   "' has no more memory: constraints: {", lift, "} searches all the same"));
  SetErrorDetail(explained, GetErrorDetail(status).value_or(ErrorDetail()));
  return explained;
}

std::string FreshJobId(uint64_t random) {
  return absl::StrCat("job-", absl::Hex(random >> 24, absl::kZeroPad10));
}

// The number that a page token of our own holds.
absl::StatusOr<int64_t> ReadNumberToken(const std::string& list, const std::string& token) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string key, rpc::ReadPageToken(list, token));
  int64_t number = 0;
  if (key.empty() || absl::SimpleAtoi(key, &number)) return number;
  return Error(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid)
      .Field("page_token")
      .Message("page_token was not given by this list");
}

}  // namespace

grpc::Status JobService::CreateJob(grpc::ServerContext*, const v1::CreateJobRequest* request,
                                   v1::CreateJobResponse* response) {
  return rpc::ToGrpcStatus(Create(*request, *response));
}

absl::Status JobService::Create(const v1::CreateJobRequest& request,
                                v1::CreateJobResponse& response) {
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  // A repetition is answered before the oracle is asked: it may be away by now.
  std::optional<v1::CreateJobResponse> answer;
  NIWAKI_RETURN_IF_ERROR(loop_.Run(
      [&](jobs::JobEngine& engine, absl::Time) -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(answer,
                                FindAnswer<v1::CreateJobResponse>(engine, kCreate, request));
        return absl::OkStatus();
      },
      ReadsOf(request)));
  if (answer.has_value()) {
    response = *std::move(answer);
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(Prepared prepared, Prepare(request));
  response.set_feasible_share(prepared.feasible_share);
  for (const std::string& note : prepared.notes) response.add_notes(note);
  if (request.validate_only()) {
    *response.mutable_job()->mutable_spec() = ToProto(prepared.job.spec);
    response.mutable_job()->set_supernet_digest(prepared.job.supernet_digest);
    return absl::OkStatus();
  }
  return loop_.Run(Idempotent(kCreate, request, response,
                              [&](jobs::JobEngine& engine, absl::Time now) -> absl::Status {
                                NIWAKI_ASSIGN_OR_RETURN(const jobs::Job job,
                                                        engine.CreateJob(prepared.job, now));
                                *response.mutable_job() = ToProto(job);
                                return absl::OkStatus();
                              }),
                   ReadsOf(request));
}

absl::StatusOr<JobService::Prepared> JobService::Prepare(const v1::CreateJobRequest& request) {
  Prepared prepared;
  jobs::Job& job = prepared.job;
  NIWAKI_ASSIGN_OR_RETURN(job.spec, JobSpecFromProto(request.spec()));
  NIWAKI_RETURN_IF_ERROR(jobs::ValidateJobSpec(job.spec));
  job.id = request.job_id().empty() ? FreshJobId(entropy_()) : request.job_id();
  NIWAKI_RETURN_IF_ERROR(jobs::ValidateJobId(job.id));
  NIWAKI_RETURN_IF_ERROR(ResolveSupernet(job));
  NIWAKI_ASSIGN_OR_RETURN(data::DataFit fit, CheckData(job));
  prepared.notes = std::move(fit.notes);
  job.spec.evaluation.labels_by_name = !fit.labels.empty();
  NIWAKI_RETURN_IF_ERROR(CheckSizes(job, request.spec().evaluation().has_calibration_images()));
  const size_t own_limits = job.spec.constraints.size();
  NIWAKI_RETURN_IF_ERROR(ResolveDevice(job));
  NIWAKI_ASSIGN_OR_RETURN(prepared.feasible_share, CheckFeasible(job, own_limits));
  return prepared;
}

absl::Status JobService::SupernetUnknown(const std::string& name) const {
  // More than anybody registers by hand.
  constexpr int kMostNames = 1000;
  std::vector<std::string> names;
  const auto registered = reader_.ListSupernets(/*after_name=*/"", kMostNames);
  for (const jobs::Supernet& known :
       registered.ok() ? *registered : std::vector<jobs::Supernet>()) {
    names.push_back(known.name);
  }
  const std::string closest = jobfile::ClosestName(name, names);
  return Error(absl::StatusCode::kNotFound, reason::kSupernetUnknown)
      .Field("spec.supernet")
      .Value(name)
      .Message(absl::StrCat("supernet '", name, "' is not registered",
                            !closest.empty() ? absl::StrCat("; did you mean '", closest, "'?")
                            : names.empty() ? "; none is: niwaki supernet register NAME --file FILE"
                                            : "; niwaki supernet list shows those that are"));
}

absl::Status JobService::ResolveSupernet(jobs::Job& job) {
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<jobs::Supernet> supernet,
                          reader_.FindSupernet(job.spec.supernet));
  if (!supernet.has_value()) return SupernetUnknown(job.spec.supernet);
  job.space_text = supernet->space_text;
  job.supernet_digest = supernet->digest;
  std::string& data_digest = job.spec.evaluation.data_digest;
  if (data_digest.empty()) data_digest = supernet->data_digest;
  if (!artifacts_.SizeOf(data_digest).ok()) {
    return NotFound(reason::kArtifactUnknown, "spec.evaluation.data_digest", data_digest);
  }
  return absl::OkStatus();
}

absl::StatusOr<data::DataFit> JobService::CheckData(const jobs::Job& job) const {
  constexpr char kField[] = "spec.evaluation.data_digest";
  NIWAKI_ASSIGN_OR_RETURN(const std::string path,
                          artifacts_.PathOf(job.spec.evaluation.data_digest));
  const absl::StatusOr<std::string> weights = artifacts_.PathOf(job.supernet_digest);
  // Then there is nothing to compare, and workers say what is missing.
  if (!weights.ok()) return data::DataFit();
  absl::StatusOr<data::DataFit> fit = CheckEvaluationData(*weights, path);
  if (fit.ok()) return fit;
  return Annotate(fit.status(), kField);
}

absl::Status JobService::CheckSizes(const jobs::Job& job, bool own_calibration) const {
  const jobs::Evaluation& evaluation = job.spec.evaluation;
  NIWAKI_ASSIGN_OR_RETURN(const std::string path, artifacts_.PathOf(evaluation.data_digest));
  const std::optional<DataSplits> splits = ReadDataSplits(path);
  if (!splits.has_value()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(CheckImages(evaluation, *splits, own_calibration));
  if (!job.spec.test_front) return absl::OkStatus();
  return CheckTestSplit(*splits, absl::StatusCode::kInvalidArgument, "spec.test_front");
}

absl::Status JobService::CheckTestable(const jobs::Job& job) const {
  const absl::StatusOr<std::string> path = artifacts_.PathOf(job.spec.evaluation.data_digest);
  const std::optional<DataSplits> splits = path.ok() ? ReadDataSplits(*path) : std::nullopt;
  if (!splits.has_value()) return absl::OkStatus();
  return CheckTestSplit(*splits, absl::StatusCode::kFailedPrecondition, "name");
}

absl::Status JobService::ResolveDevice(jobs::Job& job) {
  NIWAKI_ASSIGN_OR_RETURN(const jobs::DeviceFacts device, costs_.FindDevice(job.spec.device));
  job.spec.device_revision = device.revision;
  job.spec.table_version = device.table_version;
  jobs::AddDeviceLimits(device.sram_bytes, device.flash_bytes, job.spec);
  return absl::OkStatus();
}

absl::StatusOr<double> JobService::CheckFeasible(const jobs::Job& job, size_t own_limits) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space,
                          arch::SearchSpace::FromTextproto(job.space_text));
  const auto costs =
      [&](absl::Span<const arch::Subnet> subnets) -> absl::StatusOr<std::vector<search::Metrics>> {
    NIWAKI_ASSIGN_OR_RETURN(
        const std::vector<cost::Cost> answers,
        costs_.EstimateCosts({job.spec.device, job.spec.device_revision,
                              jobs::SramLimitOf(job.spec), job.spec.table_version},
                             space, subnets));
    std::vector<search::Metrics> metrics;
    for (const cost::Cost& cost : answers) metrics.push_back(jobs::MetricsOf(cost));
    return metrics;
  };
  const std::vector<search::Constraint> limits = jobs::LimitsOf(job.spec);
  const auto assess = [&](const search::FeasibilityOptions& options) {
    return search::AssessFeasibility(space, limits, costs, options);
  };
  // Without limits everything fits of which the figures are known, and mostly that is all.
  const bool unlimited = job.spec.constraints.empty();
  search::FeasibilityOptions few;
  few.samples = 1;
  absl::StatusOr<search::Feasibility> feasibility =
      assess(unlimited ? few : search::FeasibilityOptions());
  if (unlimited && feasibility.ok() && !feasibility->possible) {
    feasibility = assess(search::FeasibilityOptions());
  }
  NIWAKI_RETURN_IF_ERROR(feasibility.status());
  if (!feasibility->possible) {
    for (const search::Violation& violation : feasibility->violations) {
      if (violation.value.has_value()) continue;
      return jobs::FigureUnknown(job.spec, violation, feasibility->nearest_metrics);
    }
  }
  const absl::Status possible = search::CheckPossible(*feasibility);
  if (possible.ok()) return feasibility->feasible_share;
  return WithDeviceLimits(possible, job.spec, *feasibility, own_limits);
}

absl::StatusOr<jobs::Job> JobService::Find(absl::string_view name, absl::string_view field) const {
  NIWAKI_ASSIGN_OR_RETURN(const std::string id, IdFromName(name, "jobs", field));
  NIWAKI_ASSIGN_OR_RETURN(std::optional<jobs::Job> job, reader_.FindJob(id));
  if (!job.has_value()) return NotFound(reason::kJobUnknown, field, name);
  feed_.Complete(*job);
  return *std::move(job);
}

grpc::Status JobService::GetJob(grpc::ServerContext*, const v1::GetJobRequest* request,
                                v1::GetJobResponse* response) {
  const absl::StatusOr<jobs::Job> job = Find(request->name(), "name");
  if (job.ok()) *response->mutable_job() = ToProto(*job);
  return rpc::ToGrpcStatus(job.status());
}

grpc::Status JobService::ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                                  v1::ListJobsResponse* response) {
  return rpc::ToGrpcStatus(List(*request, *response));
}

absl::Status JobService::List(const v1::ListJobsRequest& request,
                              v1::ListJobsResponse& response) const {
  NIWAKI_ASSIGN_OR_RETURN(const int size,
                          rpc::ClampPageSize(request.page_size(), /*default_size=*/50, kMaxPage));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t before, ReadNumberToken("ListJobs", request.page_token()));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<jobs::Job> found, reader_.ListJobs(before, size + 1));
  const bool more = found.size() > static_cast<size_t>(size);
  if (more) found.pop_back();
  response.set_trouble(feed_.trouble());
  for (jobs::Job& job : found) {
    feed_.Complete(job);
    *response.add_jobs() = ToProto(job);
  }
  if (more) {
    response.set_next_page_token(rpc::MakePageToken("ListJobs", absl::StrCat(found.back().uid)));
  }
  return absl::OkStatus();
}

WatchReactor* JobService::WatchJob(grpc::CallbackServerContext*,
                                   const v1::WatchJobRequest* request) {
  const absl::StatusOr<jobs::Job> job = Find(request->name(), "name");
  return job.ok() ? StartWatch(feed_, reader_, clock_, *job) : RefuseWatch(job.status());
}

template <typename Request, typename Response>
grpc::Status JobService::SteerJob(const char* method, Steer steer, const Request& request,
                                  Response& response) {
  const absl::StatusOr<std::string> id = IdFromName(request.name(), "jobs", "name");
  if (!id.ok()) return rpc::ToGrpcStatus(id.status());
  const absl::Status valid = rpc::ValidateRequestId(request.request_id());
  if (!valid.ok()) return rpc::ToGrpcStatus(valid);
  return rpc::ToGrpcStatus(loop_.Run(
      Idempotent(method, request, response,
                 [&](jobs::JobEngine& engine, absl::Time now) -> absl::Status {
                   NIWAKI_ASSIGN_OR_RETURN(const jobs::Job job, (engine.*steer)(*id, now));
                   *response.mutable_job() = ToProto(job);
                   return absl::OkStatus();
                 }),
      ReadsOf(request)));
}

grpc::Status JobService::CancelJob(grpc::ServerContext*, const v1::CancelJobRequest* request,
                                   v1::CancelJobResponse* response) {
  return SteerJob("CancelJob", &jobs::JobEngine::CancelJob, *request, *response);
}

grpc::Status JobService::PauseJob(grpc::ServerContext*, const v1::PauseJobRequest* request,
                                  v1::PauseJobResponse* response) {
  return SteerJob("PauseJob", &jobs::JobEngine::PauseJob, *request, *response);
}

grpc::Status JobService::ResumeJob(grpc::ServerContext*, const v1::ResumeJobRequest* request,
                                   v1::ResumeJobResponse* response) {
  return SteerJob("ResumeJob", &jobs::JobEngine::ResumeJob, *request, *response);
}

grpc::Status JobService::TestFront(grpc::ServerContext*, const v1::TestFrontRequest* request,
                                   v1::TestFrontResponse* response) {
  // What is not there, or not to be found, the engine says.
  const absl::StatusOr<jobs::Job> job = Find(request->name(), "name");
  if (job.ok()) {
    const absl::Status testable = CheckTestable(*job);
    if (!testable.ok()) return rpc::ToGrpcStatus(testable);
  }
  return SteerJob("TestFront", &jobs::JobEngine::TestFront, *request, *response);
}

grpc::Status JobService::DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest* request,
                                   v1::DeleteJobResponse* response) {
  const absl::StatusOr<std::string> id = IdFromName(request->name(), "jobs", "name");
  if (!id.ok()) return rpc::ToGrpcStatus(id.status());
  const absl::Status valid = rpc::ValidateRequestId(request->request_id());
  if (!valid.ok()) return rpc::ToGrpcStatus(valid);
  return rpc::ToGrpcStatus(loop_.Run(Idempotent("DeleteJob", *request, *response,
                                                [&](jobs::JobEngine& engine, absl::Time) {
                                                  return engine.DeleteJob(*id, request->etag());
                                                }),
                                     ReadsOf(*request)));
}

grpc::Status JobService::ListCandidates(grpc::ServerContext*,
                                        const v1::ListCandidatesRequest* request,
                                        v1::ListCandidatesResponse* response) {
  return rpc::ToGrpcStatus(ListRows(*request, *response));
}

absl::Status JobService::ListRows(const v1::ListCandidatesRequest& request,
                                  v1::ListCandidatesResponse& response) const {
  NIWAKI_ASSIGN_OR_RETURN(const jobs::Job job, Find(request.parent(), "parent"));
  NIWAKI_ASSIGN_OR_RETURN(const int size,
                          rpc::ClampPageSize(request.page_size(), /*default_size=*/100, kMaxPage));
  std::optional<jobs::CandidateState> state;
  if (request.state() != v1::CANDIDATE_STATE_UNSPECIFIED) {
    if (!v1::CandidateState_IsValid(request.state())) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("state")
          .Value(request.state())
          .Limit("a known state")
          .Message(absl::StrCat("state ", request.state(), " is not a known state"));
    }
    state = static_cast<jobs::CandidateState>(request.state());
  }
  const std::string list = absl::StrCat("ListCandidates/", job.uid, "/", request.state());
  NIWAKI_ASSIGN_OR_RETURN(const int64_t from, ReadNumberToken(list, request.page_token()));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<jobs::Candidate> rows,
                          reader_.ListCandidates(job.uid, from, state, size + 1));
  if (rows.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(rpc::MakePageToken(list, absl::StrCat(rows.back().slot)));
    rows.pop_back();
  }
  for (const jobs::Candidate& row : rows) *response.add_candidates() = ToProto(job.id, row);
  return absl::OkStatus();
}

grpc::Status JobService::GetFront(grpc::ServerContext*, const v1::GetFrontRequest* request,
                                  v1::GetFrontResponse* response) {
  return rpc::ToGrpcStatus(ReadFront(*request, *response));
}

absl::Status JobService::ReadFront(const v1::GetFrontRequest& request,
                                   v1::GetFrontResponse& response) {
  NIWAKI_ASSIGN_OR_RETURN(const jobs::Job job, Find(request.parent(), "parent"));
  NIWAKI_ASSIGN_OR_RETURN(const int size,
                          rpc::ClampPageSize(request.page_size(), /*default_size=*/100, kMaxPage));
  const std::string list = absl::StrCat("GetFront/", job.uid);
  NIWAKI_ASSIGN_OR_RETURN(const std::string key, rpc::ReadPageToken(list, request.page_token()));
  NIWAKI_ASSIGN_OR_RETURN(const std::shared_ptr<const FrontReader::Front> front,
                          fronts_.FrontOf(job));
  // The key is "ETAG INDEX".
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t begin = 0;
  if (!key.empty() && (parts.first != front->etag || !absl::SimpleAtoi(parts.second, &begin))) {
    return Error(absl::StatusCode::kAborted, reason::kEtagMismatch)
        .Field("page_token")
        .Value(parts.first)
        .Limit(front->etag)
        .Message("the front has changed since the first page; begin again");
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<jobs::Candidate> rows,
                          fronts_.Candidates(job, *front, begin, size));
  for (const jobs::Candidate& row : rows) *response.add_candidates() = ToProto(job.id, row);
  NIWAKI_ASSIGN_OR_RETURN(const auto test_scores, fronts_.TestScores(job, rows));
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto known = test_scores.find(rows[i].slot);
    if (known == test_scores.end()) continue;
    *response.mutable_candidates(i)->mutable_test_score() = ToProto(known->second);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<jobs::Job> test,
                          reader_.FindJob(jobs::TestJobId(job.id)));
  if (test.has_value()) response.set_test_job(absl::StrCat("jobs/", test->id));
  const int64_t end = begin + static_cast<int64_t>(rows.size());
  if (end < static_cast<int64_t>(front->slots.size())) {
    response.set_next_page_token(rpc::MakePageToken(list, absl::StrCat(front->etag, " ", end)));
  }
  response.set_etag(front->etag);
  response.set_total_size(front->slots.size());
  for (const search::Metric metric : job.spec.objectives) {
    response.add_objectives(ToProto(metric));
  }
  return absl::OkStatus();
}

}  // namespace niwaki::coordinator
