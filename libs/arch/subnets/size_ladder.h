// Subnets of every size of a space, for tables and pictures that show what size buys.

#ifndef NIWAKI_LIBS_ARCH_SUBNETS_SIZE_LADDER_H_
#define NIWAKI_LIBS_ARCH_SUBNETS_SIZE_LADDER_H_

#include <cstdint>
#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::arch {

// `count` subnets (at least 2) from the smallest to the largest, ascending in MACs: the two ends,
// and between them those of 2,000 random ones whose MACs come nearest to equal ratios from rung to
// rung. Fewer where the space has fewer; the same for the same seed.
std::vector<Subnet> SizeLadder(const SearchSpace& space, int count, uint64_t seed);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_SUBNETS_SIZE_LADDER_H_
