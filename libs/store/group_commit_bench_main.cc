// Prints commits and rows per second of the disk under the folder given (default: the current one).

#include <cstdio>

#include "libs/store/group_commit_bench.h"

int main(int argc, char** argv) {
  constexpr int kGroup = 32;
  const auto rates =
      niwaki::store::MeasureGroupCommit(argc > 1 ? argv[1] : ".", kGroup, absl::Seconds(3));
  if (!rates.ok()) {
    std::fprintf(stderr, "%s\n", rates.status().ToString().c_str());
    return 1;
  }
  std::printf("commits_per_second %.0f\nrows_per_second in groups of %d %.0f\n",
              rates->commits_per_second, kGroup, rates->grouped_rows_per_second);
  return 0;
}
