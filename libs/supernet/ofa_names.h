// The names that OFA's and MCUNet's published code gives the tensors of a network: what an importer
// of their checkpoints reads and an exporter writes.
//
// Their blocks are numbered through the stages, and a layer with elastic dimensions wraps the
// module of a fixed one once more: `blocks.5.conv.depth_conv.conv.conv.weight` of a supernet is
// `blocks.5.conv.depth_conv.conv.weight` of a network cut out of it. Their counters
// `….num_batches_tracked` have no counterpart here.

#ifndef NIWAKI_LIBS_SUPERNET_OFA_NAMES_H_
#define NIWAKI_LIBS_SUPERNET_OFA_NAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/space.h"

namespace niwaki::supernet {

// Whose names: a block's convolution is `conv` in mit-han-lab/once-for-all, `mobile_inverted_conv`
// in mit-han-lab/mcunet (and in older files of the former).
enum class OfaRepository { kOnceForAll, kMcunet };

// One tensor on both sides; the shape is the same.
struct OfaName {
  // As SharedWeights::ForEach names it: "stage2.block1.expand.bn.running_mean".
  std::string ours;
  std::string theirs;
  // Convolution [Co, Ci, k, k], depthwise [C, 1, k, k], linear [Co, Ci], matrices [25, 25] and
  // [9, 9], everything else [Co].
  std::vector<int64_t> shape;
};

// Every tensor of the supernet of `space`, kernel matrices and running statistics included, in the
// order of SharedWeights::ForEach. Layers are elastic in the names where the published code makes
// them so: those of stages with choices, all of them in spaces with several widths.
std::vector<OfaName> OfaSupernetNames(const arch::SearchSpace& space, OfaRepository repository);

// Every tensor of the fixed network `graph`, a subnet of any space, as ExtractSubnet names them:
// no kernel matrices, blocks numbered without gaps.
std::vector<OfaName> OfaSubnetNames(const arch::Graph& graph, OfaRepository repository);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_OFA_NAMES_H_
