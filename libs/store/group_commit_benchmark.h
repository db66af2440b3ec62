// What group commit is worth on this disk.

#ifndef NIWAKI_LIBS_STORE_GROUP_COMMIT_BENCHMARK_H_
#define NIWAKI_LIBS_STORE_GROUP_COMMIT_BENCHMARK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace niwaki::store {

struct GroupCommitRates {
  // Transactions of one row each, one after the other.
  double commits_per_second = 0;
  // Rows through a GroupCommitWriter whose groups hold at most `group` items, its queue never
  // empty.
  double grouped_rows_per_second = 0;
};

// Writes rows of about 100 bytes to a fresh database in `folder` (which must exist) for `duration`
// each way; removes it.
absl::StatusOr<GroupCommitRates> MeasureGroupCommit(const std::string& folder, int group,
                                                    absl::Duration duration);

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_GROUP_COMMIT_BENCHMARK_H_
