// A subnet's own tensors, cut out of the shared weights: what an exporter writes and a device runs.

#ifndef NIWAKI_LIBS_SUPERNET_EXTRACT_H_
#define NIWAKI_LIBS_SUPERNET_EXTRACT_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {

// Contiguous float32 tensors by name; names as in SharedWeights, without the kernel matrices, which
// are applied.
using StandaloneTensors = std::map<std::string, at::Tensor>;

// Copies what `graph` uses. `statistics` replaces the running statistics when given (one
// recalibrated for this very graph). On the CPU the result computes the same logits as the slices,
// bit for bit. Throws as LibTorch does.
StandaloneTensors ExtractSubnet(const SharedWeights& weights, const arch::Graph& graph,
                                const BatchNormStatistics* statistics = nullptr);

// The inputs of Forward from extracted tensors. InvalidArgument with reason FILE_MALFORMED names a
// tensor that is missing or of the wrong shape, with both shapes.
absl::StatusOr<std::vector<OpTensors>> BindStandalone(const arch::Graph& graph,
                                                      const StandaloneTensors& tensors);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_EXTRACT_H_
