#include "libs/store/group_commit_benchmark.h"

#include <unistd.h>

#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "libs/base/status_macros.h"
#include "libs/store/connection.h"
#include "libs/store/group_commit.h"
#include "libs/store/transaction.h"

namespace niwaki::store {
namespace {

constexpr int kRowBytes = 100;

absl::Status InsertRow(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(Statement insert, connection.Prepare("INSERT INTO t(v) VALUES(?1)"));
  return insert.Run(Blob{std::string(kRowBytes, 'x')});
}

absl::StatusOr<double> MeasureSingle(Connection& connection, absl::Duration duration) {
  const absl::Time start = absl::Now();
  int64_t commits = 0;
  while (absl::Now() - start < duration) {
    NIWAKI_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
    NIWAKI_RETURN_IF_ERROR(InsertRow(connection));
    NIWAKI_RETURN_IF_ERROR(transaction.Commit());
    ++commits;
  }
  return commits / absl::ToDoubleSeconds(absl::Now() - start);
}

// Keeps a few groups queued.
absl::StatusOr<double> MeasureGrouped(std::unique_ptr<Connection> connection, size_t group,
                                      absl::Duration duration) {
  GroupCommitOptions options;
  options.max_group = group;
  GroupCommitWriter writer(std::move(connection), options);
  absl::Mutex mutex;
  int64_t pending = 0;
  int64_t rows = 0;
  absl::Status first_error;
  const auto room = [&] { return pending < static_cast<int64_t>(4 * group); };
  const absl::Time start = absl::Now();
  while (absl::Now() - start < duration) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&room));
      ++pending;
    }
    NIWAKI_RETURN_IF_ERROR(writer.Submit(InsertRow, [&](const absl::Status& status) {
      absl::MutexLock lock(&mutex);
      --pending;
      ++rows;
      first_error.Update(status);
    }));
  }
  writer.Stop();
  NIWAKI_RETURN_IF_ERROR(first_error);
  return rows / absl::ToDoubleSeconds(absl::Now() - start);
}

absl::StatusOr<GroupCommitRates> MeasureBoth(const std::string& path, int group,
                                             absl::Duration duration) {
  GroupCommitRates rates;
  NIWAKI_ASSIGN_OR_RETURN(auto connection, Connection::Open(path));
  NIWAKI_RETURN_IF_ERROR(connection->Execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v BLOB)"));
  NIWAKI_ASSIGN_OR_RETURN(rates.commits_per_second, MeasureSingle(*connection, duration));
  NIWAKI_ASSIGN_OR_RETURN(rates.grouped_rows_per_second,
                          MeasureGrouped(std::move(connection), group, duration));
  return rates;
}

}  // namespace

absl::StatusOr<GroupCommitRates> MeasureGroupCommit(const std::string& folder, int group,
                                                    absl::Duration duration) {
  const std::string path = folder + "/group_commit_benchmark.db";
  const auto rates = MeasureBoth(path, group, duration);
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
  return rates;
}

}  // namespace niwaki::store
