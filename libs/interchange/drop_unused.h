// What a file holds and its network's output does not depend on.

#ifndef NIWAKI_LIBS_INTERCHANGE_DROP_UNUSED_H_
#define NIWAKI_LIBS_INTERCHANGE_DROP_UNUSED_H_

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

// Removes operators that the output does not depend on, and tensors, constants, weights and extras
// that no operator has then; what stays keeps its order. The network's input stays. Of operators
// in execution order, as engine::Validate wants them.
void DropUnused(engine::QuantisedNetwork& network);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_DROP_UNUSED_H_
