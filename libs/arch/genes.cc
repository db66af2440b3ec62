#include "libs/arch/genes.h"

#include <cmath>

#include "absl/algorithm/container.h"

namespace niwaki::arch {
namespace {

// The first value of a depth gene that switches block `block` on.
int ActiveFrom(const Stage& stage, int block) {
  return static_cast<int>(absl::c_upper_bound(stage.depths, block) - stage.depths.begin());
}

// `sizes` from 0 to 1.
std::vector<double> Spread(std::vector<double> sizes) {
  const double least = sizes.front();
  const double range = sizes.back() - least;
  for (double& size : sizes) size = range > 0 ? (size - least) / range : 0;
  return sizes;
}

void DescribeBlock(const Stage& stage, GeneRole& kernel, GeneRole& expand) {
  kernel.kind = GeneKind::kKernelSize;
  expand.kind = GeneKind::kExpandRatio;
  for (const int size : stage.kernel_sizes) kernel.sizes.push_back(size);
  for (const double ratio : stage.expand_ratios) expand.sizes.push_back(std::log(ratio));
  kernel.sizes = Spread(std::move(kernel.sizes));
  expand.sizes = Spread(std::move(expand.sizes));
}

void DescribeWidths(const SearchSpace& space, std::vector<GeneRole>& roles) {
  const GeneLayout& layout = space.layout();
  const bool is_global = space.width_choice() == WidthChoice::kGlobal;
  const int widths = is_global ? 1 : static_cast<int>(layout.widths.size());
  for (int i = 0; i < widths; ++i) {
    GeneRole& role = roles[is_global ? layout.width_mult : layout.widths[i]];
    role.kind = is_global ? GeneKind::kWidthMult : GeneKind::kWidth;
    if (!is_global) role.width = i;
    for (const double width_mult : space.width_mults()) {
      role.sizes.push_back(std::log(width_mult));
    }
  }
}

}  // namespace

std::vector<GeneRole> GeneRolesOf(const SearchSpace& space) {
  const GeneLayout& layout = space.layout();
  std::vector<GeneRole> roles(layout.num_genes);
  for (int gene = 0; gene < layout.num_genes; ++gene) roles[gene].gene = gene;

  roles[layout.resolution].kind = GeneKind::kResolution;
  for (const Resolution& resolution : space.resolutions()) {
    roles[layout.resolution].sizes.push_back(
        0.5 * std::log(static_cast<double>(resolution.height) * resolution.width));
  }
  DescribeWidths(space, roles);
  if (layout.stem_residual >= 0) {
    roles[layout.stem_residual].kind = GeneKind::kStemResidual;
    roles[layout.stem_residual].sizes = {0, 1};
  }
  for (int s = 0; s < static_cast<int>(layout.stages.size()); ++s) {
    const GeneLayout::StageGenes& genes = layout.stages[s];
    const Stage& stage = space.stages()[genes.stage];
    roles[genes.depth].kind = GeneKind::kDepth;
    roles[genes.depth].stage = s;
    for (const int depth : stage.depths) roles[genes.depth].sizes.push_back(depth);
    for (int block = 0; block < genes.blocks; ++block) {
      GeneRole& kernel = roles[layout.kernel_size(genes.first_block + block)];
      GeneRole& expand = roles[layout.expand_ratio(genes.first_block + block)];
      DescribeBlock(stage, kernel, expand);
      for (GeneRole* role : {&kernel, &expand}) {
        role->stage = s;
        role->depth_gene = genes.depth;
        role->active_from = ActiveFrom(stage, block);
      }
    }
  }
  return roles;
}

}  // namespace niwaki::arch
