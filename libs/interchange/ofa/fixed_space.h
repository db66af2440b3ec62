// One network as a search space of its own: every choice single, every block a stage. So a network
// that stands alone is described, stored and run by what describes, stores and runs supernets.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_FIXED_SPACE_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_FIXED_SPACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::interchange {

// Ratio of a block that expands by 1 and yet through a convolution of its own, as a ratio of 1
// among larger ones does: it makes as many channels as there are, of up to 32768.
inline constexpr double kByOneWithConvolution = 1.000001;

// Whether the space holds one network only.
bool IsFixed(const arch::SearchSpace& space);

// The space, named `name`, whose one network has the graph of `subnet` (valid, canonical), operator
// for operator. Block b of stage s becomes block 0 of a stage, in order. InvalidArgument with
// reason SPACE_INVALID where no such space exists: more blocks than a space has stages.
absl::StatusOr<arch::SearchSpace> FixedSpace(const arch::SearchSpace& space,
                                             const arch::Subnet& subnet, const std::string& name);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_FIXED_SPACE_H_
