// Smaller spaces from larger ones.

#ifndef NIWAKI_LIBS_ARCH_RESTRICT_H_
#define NIWAKI_LIBS_ARCH_RESTRICT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"

namespace niwaki::arch {

// `space` with only those resolutions, by value as in a subnet's JSON. InvalidArgument with reason
// SPACE_INVALID for none at all, or for one that the space does not have, listing its own.
absl::StatusOr<SearchSpace> WithResolutions(const SearchSpace& space,
                                            const std::vector<int>& values);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_RESTRICT_H_
