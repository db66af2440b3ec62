// From a float network and calibration examples to an int8 network.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISE_NETWORK_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISE_NETWORK_H_

#include "absl/status/statusor.h"
#include "libs/engine/quantise/examples.h"
#include "libs/engine/quantise/float_network.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Folds batch norms, splits activations off that are tables, observes ranges, equalises, and
// rounds. The network's input and output are int8. Equal arguments give equal bytes on every
// machine, whatever `loop` does.
//
// The errors of Validate (weights that are missing or not finite are named), of CheckExamples and
// of reading; FailedPrecondition with reason SCORE_NOT_FINITE where an operator's output is not
// finite.
absl::StatusOr<QuantisedNetwork> QuantiseNetwork(const FloatNetwork& network,
                                                 const Examples& calibration,
                                                 const QuantiseOptions& options, const Loop& loop);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISE_NETWORK_H_
