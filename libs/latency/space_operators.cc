#include "libs/latency/space_operators.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

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

// One for every resolution, for every pair of widths that stand side by side, with the stem's
// residual convolution and without.
std::vector<arch::Subnet> OutlinesOf(const arch::SearchSpace& space) {
  const GeneLayout& layout = space.layout();
  const size_t widths = space.width_mults().size();
  const bool one_width = std::all_of(layout.widths.begin(), layout.widths.end(),
                                     [&](int gene) { return gene == layout.width_mult; });
  const size_t residuals = layout.stem_residual < 0 ? 1 : 2;
  std::vector<arch::Subnet> outlines;
  for (size_t i = 0; i < widths * (one_width ? 1 : widths) * residuals; ++i) {
    for (size_t resolution = 0; resolution < space.resolutions().size(); ++resolution) {
      arch::Subnet& subnet = outlines.emplace_back(arch::MaxSubnet(space));
      subnet.genes[layout.resolution] = static_cast<uint8_t>(resolution);
      const size_t pair = i / residuals;
      subnet.genes[layout.width_mult] = static_cast<uint8_t>(pair % widths);
      for (size_t place = 0; place < layout.widths.size() && !one_width; ++place) {
        const size_t width = place % 2 == 0 ? pair % widths : pair / widths;
        subnet.genes[layout.widths[place]] = static_cast<uint8_t>(width);
      }
      if (residuals == 2) subnet.genes[layout.stem_residual] = static_cast<uint8_t>(i % 2);
    }
  }
  return outlines;
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
  for (const arch::Subnet& outline : OutlinesOf(space)) {
    for (size_t alike = 0; alike < depths * choices; ++alike) {
      arch::Subnet subnet = outline;
      SetAlike(space, alike / choices, alike % choices, subnet);
      arch::Canonicalise(space, subnet);
      arch::BuildGraphInto(space, subnet, graph);
      set.Add(graph);
    }
  }
  return set.operators();
}

}  // namespace niwaki::latency
