// FloatNetwork: a Graph with its weights as floats, before quantisation.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_NETWORK_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_NETWORK_H_

#include <vector>

#include "absl/status/status.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

// One operator's; what the operator does not have is empty.
struct FloatWeight {
  // Laid out as QuantisedWeight::values: [Co, kernel_h, kernel_w, Ci], depthwise [kernel_h,
  // kernel_w, Co].
  std::vector<float> values;
  // [Co]
  std::vector<float> bias;
  // Batch norm, [Co] each: (x - mean) / sqrt(variance + eps) * scale + shift.
  std::vector<float> norm_scale;
  std::vector<float> norm_shift;
  std::vector<float> norm_mean;
  std::vector<float> norm_variance;
};

struct FloatNetwork {
  arch::Graph graph;
  // By Op::weight.
  std::vector<FloatWeight> weights;
  double batch_norm_eps = 1e-5;
};

// Whether it can be run: every weight is there, as long as shapes say, and finite; variances are
// not negative; tensors are written before they are read; shapes of an operator agree.
// InvalidArgument with reason FILE_MALFORMED names the operator ("operator 3 (conv2d) stem"), the
// part, the value and the limit; Unimplemented the kinds that only imported int8 networks have.
absl::Status Validate(const FloatNetwork& network);

// Values of `op`'s output along its channels.
int OutputChannels(const arch::Graph& graph, const arch::Op& op);

// Whether `op` has weights, and so a FloatWeight.
bool HasWeights(const arch::Op& op);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_NETWORK_H_
