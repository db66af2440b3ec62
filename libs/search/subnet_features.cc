#include "libs/search/subnet_features.h"

#include <cmath>

namespace niwaki::search {
namespace {

constexpr int kSizeFeatures = 4;

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
  size_ = kSizeFeatures;
  for (const arch::GeneLayout::StageGenes& genes : space.layout().stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    size_ +=
        genes.blocks * static_cast<int>(stage.kernel_sizes.size() + stage.expand_ratios.size() - 1);
  }
}

std::vector<double> SubnetFeatures::Of(const arch::Subnet& subnet) const {
  std::vector<double> features(size_);
  const arch::GeneLayout& layout = space_.layout();
  const double resolution = resolution_[subnet.genes[layout.resolution]];
  const double width_mult = width_mult_[subnet.genes[layout.width_mult]];
  features[0] = resolution;
  features[1] = resolution * resolution;
  features[2] = width_mult;
  features[3] = width_mult * width_mult;
  int next = kSizeFeatures;
  for (const arch::GeneLayout::StageGenes& genes : layout.stages) {
    const arch::Stage& stage = space_.stages()[genes.stage];
    const int kernels = static_cast<int>(stage.kernel_sizes.size());
    const int expands = static_cast<int>(stage.expand_ratios.size());
    const int depth = stage.depths[subnet.genes[genes.depth]];
    for (int block = 0; block < genes.blocks; ++block, next += kernels + expands - 1) {
      if (block >= depth) continue;
      const int gene = layout.kernel_sizes + 2 * (genes.first_block + block);
      const int kernel = subnet.genes[gene];
      const int expand = subnet.genes[gene + 1];
      features[next] = 1;
      // The smallest choices are what an active block has without further marks.
      if (kernel > 0) features[next + kernel] = 1;
      if (expand > 0) features[next + kernels - 1 + expand] = 1;
    }
  }
  return features;
}

}  // namespace niwaki::search
