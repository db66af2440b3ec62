#include "services/coordinator/worker_service.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/suggest.h"
#include "libs/jobs/precision.h"
#include "libs/rpc/page_token.h"
#include "libs/rpc/reactor.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/idempotency.h"

namespace niwaki::coordinator {
namespace {

constexpr int kMaxBatch = 1024;
constexpr absl::Duration kMaxWait = absl::Seconds(30);
constexpr size_t kMaxInstance = 100;
constexpr size_t kMaxTrouble = 1000;
constexpr char kLease[] = "LeaseCandidates";
constexpr char kReport[] = "ReportScores";
constexpr char kList[] = "ListWorkers";
constexpr char kDrain[] = "DrainWorker";

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", value, "' must be ", limit));
}

absl::Status CheckWorker(absl::string_view worker, absl::string_view field = "worker") {
  bool good = !worker.empty() && worker.size() <= 63;
  for (const char c : worker) {
    good = good && (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.');
  }
  if (good) return absl::OkStatus();
  return Invalid(field, worker.substr(0, 100), "1 to 63 letters, digits, '-', '_' and '.'");
}

absl::Status CheckInstance(const std::string& instance) {
  if (instance.size() <= kMaxInstance) return absl::OkStatus();
  return Invalid("instance", instance.substr(0, 100),
                 absl::StrCat("at most ", kMaxInstance, " bytes"));
}

absl::Status Check(const v1::LeaseCandidatesRequest& request) {
  NIWAKI_RETURN_IF_ERROR(CheckWorker(request.worker()));
  NIWAKI_RETURN_IF_ERROR(CheckInstance(request.instance()));
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  NIWAKI_RETURN_IF_ERROR(CheckRange("max_candidates", request.max_candidates(), 1, kMaxBatch));
  NIWAKI_RETURN_IF_ERROR(
      jobs::ValidatePrecision(jobs::PrecisionOrDefault(request.precision()), "precision"));
  const absl::Duration wait = DurationFromProto(request.wait());
  if (wait < absl::ZeroDuration() || wait > kMaxWait) {
    return Invalid("wait", absl::FormatDuration(wait), "0 to 30 s");
  }
  return absl::OkStatus();
}

absl::Status Check(const v1::ExtendLeasesRequest& request) {
  NIWAKI_RETURN_IF_ERROR(CheckWorker(request.worker()));
  NIWAKI_RETURN_IF_ERROR(CheckInstance(request.instance()));
  if (request.trouble().size() <= kMaxTrouble) return absl::OkStatus();
  return Invalid("trouble", request.trouble().substr(0, 100),
                 absl::StrCat("at most ", kMaxTrouble, " bytes"));
}

absl::Status Check(const v1::ReportScoresRequest& request) {
  NIWAKI_RETURN_IF_ERROR(CheckWorker(request.worker()));
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  NIWAKI_RETURN_IF_ERROR(CheckRange("reports", request.reports_size(), 1, kMaxBatch));
  for (int i = 0; i < request.reports_size(); ++i) {
    if (request.reports(i).result_case() != v1::ScoreReport::RESULT_NOT_SET) continue;
    return Invalid(absl::StrCat("reports[", i, "].result"), "", "a score, a network or a failure");
  }
  return absl::OkStatus();
}

// A call that answers later; deletes itself when gRPC is done with it.
class LaterReactor : public grpc::ServerUnaryReactor {
 public:
  void OnCancel() override { cancelled_->store(true); }
  void OnDone() override { delete this; }
  // Outlives the call: who waits for it may ask after its end.
  std::shared_ptr<std::atomic<bool>> cancelled() const { return cancelled_; }

 private:
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
};

jobs::EngineLoop::Done FinishWith(LaterReactor* reactor) {
  return [reactor](const absl::Status& status) { reactor->Finish(rpc::ToGrpcStatus(status)); };
}

void SetLeases(const std::vector<jobs::LeaseGrant>& grants, absl::Duration ttl,
               v1::LeaseCandidatesResponse& response) {
  response.clear_leases();
  for (const jobs::LeaseGrant& grant : grants) *response.add_leases() = ToProto(grant);
  *response.mutable_ttl() = ToProto(ttl);
}

jobs::WorkerAbilities AbilitiesOf(const v1::LeaseCandidatesRequest& request) {
  jobs::WorkerAbilities abilities;
  abilities.knows_split = request.knows_split();
  abilities.quantiser_version = request.quantiser_version();
  // Tasks that this version does not know are not given out.
  for (const int task : request.tasks()) abilities.proves |= task == v1::LEASE_TASK_PROVE;
  abilities.scores = !abilities.proves ||
                     std::any_of(request.tasks().begin(), request.tasks().end(), [](int task) {
                       return task == v1::LEASE_TASK_SCORE || task == v1::LEASE_TASK_UNSPECIFIED;
                     });
  return abilities;
}

// Whether there is an answer: leases, those of the first call with this id that still live, or that
// the worker is to leave.
absl::StatusOr<bool> TryLease(jobs::JobEngine& engine, absl::Time now, absl::Duration ttl,
                              const v1::LeaseCandidatesRequest& request,
                              v1::LeaseCandidatesResponse& response) {
  NIWAKI_RETURN_IF_ERROR(engine.Meet(request.worker(), request.instance(), now));
  response.set_drain(engine.IsDraining(request.worker()));
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<v1::LeaseCandidatesResponse> answer,
                          FindAnswer<v1::LeaseCandidatesResponse>(engine, kLease, request));
  if (answer.has_value()) {
    std::vector<std::string> ids;
    for (const v1::Lease& lease : answer->leases()) ids.push_back(lease.lease_id());
    SetLeases(engine.LiveLeases(request.worker(), ids, now), ttl, response);
    return true;
  }
  NIWAKI_ASSIGN_OR_RETURN(
      const std::vector<jobs::LeaseGrant> grants,
      engine.Lease(request.worker(), jobs::PrecisionOrDefault(request.precision()),
                   request.max_candidates(), now, AbilitiesOf(request)));
  SetLeases(grants, ttl, response);
  if (grants.empty()) return response.drain();
  RememberAnswer(engine, kLease, request, response, now);
  return true;
}

absl::Status Extend(jobs::JobEngine& engine, absl::Time now, const v1::ExtendLeasesRequest& request,
                    v1::ExtendLeasesResponse& response) {
  const absl::Status met = engine.Meet(request.worker(), request.instance(), now);
  if (absl::IsFailedPrecondition(met)) {
    // Another has its name. It is told so when it asks for candidates.
    for (const v1::LeaseRef& lease : request.leases()) {
      response.add_revoked_lease_ids(lease.lease_id());
    }
    return absl::OkStatus();
  }
  NIWAKI_RETURN_IF_ERROR(met);
  if (request.last()) return engine.Leave(request.worker(), request.trouble(), now);
  std::vector<jobs::LeaseClaim> claims;
  for (const v1::LeaseRef& lease : request.leases()) {
    claims.push_back({lease.lease_id(), lease.epoch(), lease.running()});
  }
  for (std::string& id : engine.Extend(request.worker(), claims, now)) {
    response.add_revoked_lease_ids(std::move(id));
  }
  response.set_drain(engine.IsDraining(request.worker()));
  return absl::OkStatus();
}

std::vector<jobs::Report> ReportsOf(const v1::ReportScoresRequest& request,
                                    const artifacts::ArtifactStore& artifacts) {
  std::vector<jobs::Report> reports;
  for (const v1::ScoreReport& from : request.reports()) {
    jobs::Report to;
    to.lease_id = from.lease_id();
    to.epoch = from.epoch();
    if (from.has_score()) to.score = ScoreFromProto(from.score());
    if (from.has_network()) {
      to.network = NetworkFromProto(from.network());
      // A worker uploads first: it is told, and may do so and report again.
      if (!artifacts.SizeOf(to.network->digest).ok()) to.rejection = reason::kArtifactUnknown;
    }
    to.failure = from.failure();
    if (from.failure_code() != 0) {
      // Of a number that is no code the status makes UNKNOWN.
      const auto code = static_cast<absl::StatusCode>(from.failure_code());
      to.failure_code = absl::Status(code, "").code();
    }
    reports.push_back(std::move(to));
  }
  return reports;
}

absl::Status List(const jobs::JobEngine& engine, absl::Time now, const std::string& after, int size,
                  v1::ListWorkersResponse& response) {
  std::vector<jobs::WorkerInfo> found = engine.ListWorkers(after, size + 1, now);
  if (found.size() > static_cast<size_t>(size)) {
    found.pop_back();
    response.set_next_page_token(rpc::MakePageToken(kList, found.back().name));
  }
  for (const jobs::WorkerInfo& worker : found) *response.add_workers() = ToProto(worker);
  return absl::OkStatus();
}

absl::Status Drain(jobs::JobEngine& engine, absl::Time now, const std::string& worker, bool undo,
                   v1::DrainWorkerResponse& response) {
  const absl::StatusOr<jobs::WorkerInfo> info = engine.DrainWorker(worker, !undo, now);
  if (absl::IsNotFound(info.status())) {
    const std::string closest = jobfile::ClosestName(worker, engine.WorkerNames());
    if (closest.empty()) return info.status();
    return Error(absl::StatusCode::kNotFound, reason::kWorkerUnknown)
        .Field("name")
        .Value(worker)
        .Message(absl::StrCat(info.status().message(), "; did you mean '", closest, "'?"));
  }
  NIWAKI_RETURN_IF_ERROR(info.status());
  *response.mutable_worker() = ToProto(*info);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* WorkerService::LeaseCandidates(grpc::CallbackServerContext* context,
                                                         const v1::LeaseCandidatesRequest* request,
                                                         v1::LeaseCandidatesResponse* response) {
  const absl::Status valid = Check(*request);
  if (!valid.ok()) return rpc::FinishUnary(context, valid);
  auto* reactor = new LaterReactor;
  jobs::EngineLoop::WaitingCommand command;
  command.worker = request->worker();
  command.precision = jobs::PrecisionOrDefault(request->precision());
  command.abilities = AbilitiesOf(*request);
  command.try_apply = [this, request, response](jobs::JobEngine& engine, absl::Time now) {
    return TryLease(engine, now, lease_ttl_, *request, *response);
  };
  command.cancelled = [cancelled = reactor->cancelled()] { return cancelled->load(); };
  command.timeout = DurationFromProto(request->wait());
  command.done = FinishWith(reactor);
  command.reads = ReadsOf(*request);
  loop_.SubmitWaiting(std::move(command));
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::ExtendLeases(grpc::CallbackServerContext* context,
                                                      const v1::ExtendLeasesRequest* request,
                                                      v1::ExtendLeasesResponse* response) {
  const absl::Status valid = Check(*request);
  if (!valid.ok()) return rpc::FinishUnary(context, valid);
  auto* reactor = new LaterReactor;
  loop_.Submit(
      [this, request, response](jobs::JobEngine& engine, absl::Time now) {
        *response->mutable_ttl() = ToProto(lease_ttl_);
        return Extend(engine, now, *request, *response);
      },
      FinishWith(reactor));
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::ReportScores(grpc::CallbackServerContext* context,
                                                      const v1::ReportScoresRequest* request,
                                                      v1::ReportScoresResponse* response) {
  const absl::Status valid = Check(*request);
  if (!valid.ok()) return rpc::FinishUnary(context, valid);
  auto* reactor = new LaterReactor;
  jobs::ExpectedReads reads = ReadsOf(*request);
  for (const v1::ScoreReport& report : request->reports()) {
    reads.lease_ids.push_back(report.lease_id());
  }
  const auto parsed = std::make_shared<std::vector<jobs::Report>>(ReportsOf(*request, artifacts_));
  loop_.Submit(Idempotent(kReport, *request, *response,
                          [request, response, parsed](jobs::JobEngine& engine, absl::Time now) {
                            absl::StatusOr<std::vector<jobs::ReportVerdict>> verdicts =
                                engine.ReportScores(request->worker(), *parsed, now);
                            if (!verdicts.ok()) return verdicts.status();
                            for (size_t i = 0; i < verdicts->size(); ++i) {
                              *response->add_verdicts() =
                                  ToProto(request->reports(i).lease_id(), (*verdicts)[i]);
                            }
                            return absl::OkStatus();
                          }),
               FinishWith(reactor), std::move(reads));
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::ListWorkers(grpc::CallbackServerContext* context,
                                                     const v1::ListWorkersRequest* request,
                                                     v1::ListWorkersResponse* response) {
  const absl::StatusOr<int> size =
      rpc::ClampPageSize(request->page_size(), /*default_size=*/50, /*max_size=*/1000);
  if (!size.ok()) return rpc::FinishUnary(context, size.status());
  const absl::StatusOr<std::string> after = rpc::ReadPageToken(kList, request->page_token());
  if (!after.ok()) return rpc::FinishUnary(context, after.status());
  auto* reactor = new LaterReactor;
  loop_.Submit(
      [response, after = *after, size = *size](jobs::JobEngine& engine, absl::Time now) {
        return List(engine, now, after, size, *response);
      },
      FinishWith(reactor));
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::DrainWorker(grpc::CallbackServerContext* context,
                                                     const v1::DrainWorkerRequest* request,
                                                     v1::DrainWorkerResponse* response) {
  const absl::StatusOr<std::string> worker = IdFromName(request->name(), "workers", "name");
  absl::Status valid = worker.status();
  if (valid.ok()) valid = CheckWorker(*worker, "name");
  if (valid.ok()) valid = rpc::ValidateRequestId(request->request_id());
  if (!valid.ok()) return rpc::FinishUnary(context, valid);
  auto* reactor = new LaterReactor;
  loop_.Submit(
      Idempotent(kDrain, *request, *response,
                 [request, response, worker = *worker](jobs::JobEngine& engine, absl::Time now) {
                   return Drain(engine, now, worker, request->undo(), *response);
                 }),
      FinishWith(reactor));
  return reactor;
}

}  // namespace niwaki::coordinator
