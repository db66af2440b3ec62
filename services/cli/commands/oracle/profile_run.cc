#include "services/cli/commands/oracle/profile_run.h"

#include <cstddef>
#include <iterator>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(50);

class Run {
 public:
  Run(client::BoardClient& client, const ProfileBoards& boards,
      std::vector<std::vector<latency::EmittedOp>> batches, const ProfileRunOptions& options)
      : client_(client),
        boards_(boards),
        options_(options),
        waiting_(std::make_move_iterator(batches.begin()), std::make_move_iterator(batches.end())),
        last_board_(options.clock->Now()) {}

  absl::StatusOr<ProfileOutcome> ToTheEnd() {
    while (!waiting_.empty() || !running_.empty()) {
      if (options_.stopping && options_.stopping()) {
        outcome_.stopped = true;
        break;
      }
      NIWAKI_RETURN_IF_ERROR(AskForMore());
      NIWAKI_RETURN_IF_ERROR(Look());
      if (options_.on_progress) options_.on_progress(ended_);
    }
    return std::move(outcome_);
  }

 private:
  using Batch = std::vector<latency::EmittedOp>;

  absl::Status AskForMore() {
    const size_t most = boards_.names.size() * static_cast<size_t>(options_.in_flight);
    while (!waiting_.empty() && running_.size() < most) {
      v1::MeasurementSpec spec = boards_.spec;
      v1::OperatorsMeasurement& wanted = *spec.mutable_operators();
      wanted.set_samples(options_.samples);
      wanted.set_seed(options_.seed);
      for (const latency::EmittedOp& op : waiting_.front()) {
        v1::OperatorToMeasure& one = *wanted.add_operators();
        std::tie(*one.mutable_signature(), *one.mutable_form()) = KeyOf(op);
      }
      NIWAKI_ASSIGN_OR_RETURN(const v1::Measurement asked, client_.CreateMeasurement(spec));
      running_.emplace_back(asked.name(), std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return absl::OkStatus();
  }

  absl::Status Look() {
    bool any = false;
    std::string lacking;
    for (auto it = running_.begin(); it != running_.end();) {
      NIWAKI_ASSIGN_OR_RETURN(const v1::Measurement now, client_.GetMeasurement(it->first));
      if (now.waiting().empty()) last_board_ = options_.clock->Now();
      lacking = now.waiting();
      const bool succeeded = now.state() == v1::MEASUREMENT_STATE_SUCCEEDED;
      if (!succeeded && now.state() != v1::MEASUREMENT_STATE_FAILED) {
        ++it;
        continue;
      }
      any = true;
      Batch batch = std::move(it->second);
      it = running_.erase(it);
      if (succeeded) {
        Take(now);
      } else {
        TakeFailure(now, std::move(batch));
      }
    }
    if (any) return absl::OkStatus();
    if (options_.clock->Now() - last_board_ > options_.patience) {
      return Error(absl::StatusCode::kUnavailable, reason::kBoardVanished)
          .Field("board")
          .Message(absl::StrCat(lacking,
                                "; what is measured is in the table: run it again to go "
                                "on"));
    }
    options_.clock->Sleep(kPoll);
    return absl::OkStatus();
  }

  void Take(const v1::Measurement& ended) {
    for (const v1::MeasuredOperator& one : ended.result().measured()) {
      ++ended_;
      if (one.samples() > 0) {
        ++outcome_.measured;
      } else {
        outcome_.failed[{one.op().signature(), one.op().form()}] = one.problem();
      }
    }
  }

  void TakeFailure(const v1::Measurement& ended, Batch batch) {
    std::string message = "it failed";
    bool guilty = false;
    if (ended.failures_size() > 0) {
      const v1::MeasurementFailure& last = ended.failures(ended.failures_size() - 1);
      message = last.message();
      guilty = last.failure_class() == "candidate";
    }
    if (guilty && batch.size() > 1) {
      const auto half = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
      waiting_.emplace_front(half, batch.end());
      waiting_.emplace_front(batch.begin(), half);
      return;
    }
    for (const latency::EmittedOp& op : batch) {
      ++ended_;
      outcome_.failed[KeyOf(op)] = message;
    }
  }

  client::BoardClient& client_;
  const ProfileBoards& boards_;
  const ProfileRunOptions& options_;
  std::deque<Batch> waiting_;
  // By name.
  std::vector<std::pair<std::string, Batch>> running_;
  absl::Time last_board_;
  int64_t ended_ = 0;
  ProfileOutcome outcome_;
};

}  // namespace

absl::StatusOr<ProfileOutcome> RunProfile(client::BoardClient& client, const ProfileBoards& boards,
                                          std::vector<std::vector<latency::EmittedOp>> batches,
                                          const ProfileRunOptions& options) {
  return Run(client, boards, std::move(batches), options).ToTheEnd();
}

}  // namespace niwaki::cli
