#include "libs/arch/space.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "libs/base/log.h"

namespace niwaki::arch {
namespace {

// Collects the bytes that a structure's fingerprint is taken of: 64 bits a field, lists after their
// length.
class StructureBytes {
 public:
  void Add(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes_.push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
    }
  }
  void AddDouble(double value) {
    int64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    Add(bits);
  }
  void AddList(const std::vector<int>& values) {
    Add(values.size());
    for (const int value : values) Add(value);
  }
  void AddList(const std::vector<double>& values) {
    Add(values.size());
    for (const double value : values) AddDouble(value);
  }
  Fingerprint Finish() const { return FingerprintOf(bytes_.data(), bytes_.size()); }

 private:
  std::string bytes_;
};

void AddStage(const Stage& stage, StructureBytes& bytes) {
  bytes.Add(static_cast<int>(stage.type));
  bytes.Add(stage.width);
  bytes.Add(stage.stride);
  bytes.AddList(stage.depths);
  bytes.AddList(stage.kernel_sizes);
  bytes.AddList(stage.expand_ratios);
  bytes.Add(static_cast<int>(stage.activation));
  bytes.Add(stage.squeeze_excite);
  bytes.Add(stage.shortcut);
}

void AddHead(const Head& head, StructureBytes& bytes) {
  bytes.Add(head.final_expand_width);
  bytes.Add(head.feature_mix_width);
  bytes.Add(head.feature_mix_after_pool);
  bytes.Add(head.scale_feature_mix_only_up);
  bytes.Add(static_cast<int>(head.activation));
}

// What came after the first version of the format; absent where it is not used, so that the
// fingerprints of older spaces stay.
void AddResNetParts(const SearchSpace& space, StructureBytes& bytes) {
  const Stem& stem = space.stem();
  std::vector<int> base_depths;
  for (const Stage& stage : space.stages()) base_depths.push_back(stage.base_depth);
  const bool used = space.width_choice() != WidthChoice::kGlobal || stem.second_width != 0 ||
                    stem.residual != StemResidual::kNone || stem.max_pool ||
                    std::count(base_depths.begin(), base_depths.end(), 0) <
                        static_cast<std::ptrdiff_t>(base_depths.size());
  if (!used) return;
  bytes.Add(static_cast<int>(space.width_choice()));
  bytes.Add(stem.second_width);
  bytes.Add(static_cast<int>(stem.residual));
  bytes.Add(stem.max_pool);
  bytes.AddList(base_depths);
}

Fingerprint StructureOf(const SearchSpace& space) {
  StructureBytes bytes;
  bytes.Add(space.input_channels());
  bytes.Add(space.num_classes());
  bytes.Add(static_cast<int>(space.kernel_transform()));
  bytes.AddDouble(space.batch_norm_eps());
  bytes.Add(space.resolutions().size());
  for (const Resolution& resolution : space.resolutions()) {
    bytes.Add(resolution.value);
    bytes.Add(resolution.height);
    bytes.Add(resolution.width);
  }
  bytes.AddList(space.width_mults());
  bytes.Add(space.stem().width);
  bytes.Add(space.stem().kernel_size);
  bytes.Add(space.stem().stride);
  bytes.Add(static_cast<int>(space.stem().activation));
  bytes.Add(space.stages().size());
  for (const Stage& stage : space.stages()) AddStage(stage, bytes);
  AddHead(space.head(), bytes);
  AddResNetParts(space, bytes);
  if (space.channel_multiple() != kDefaultChannelMultiple) bytes.Add(space.channel_multiple());
  return bytes.Finish();
}

GeneLayout LayoutOf(const SearchSpace& space) {
  const std::vector<Stage>& stages = space.stages();
  GeneLayout layout;
  layout.resolution = 0;
  layout.width_mult = 1;
  int next_gene = 2;
  layout.widths.assign(space.stem().convolutions() + stages.size(), layout.width_mult);
  if (space.width_choice() == WidthChoice::kPerStage) {
    for (size_t i = 1; i < layout.widths.size(); ++i) layout.widths[i] = next_gene++;
  }
  if (space.stem().residual == StemResidual::kOptional) layout.stem_residual = next_gene++;
  layout.genes_of_stage.assign(stages.size(), -1);
  for (size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].is_static()) continue;
    layout.genes_of_stage[s] = static_cast<int>(layout.stages.size());
    GeneLayout::StageGenes genes;
    genes.stage = static_cast<int>(s);
    genes.depth = next_gene++;
    genes.first_block = layout.num_blocks;
    genes.blocks = stages[s].max_depth();
    layout.num_blocks += genes.blocks;
    layout.stages.push_back(genes);
  }
  layout.kernel_sizes = next_gene;
  layout.num_genes = layout.block_genes(layout.num_blocks);
  return layout;
}

}  // namespace

void SearchSpace::Finish() {
  layout_ = LayoutOf(*this);
  gene_sizes_.assign(layout_.num_genes, 1);
  gene_sizes_[layout_.resolution] = static_cast<uint8_t>(resolutions_.size());
  for (const int gene : layout_.widths) {
    gene_sizes_[gene] = static_cast<uint8_t>(width_mults_.size());
  }
  if (layout_.stem_residual >= 0) gene_sizes_[layout_.stem_residual] = 2;
  for (const GeneLayout::StageGenes& genes : layout_.stages) {
    const Stage& stage = stages_[genes.stage];
    gene_sizes_[genes.depth] = static_cast<uint8_t>(stage.depths.size());
    for (int b = 0; b < genes.blocks; ++b) {
      const int block = genes.first_block + b;
      gene_sizes_[layout_.kernel_size(block)] = static_cast<uint8_t>(stage.kernel_sizes.size());
      gene_sizes_[layout_.expand_ratio(block)] = static_cast<uint8_t>(stage.expand_ratios.size());
    }
  }
  structure_ = StructureOf(*this);
}

double SearchSpace::Size() const {
  const int width_genes =
      width_choice_ == WidthChoice::kPerStage ? static_cast<int>(layout_.widths.size()) : 1;
  double size = static_cast<double>(resolutions_.size()) *
                std::pow(static_cast<double>(width_mults_.size()), width_genes);
  if (layout_.stem_residual >= 0) size *= 2;
  for (const Stage& stage : stages_) {
    const double block_choices =
        static_cast<double>(stage.kernel_sizes.size()) * stage.expand_ratios.size();
    double stage_choices = 0;
    for (const int depth : stage.depths) stage_choices += std::pow(block_choices, depth);
    size *= stage_choices;
  }
  return size;
}

SearchSpace SearchSpace::WithNumClasses(int num_classes) const {
  NIWAKI_CHECK(num_classes >= 2 && num_classes <= 100000);
  SearchSpace space = *this;
  space.num_classes_ = num_classes;
  space.Finish();
  return space;
}

int MakeDivisible(double v, int divisor) {
  int rounded = std::max(divisor, static_cast<int>(v + divisor / 2.0) / divisor * divisor);
  if (rounded < 0.9 * v) rounded += divisor;
  return rounded;
}

int ScaleWidth(int width, double width_mult, int multiple) {
  return MakeDivisible(width * width_mult, multiple);
}

int ExpandedWidth(int channels, double expand_ratio, int multiple) {
  return MakeDivisible(std::nearbyint(channels * expand_ratio), multiple);
}

}  // namespace niwaki::arch
