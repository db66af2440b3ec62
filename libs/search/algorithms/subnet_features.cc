#include "libs/search/algorithms/subnet_features.h"

#include <cmath>

namespace niwaki::search {
namespace {

// Logarithms of ascending sizes, moved and scaled to -1 to 1; 0 where there is one size.
std::vector<double> ScaledLogarithms(const std::vector<double>& sizes) {
  const double low = std::log(sizes.front());
  const double range = std::log(sizes.back()) - low;
  std::vector<double> scaled;
  for (const double size : sizes) {
    scaled.push_back(range > 0 ? 2 * (std::log(size) - low) / range - 1 : 0);
  }
  return scaled;
}

}  // namespace

SubnetFeatures::SubnetFeatures(const arch::SearchSpace& space) : space_(space) {
  std::vector<double> sizes;
  for (const arch::Resolution& resolution : space.resolutions()) {
    sizes.push_back(resolution.value);
  }
  resolution_ = ScaledLogarithms(sizes);
  width_mult_ = ScaledLogarithms(space.width_mults());
  const bool is_global = space.width_choice() == arch::WidthChoice::kGlobal;
  width_genes_ = is_global ? std::vector<int>{space.layout().width_mult} : space.layout().widths;
  size_ = 2 + 2 * static_cast<int>(width_genes_.size());
  if (space.layout().stem_residual >= 0) ++size_;
  for (const arch::GeneLayout::StageGenes& genes : space.layout().stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    size_ +=
        genes.blocks * static_cast<int>(stage.kernel_sizes.size() + stage.expand_ratios.size() - 1);
  }
}

std::vector<double> SubnetFeatures::Of(const arch::Subnet& subnet) const {
  std::vector<double> features(size_);
  const arch::GeneLayout& layout = space_.layout();
  int next = 0;
  const auto add_size = [&](double size) {
    features[next++] = size;
    features[next++] = size * size;
  };
  add_size(resolution_[subnet.genes[layout.resolution]]);
  for (const int gene : width_genes_) add_size(width_mult_[subnet.genes[gene]]);
  if (layout.stem_residual >= 0) features[next++] = subnet.genes[layout.stem_residual];
  for (const arch::GeneLayout::StageGenes& genes : layout.stages) {
    const arch::Stage& stage = space_.stages()[genes.stage];
    const int kernels = static_cast<int>(stage.kernel_sizes.size());
    const int expands = static_cast<int>(stage.expand_ratios.size());
    const int depth = stage.depths[subnet.genes[genes.depth]];
    for (int block = 0; block < genes.blocks; ++block, next += kernels + expands - 1) {
      if (block >= depth) continue;
      const int kernel = subnet.genes[layout.kernel_size(genes.first_block + block)];
      const int expand = subnet.genes[layout.expand_ratio(genes.first_block + block)];
      features[next] = 1;
      // The smallest choices are what an active block has without further marks.
      if (kernel > 0) features[next + kernel] = 1;
      if (expand > 0) features[next + kernels - 1 + expand] = 1;
    }
  }
  return features;
}

}  // namespace niwaki::search
