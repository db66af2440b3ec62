#include "services/coordinator/jobs/watch_job.h"

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/rpc/status.h"
#include "services/coordinator/convert.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kMinGap = absl::Milliseconds(100);

class Watcher : public WatchReactor, public std::enable_shared_from_this<Watcher> {
 public:
  Watcher(JobFeed& feed, Clock& clock) : feed_(feed), clock_(clock) {}

  void Start(const jobs::JobReader& reader, const jobs::Job& job) {
    self_ = shared_from_this();
    Offer(job);
    if (IsFinal(job.state)) return;
    const auto on_change = [this](const jobs::Job* changed) {
      if (changed == nullptr) {
        End(Error(absl::StatusCode::kUnavailable, reason::kShuttingDown)
                .Message("the coordinator is shutting down"));
      } else {
        Offer(*changed);
      }
    };
    watch_id_ = feed_.Watch(job.uid, on_change,
                            [this](const std::string& trouble) { SetTrouble(trouble); });
    // What was committed between the caller's read and the watch.
    const absl::StatusOr<std::optional<jobs::Job>> now = reader.FindJobByUid(job.uid);
    if (now.ok() && now->has_value()) Offer(**now);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) {
      Finish(absl::CancelledError("the watcher has left"));
    } else if (sent_final_) {
      Finish(absl::OkStatus());
    } else if (ending_.has_value()) {
      Finish(*ending_);
    } else {
      Next();
    }
  }

  void OnCancel() override { End(absl::CancelledError("the watcher has left")); }

  void OnDone() override {
    if (watch_id_.has_value()) feed_.Unwatch(*watch_id_);
    alarm_.Cancel();
    self_.reset();
  }

 private:
  void Offer(const jobs::Job& job) {
    absl::MutexLock lock(&mutex_);
    if (newest_.has_value() && newest_->version >= job.version) return;
    newest_ = job;
    unsent_ = true;
    if (!writing_) Next();
  }

  // Sent as the reason of a job that has not ended.
  void SetTrouble(const std::string& trouble) {
    absl::MutexLock lock(&mutex_);
    trouble_ = trouble;
    unsent_ = newest_.has_value();
    if (!writing_) Next();
  }

  void End(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    ending_ = status;
    if (!writing_) Finish(status);
  }

  // Writes the newest state, now or when the gap since the last one is over.
  void Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!unsent_ || finished_ || waiting_) return;
    const absl::Time now = clock_.Now();
    if (now < last_write_ + kMinGap && !IsFinal(newest_->state)) {
      waiting_ = true;
      // The alarm may ring after the call has ended. It keeps its function, so that must not hold
      // on to this.
      ringing_ = self_;
      alarm_.Set(gpr_time_from_micros(absl::ToInt64Microseconds(last_write_ + kMinGap - now),
                                      GPR_TIMESPAN),
                 [this](bool) { Ring(); });
      return;
    }
    unsent_ = false;
    writing_ = true;
    last_write_ = now;
    sent_final_ = IsFinal(newest_->state);
    *message_.mutable_job() = ToProto(*newest_);
    if (!trouble_.empty() && !sent_final_) message_.mutable_job()->set_state_reason(trouble_);
    StartWrite(&message_);
  }

  // Called once for each alarm, also for a cancelled one.
  void Ring() {
    std::shared_ptr<Watcher> self;
    absl::MutexLock lock(&mutex_);
    self = std::move(ringing_);
    waiting_ = false;
    if (!writing_) Next();
  }

  void Finish(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    finished_ = true;
    WatchReactor::Finish(rpc::ToGrpcStatus(status));
  }

  JobFeed& feed_;
  Clock& clock_;
  // The call's own reference; dropped when gRPC is done.
  std::shared_ptr<Watcher> self_;
  std::optional<int64_t> watch_id_;
  grpc::Alarm alarm_;
  // Read by gRPC while writing_.
  v1::WatchJobResponse message_;

  absl::Mutex mutex_;
  // The alarm's reference while it is set.
  std::shared_ptr<Watcher> ringing_ ABSL_GUARDED_BY(mutex_);
  std::optional<jobs::Job> newest_ ABSL_GUARDED_BY(mutex_);
  std::string trouble_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_write_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool unsent_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool sent_final_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

class Refusal : public WatchReactor {
 public:
  explicit Refusal(const absl::Status& status) { Finish(rpc::ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

WatchReactor* StartWatch(JobFeed& feed, const jobs::JobReader& reader, Clock& clock,
                         const jobs::Job& job) {
  const auto watcher = std::make_shared<Watcher>(feed, clock);
  watcher->Start(reader, job);
  return watcher.get();
}

WatchReactor* RefuseWatch(const absl::Status& status) { return new Refusal(status); }

}  // namespace niwaki::coordinator
