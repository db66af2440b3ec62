// Which example goes into which split.

#ifndef NIWAKI_LIBS_DATA_PREPARED_PARTITION_H_
#define NIWAKI_LIBS_DATA_PREPARED_PARTITION_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/data/example_set.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// Positions in the set per split, each in shuffled order.
using Partition = std::array<std::vector<int64_t>, kSplitCount>;

// Deals the examples of `set` to the splits by `shares` (not negative, sum positive), from `seed`.
//
// An example whose dealing names a split goes there. The others share the splits that have no such
// examples, or all splits with a share where their dealing says so.
//
// With groups, a group goes to one split as a whole. Without, every class is dealt by itself, so
// each split has the classes' proportions. A class too small for that, of whose examples a split's
// share is less than one, gives each split the whole part of its share; what is lacking to the
// splits' shares of all such classes together is taken one each from the classes with the largest
// remainders, and what is left is for training. A class of two or more examples gives one to
// validation or test at least, where they have a share; one of one example is for training alone.
// ClassesWithout tells which classes a split lacks.
//
// FailedPrecondition when there are fewer examples, or groups, than splits with a share.
absl::StatusOr<Partition> PartitionExamples(const ExampleSet& set,
                                            const std::array<double, kSplitCount>& shares,
                                            uint64_t seed);

// Classes, in the order of labels, of which `labels` of a split has no example; none for an empty
// split.
std::vector<std::string> ClassesWithout(const std::vector<std::string>& class_names,
                                        absl::Span<const uint16_t> labels);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_PARTITION_H_
