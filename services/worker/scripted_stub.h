// The coordinator as a script: what it answers to each heartbeat and report, on the caller's
// thread, and when the calls came by a clock that the test moves. For tests of what a worker does
// about time; what goes over a wire is tested with fake_coordinator.h.

#ifndef NIWAKI_SERVICES_WORKER_SCRIPTED_STUB_H_
#define NIWAKI_SERVICES_WORKER_SCRIPTED_STUB_H_

#include <functional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"

namespace niwaki::worker {

// What came of one kind of call. Thread-safe.
template <typename Request, typename Response>
class CallScript {
 public:
  struct Call {
    absl::Time time;
    Request request;
  };
  using Answer = std::function<grpc::Status(const Request&, Response&)>;

  explicit CallScript(Clock& clock) : clock_(clock) {}

  // How later calls are answered; it may block. At first: OK with an empty response.
  void SetAnswer(Answer answer) {
    absl::MutexLock lock(&mutex_);
    answer_ = std::move(answer);
  }

  // Waits until `count` calls have come, and gives them. Ends the test after a generous time.
  std::vector<Call> Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [this, count]()
                            ABSL_NO_THREAD_SAFETY_ANALYSIS { return calls_.size() >= count; };
    NIWAKI_CHECK(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(60)));
    return calls_;
  }
  // Moves `clock` on by `step` until `count` calls have come.
  std::vector<Call> AdvanceUntil(size_t count, FakeClock& clock, absl::Duration step) {
    const auto enough = [this, count]()
                            ABSL_NO_THREAD_SAFETY_ANALYSIS { return calls_.size() >= count; };
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        // As long as the one who waits for the clock may take to look at it.
        if (mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Milliseconds(5))) return calls_;
      }
      clock.Advance(step);
    }
  }
  size_t count() const {
    absl::MutexLock lock(&mutex_);
    return calls_.size();
  }

  grpc::Status Run(const Request& request, Response* response) {
    Answer answer;
    {
      absl::MutexLock lock(&mutex_);
      calls_.push_back({clock_.Now(), request});
      answer = answer_;
    }
    return answer ? answer(request, *response) : grpc::Status::OK;
  }

 private:
  Clock& clock_;
  mutable absl::Mutex mutex_;
  Answer answer_ ABSL_GUARDED_BY(mutex_);
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
};

// Outlives every stub of it.
struct CoordinatorScript {
  explicit CoordinatorScript(Clock& clock) : beats(clock), reports(clock) {}

  CallScript<v1::ExtendLeasesRequest, v1::ExtendLeasesResponse> beats;
  CallScript<v1::ReportScoresRequest, v1::ReportScoresResponse> reports;
};

class ScriptedStub final : public v1::WorkerService::StubInterface {
 public:
  explicit ScriptedStub(CoordinatorScript& script) : script_(script) {}

  grpc::Status ExtendLeases(grpc::ClientContext*, const v1::ExtendLeasesRequest& request,
                            v1::ExtendLeasesResponse* response) override {
    return script_.beats.Run(request, response);
  }
  grpc::Status ReportScores(grpc::ClientContext*, const v1::ReportScoresRequest& request,
                            v1::ReportScoresResponse* response) override {
    return script_.reports.Run(request, response);
  }
  grpc::Status LeaseCandidates(grpc::ClientContext*, const v1::LeaseCandidatesRequest&,
                               v1::LeaseCandidatesResponse*) override {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no part of the script");
  }
  grpc::Status ListWorkers(grpc::ClientContext*, const v1::ListWorkersRequest&,
                           v1::ListWorkersResponse*) override {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no part of the script");
  }
  grpc::Status DrainWorker(grpc::ClientContext*, const v1::DrainWorkerRequest&,
                           v1::DrainWorkerResponse*) override {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no part of the script");
  }

 private:
  // Nobody calls these.
  grpc::ClientAsyncResponseReaderInterface<v1::LeaseCandidatesResponse>* AsyncLeaseCandidatesRaw(
      grpc::ClientContext*, const v1::LeaseCandidatesRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::LeaseCandidatesResponse>*
  PrepareAsyncLeaseCandidatesRaw(grpc::ClientContext*, const v1::LeaseCandidatesRequest&,
                                 grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::ExtendLeasesResponse>* AsyncExtendLeasesRaw(
      grpc::ClientContext*, const v1::ExtendLeasesRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::ExtendLeasesResponse>* PrepareAsyncExtendLeasesRaw(
      grpc::ClientContext*, const v1::ExtendLeasesRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::ReportScoresResponse>* AsyncReportScoresRaw(
      grpc::ClientContext*, const v1::ReportScoresRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::ReportScoresResponse>* PrepareAsyncReportScoresRaw(
      grpc::ClientContext*, const v1::ReportScoresRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::ListWorkersResponse>* AsyncListWorkersRaw(
      grpc::ClientContext*, const v1::ListWorkersRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::ListWorkersResponse>* PrepareAsyncListWorkersRaw(
      grpc::ClientContext*, const v1::ListWorkersRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::DrainWorkerResponse>* AsyncDrainWorkerRaw(
      grpc::ClientContext*, const v1::DrainWorkerRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }
  grpc::ClientAsyncResponseReaderInterface<v1::DrainWorkerResponse>* PrepareAsyncDrainWorkerRaw(
      grpc::ClientContext*, const v1::DrainWorkerRequest&, grpc::CompletionQueue*) override {
    return nullptr;
  }

  CoordinatorScript& script_;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_SCRIPTED_STUB_H_
