// The one order of a network's tensors: files may hold them in any, and more than are used.

#ifndef NIWAKI_LIBS_INTERCHANGE_ORDER_OF_USE_H_
#define NIWAKI_LIBS_INTERCHANGE_ORDER_OF_USE_H_

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

// Removes operators that the output does not depend on, and numbers tensors, constants, weights and
// extras in the order in which the others use them; what none uses goes. The network's input is
// tensor 0. For operators in execution order, as engine::Validate wants them.
void KeepInOrderOfUse(engine::QuantisedNetwork& network);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ORDER_OF_USE_H_
