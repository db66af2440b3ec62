// Which example goes into which split.

#ifndef NIWAKI_LIBS_DATA_PREPARED_PARTITION_H_
#define NIWAKI_LIBS_DATA_PREPARED_PARTITION_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/data/example_set.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// Positions in the set per split, each in shuffled order.
using Partition = std::array<std::vector<int64_t>, kSplitCount>;

// Deals the examples of `set` to the splits by `shares` (not negative, sum positive), from `seed`.
// With groups, a group goes to one split as a whole; without, every class is dealt by itself, so
// each split has the classes' proportions. FailedPrecondition when a split with a share would stay
// empty.
absl::StatusOr<Partition> PartitionExamples(const ExampleSet& set,
                                            const std::array<double, kSplitCount>& shares,
                                            uint64_t seed);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_PARTITION_H_
