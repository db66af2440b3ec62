// The networks of MCUNet's model zoo as graphs, for tests and for fitting against published
// figures.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_ZOO_NETS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_ZOO_NETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

struct ZooNet {
  // "mcunet-in0" … "mcunet-in4".
  std::string id;
  arch::Graph graph;
  // The reference's own count, in millions.
  double reference_mmacs = 0;
};

// One inverted bottleneck: expand_ratio, channels, stride, kernel_size.
struct ZooBlock {
  double expand_ratio = 1;
  int channels = 0;
  int stride = 1;
  int kernel_size = 3;
  // Adds the block's input where the shapes agree.
  bool shortcut = true;
};

// A chain of blocks as a space that holds this one network, each block a stage of its own.
// `feature_mix` is the width of the 1x1 layer before pooling, 0 for none.
absl::StatusOr<arch::Graph> GraphOfBlocks(int resolution, int first_conv,
                                          const std::vector<ZooBlock>& blocks, int feature_mix,
                                          int num_classes);

// MobileNetV1 at a width (each depthwise-separable layer a block of ratio 1) and MobileNetV2 at
// width 0.35, with 3 input channels.
absl::StatusOr<arch::Graph> MobileNetV1(int resolution, double width, int num_classes);
absl::StatusOr<arch::Graph> MobileNetV2W035(int resolution, int num_classes);

// ProxylessNAS at width 0.3 as MCUNet compares with.
absl::StatusOr<arch::Graph> ProxylessW03(int resolution);

// Reads `shared`/ofa/vectors/mcunet_zoo_counts.json.
absl::StatusOr<std::vector<ZooNet>> ReadZooNets(const std::string& shared);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_ZOO_NETS_H_
