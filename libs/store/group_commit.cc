#include "libs/store/group_commit.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/store/transaction.h"

namespace niwaki::store {
namespace {

absl::Status RunSql(Connection& connection, absl::string_view sql) {
  NIWAKI_ASSIGN_OR_RETURN(Statement statement, connection.Prepare(sql));
  return statement.Run();
}

}  // namespace

GroupCommitWriter::GroupCommitWriter(std::unique_ptr<Connection> connection,
                                     GroupCommitOptions options)
    : connection_(std::move(connection)),
      options_(std::move(options)),
      thread_([this] { Loop(); }) {}

GroupCommitWriter::~GroupCommitWriter() { Stop(); }

absl::Status GroupCommitWriter::Submit(Work work, Done done) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) {
    return Error(absl::StatusCode::kUnavailable, reason::kShuttingDown)
        .Message("the store is shutting down");
  }
  if (queue_.size() >= options_.max_queue) {
    return Error(absl::StatusCode::kResourceExhausted, reason::kQueueFull)
        .Field("write_queue")
        .Value(queue_.size())
        .Limit(options_.max_queue)
        .Message(absl::StrCat("write queue full (", options_.max_queue, " items)"));
  }
  queue_.push_back({std::move(work), std::move(done)});
  return absl::OkStatus();
}

absl::Status GroupCommitWriter::Run(Work work) {
  absl::Notification finished;
  absl::Status result;
  NIWAKI_RETURN_IF_ERROR(Submit(std::move(work), [&](absl::Status status) {
    result = std::move(status);
    finished.Notify();
  }));
  finished.WaitForNotification();
  return result;
}

void GroupCommitWriter::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) thread_.join();
}

size_t GroupCommitWriter::queued() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

void GroupCommitWriter::Loop() {
  while (true) {
    std::vector<Item> group = TakeGroup();
    if (group.empty()) return;
    CommitGroup(group);
  }
}

// Waits for work; empty when stopping and drained.
std::vector<GroupCommitWriter::Item> GroupCommitWriter::TakeGroup() {
  std::vector<Item> group;
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  };
  mutex_.Await(absl::Condition(&ready));
  while (!queue_.empty() && group.size() < options_.max_group) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void GroupCommitWriter::CommitGroup(std::vector<Item>& group) {
  std::vector<absl::Status> results;
  results.reserve(group.size());
  const absl::Status lost = RunGroup(group, results);
  if (!lost.ok()) {
    if (options_.on_commit_failed) options_.on_commit_failed(lost);
    results.assign(group.size(), lost);
  }
  for (size_t i = 0; i < group.size(); ++i) group[i].done(std::move(results[i]));
}

absl::Status GroupCommitWriter::RunGroup(std::vector<Item>& group,
                                         std::vector<absl::Status>& results) {
  NIWAKI_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(*connection_));
  for (const Item& item : group) {
    NIWAKI_RETURN_IF_ERROR(RunItem(item.work, results.emplace_back()));
  }
  return transaction.Commit();
}

absl::Status GroupCommitWriter::RunItem(const Work& work, absl::Status& result) {
  NIWAKI_RETURN_IF_ERROR(RunSql(*connection_, "SAVEPOINT item"));
  result = work(*connection_);
  if (!connection_->in_transaction()) {
    // SQLite rolls back everything on some errors of the disk.
    return result.ok() ? absl::InternalError("a work item ended the writer's transaction") : result;
  }
  if (!result.ok()) NIWAKI_RETURN_IF_ERROR(RunSql(*connection_, "ROLLBACK TO item"));
  return RunSql(*connection_, "RELEASE item");
}

}  // namespace niwaki::store
