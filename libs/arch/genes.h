// GeneRole: what a gene of a subnet stands for, as numbers that models can use.

#ifndef NIWAKI_LIBS_ARCH_GENES_H_
#define NIWAKI_LIBS_ARCH_GENES_H_

#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::arch {

enum class GeneKind {
  kResolution,
  // Of the whole network.
  kWidthMult,
  // Of one convolution of the stem or one stage (WidthChoice::kPerStage).
  kWidth,
  kStemResidual,
  kDepth,
  kKernelSize,
  kExpandRatio,
};

struct GeneRole {
  int gene = 0;
  GeneKind kind = GeneKind::kResolution;
  // Index into SearchSpace::layout().stages; -1 for a gene of the whole network.
  int stage = -1;
  // Of a kWidth: index into SearchSpace::layout().widths; else -1.
  int width = -1;
  // Size by gene value: logarithm of the input's side and of a multiplier; number of blocks, of the
  // stem's residual convolutions likewise; kernel_size and log expand_ratio from 0 (smallest
  // choice) to 1 (largest).
  std::vector<double> sizes;
  // A block's gene counts where the gene `depth_gene` is at least `active_from`; -1: always.
  int depth_gene = -1;
  int active_from = 0;

  bool IsActive(const Subnet& subnet) const {
    return depth_gene < 0 || subnet.genes[depth_gene] >= active_from;
  }
};

// One for each gene, in gene order.
std::vector<GeneRole> GeneRolesOf(const SearchSpace& space);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_GENES_H_
