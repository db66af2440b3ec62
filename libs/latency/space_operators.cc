#include "libs/latency/space_operators.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "libs/arch/subnet.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {
namespace {

using arch::GeneLayout;

// The `choice`-th of `count` choices, the last one where there are fewer.
uint8_t Own(size_t choice, size_t count) {
  return static_cast<uint8_t>(std::min(choice, count - 1));
}

// Every stage at its `depth`-th depth, every block with its `choice`-th pair of kernel size and
// expand ratio.
void SetAlike(const arch::SearchSpace& space, size_t depth, size_t choice, arch::Subnet& subnet) {
  for (const GeneLayout::StageGenes& genes : space.layout().stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    subnet.genes[genes.depth] = Own(depth, stage.depths.size());
    const size_t expands = stage.expand_ratios.size();
    const size_t own = std::min(choice, stage.kernel_sizes.size() * expands - 1);
    for (int block = 0; block < genes.blocks; ++block) {
      uint8_t* const at =
          subnet.genes.data() + space.layout().block_genes(genes.first_block + block);
      at[GeneLayout::kKernelSize] = static_cast<uint8_t>(own / expands);
      at[GeneLayout::kExpandRatio] = static_cast<uint8_t>(own % expands);
    }
  }
}

}  // namespace

void OperatorSet::Add(const arch::Graph& graph) {
  const std::vector<engine::Layout>& layouts = layouts_.Of(graph);
  for (const arch::Op& op : graph.ops) {
    EmittedOp emitted = {OpSignature::Of(graph, op), FormOf(op, layouts)};
    if (seen_.insert(emitted).second) operators_.push_back(emitted);
  }
}

std::vector<EmittedOp> OperatorsOf(const arch::SearchSpace& space) {
  size_t depths = 1;
  size_t choices = 1;
  for (const GeneLayout::StageGenes& genes : space.layout().stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    depths = std::max(depths, stage.depths.size());
    choices = std::max(choices, stage.kernel_sizes.size() * stage.expand_ratios.size());
  }
  OperatorSet set;
  arch::Graph graph;
  for (size_t width = 0; width < space.width_mults().size(); ++width) {
    for (size_t resolution = 0; resolution < space.resolutions().size(); ++resolution) {
      for (size_t alike = 0; alike < depths * choices; ++alike) {
        arch::Subnet subnet = arch::MaxSubnet(space);
        subnet.genes[space.layout().width_mult] = static_cast<uint8_t>(width);
        subnet.genes[space.layout().resolution] = static_cast<uint8_t>(resolution);
        SetAlike(space, alike / choices, alike % choices, subnet);
        arch::Canonicalise(space, subnet);
        arch::BuildGraphInto(space, subnet, graph);
        set.Add(graph);
      }
    }
  }
  return set.operators();
}

}  // namespace niwaki::latency
