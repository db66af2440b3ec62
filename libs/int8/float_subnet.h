// A subnet of a supernet, and examples of prepared data, as libs/engine reads them: without
// LibTorch.

#ifndef NIWAKI_LIBS_INT8_FLOAT_SUBNET_H_
#define NIWAKI_LIBS_INT8_FLOAT_SUBNET_H_

#include <cstdint>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/engine/floats/examples.h"
#include "libs/engine/floats/float_network.h"
#include "libs/supernet/supernet.h"

namespace niwaki::int8 {

// The slices of the shared weights that `subnet` (valid) uses, kernel matrices applied, batch norm
// as the supernet has it. The values are those of supernet::ExtractSubnet, but for the last bit
// where a matrix is applied: here that is the same on every machine. `supernet` is on the CPU.
engine::FloatNetwork FloatSubnet(const supernet::Supernet& supernet, const arch::Subnet& subnet);

// The first `count` examples of a split (0: all of them; at most as many as there are), resized to
// `resolution`. `data` is borrowed.
engine::Examples ExamplesOf(const data::PreparedData& data, data::Split split, int64_t count,
                            const arch::Resolution& resolution);

// data::ParallelFor on `threads` threads.
engine::Loop ParallelLoop(int threads);

}  // namespace niwaki::int8

#endif  // NIWAKI_LIBS_INT8_FLOAT_SUBNET_H_
