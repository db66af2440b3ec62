#include "libs/engine/quantise/quantise_network.h"

#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "libs/engine/floats/fold_batch_norm.h"
#include "libs/engine/floats/split_activations.h"
#include "libs/engine/quantise/equalise.h"
#include "libs/engine/quantise/scales/activation_scales.h"
#include "libs/engine/quantise/scales/calibration.h"
#include "libs/engine/quantise/scales/quantise_weights.h"

namespace niwaki::engine {

absl::StatusOr<QuantisedNetwork> QuantiseNetwork(const FloatNetwork& network,
                                                 const Examples& calibration,
                                                 const QuantiseOptions& options, const Loop& loop) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(Validate(network));
  NIWAKI_RETURN_IF_ERROR(CheckExamples(calibration, network.graph));
  FloatNetwork lowered = SplitActivations(FoldBatchNorm(network));
  NIWAKI_ASSIGN_OR_RETURN(ChannelRanges ranges, ObserveRanges(lowered, calibration, loop));
  if (options.equalise) Equalise(lowered, ranges);
  NIWAKI_ASSIGN_OR_RETURN(
      const Statistics statistics,
      ObserveStatistics(lowered, UsefulRanges(lowered.graph, ranges), calibration, loop));
  QuantisedNetwork quantised;
  NIWAKI_ASSIGN_OR_RETURN(quantised.tensors, ActivationScales(lowered.graph, statistics, options));
  quantised.weights.resize(lowered.weights.size());
  const std::vector<double> no_means;
  for (arch::Op& op : lowered.graph.ops) {
    if (!HasWeights(op)) continue;
    quantised.weights[op.weight] = QuantiseWeight(
        lowered.graph, op, lowered.weights[op.weight], quantised.tensors[op.input],
        quantised.tensors[op.output], options.correct_bias ? statistics.means[op.input] : no_means);
    // Even one of zeros is there.
    op.bias = true;
  }
  quantised.graph = std::move(lowered.graph);
  NIWAKI_RETURN_IF_ERROR(Validate(quantised));
  return quantised;
}

}  // namespace niwaki::engine
