#include "services/worker/report_sender.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/retry_class.h"

namespace niwaki::worker {
namespace {

// As many as ReportScores takes.
constexpr int kMaxReports = 1024;

}  // namespace

ReportSender::ReportSender(ReportSenderOptions options, client::WorkerClient* coordinator,
                           HeldLeases* leases)
    : options_(std::move(options)), coordinator_(coordinator), leases_(leases) {
  thread_ = std::thread([this] { Loop(); });
}

ReportSender::~ReportSender() { Drain(absl::ZeroDuration()); }

void ReportSender::Add(v1::ScoreReport report) {
  absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(report));
}

int ReportSender::Drain(absl::Duration patience) {
  int left = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto settled = [](ReportSender* self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return self->queue_.empty() && self->in_flight_ == 0;
    };
    options_.clock->AwaitWithDeadline(mutex_, absl::Condition(+settled, this),
                                      options_.clock->Now() + patience);
    left = static_cast<int>(queue_.size()) + in_flight_;
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  return left;
}

void ReportSender::Loop() {
  const auto ready = [](ReportSender* self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return self->stopping_ || !self->queue_.empty();
  };
  while (true) {
    std::vector<v1::ScoreReport> reports;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(+ready, this));
      if (stopping_) return;
      in_flight_ = std::min<int>(queue_.size(), kMaxReports);
      reports.assign(std::make_move_iterator(queue_.begin()),
                     std::make_move_iterator(queue_.begin() + in_flight_));
      queue_.erase(queue_.begin(), queue_.begin() + in_flight_);
    }
    if (!Send(reports)) return;
    absl::MutexLock lock(&mutex_);
    in_flight_ = 0;
  }
}

bool ReportSender::Send(const std::vector<v1::ScoreReport>& reports) {
  v1::ReportScoresRequest request;
  request.set_worker(options_.worker);
  // The same for every attempt: the coordinator counts them as one.
  request.set_request_id(options_.new_request_id());
  for (const v1::ScoreReport& report : reports) *request.add_reports() = report;
  rpc::Backoff backoff(options_.backoff);
  while (true) {
    const absl::StatusOr<v1::ReportScoresResponse> response =
        coordinator_->Report(request, options_.call_timeout);
    if (response.ok()) {
      Settle(reports, *response);
      return true;
    }
    if (!MayAnswerLater(response.status().code())) return SendHalves(reports, response.status());
    Log(Severity::kWarning, "report_failed",
        {{"reports", reports.size()}, {"error", response.status().message()}});
    if (!Wait(backoff.Next())) return false;
  }
}

bool ReportSender::SendHalves(const std::vector<v1::ScoreReport>& reports,
                              const absl::Status& refusal) {
  if (reports.size() == 1) {
    Log(Severity::kError, "report_refused",
        {{"lease", reports[0].lease_id()}, {"error", refusal.message()}});
    leases_->Remove(reports[0].lease_id());
    return true;
  }
  const auto middle = reports.begin() + reports.size() / 2;
  return Send({reports.begin(), middle}) && Send({middle, reports.end()});
}

void ReportSender::Settle(const std::vector<v1::ScoreReport>& reports,
                          const v1::ReportScoresResponse& response) {
  for (const v1::ScoreVerdict& verdict : response.verdicts()) {
    if (verdict.verdict() == v1::VERDICT_ACCEPTED || verdict.verdict() == v1::VERDICT_DUPLICATE) {
      continue;
    }
    const bool conflict = verdict.verdict() == v1::VERDICT_CONFLICT;
    Log(conflict ? Severity::kError : Severity::kWarning, "report_verdict",
        {{"lease", verdict.lease_id()},
         {"verdict", v1::Verdict_Name(verdict.verdict())},
         {"reason", verdict.reason()}});
  }
  for (const v1::ScoreReport& report : reports) leases_->Remove(report.lease_id());
}

bool ReportSender::Wait(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !options_.clock->AwaitWithDeadline(mutex_, absl::Condition(&stopping_),
                                            options_.clock->Now() + duration);
}

}  // namespace niwaki::worker
