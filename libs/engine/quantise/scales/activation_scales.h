// Scale and zero point of every tensor of a network, from what the tensors hold.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_ACTIVATION_SCALES_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_ACTIVATION_SCALES_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/engine/quantise/scales/calibration.h"

namespace niwaki::engine {

// The scale that the output of `op` has whatever it holds: 1/256 and -128 of softmax, logistic and
// hard-sigmoid, whose outputs are from 0 to 1; else nothing.
std::optional<Quantisation> FixedOutput(const arch::Op& op);

// By tensor, the part of `ranges` that a device can tell apart: of what hard-swish reads nothing
// below -3, of what hard-sigmoid reads -3 to 3, when nobody else reads it.
std::vector<Range> UsefulRanges(const arch::Graph& graph, const ChannelRanges& ranges);

// By tensor. The network's input and output have their whole range (labels that are cut off tie).
// Tensors that kernels only move or compare share a scale with their input: a pool's output takes
// it, the inputs of a concatenation take one that holds all. Unimplemented where such a scale is
// fixed and another must be taken with it.
absl::StatusOr<std::vector<Quantisation>> ActivationScales(const arch::Graph& graph,
                                                           const Statistics& statistics,
                                                           const QuantiseOptions& options);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_ACTIVATION_SCALES_H_
