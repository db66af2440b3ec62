#include "libs/arch/subnet.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"

namespace niwaki::arch {
namespace {

// Resolution, stem (two widths, residual), then at most 32 stages of one width, one depth and 16
// blocks of two genes: the limits of SearchSpace.
constexpr size_t kMaxGenes = 1 + 3 + 32 * (2 + 2 * 16);

int ActiveBlocks(const SearchSpace& space, const GeneLayout::StageGenes& stage,
                 const Subnet& subnet) {
  return space.stages()[stage.stage].depths[subnet.genes[stage.depth]];
}

uint8_t Draw(const SearchSpace& space, int gene, Random& random) {
  return static_cast<uint8_t>(random.Uniform(space.gene_sizes()[gene]));
}

}  // namespace

absl::Status Validate(const SearchSpace& space, const Subnet& subnet) {
  if (subnet.genes.size() != space.gene_sizes().size()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
        .Field("genes")
        .Value(subnet.genes.size())
        .Limit(space.gene_sizes().size())
        .Message(absl::StrCat("a subnet of space ", space.name(), " has ",
                              space.gene_sizes().size(), " genes, this one ", subnet.genes.size()));
  }
  for (size_t i = 0; i < subnet.genes.size(); ++i) {
    if (subnet.genes[i] < space.gene_sizes()[i]) continue;
    return CheckRange(absl::StrCat("genes[", i, "]"), subnet.genes[i], 0, space.gene_sizes()[i] - 1,
                      reason::kSubnetInvalid);
  }
  return absl::OkStatus();
}

void Canonicalise(const SearchSpace& space, Subnet& subnet) {
  const GeneLayout& layout = space.layout();
  for (const GeneLayout::StageGenes& stage : layout.stages) {
    const int active = ActiveBlocks(space, stage, subnet);
    std::fill(subnet.genes.begin() + layout.block_genes(stage.first_block + active),
              subnet.genes.begin() + layout.block_genes(stage.first_block + stage.blocks),
              uint8_t{0});
  }
}

SubnetId IdOf(const SearchSpace& space, const Subnet& subnet) {
  NIWAKI_CHECK(subnet.genes.size() <= kMaxGenes);
  char bytes[16 + kMaxGenes];
  const Fingerprint& structure = space.structure();
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(structure.high >> (8 * i));
    bytes[8 + i] = static_cast<char>(structure.low >> (8 * i));
  }
  std::memcpy(bytes + 16, subnet.genes.data(), subnet.genes.size());
  return FingerprintOf(bytes, 16 + subnet.genes.size());
}

const Resolution& ResolutionOf(const SearchSpace& space, const Subnet& subnet) {
  return space.resolutions()[subnet.genes[space.layout().resolution]];
}

double WidthMultOf(const SearchSpace& space, const Subnet& subnet) {
  return space.width_mults()[subnet.genes[space.layout().width_mult]];
}

double StemWidthMultOf(const SearchSpace& space, const Subnet& subnet, int layer) {
  return space.width_mults()[subnet.genes[space.layout().widths[layer]]];
}

double StageWidthMultOf(const SearchSpace& space, const Subnet& subnet, int stage) {
  return space
      .width_mults()[subnet.genes[space.layout().widths[space.stem().convolutions() + stage]]];
}

bool HasStemResidual(const SearchSpace& space, const Subnet& subnet) {
  const int gene = space.layout().stem_residual;
  return gene >= 0 ? subnet.genes[gene] != 0 : space.stem().residual == StemResidual::kAlways;
}

int DepthOf(const SearchSpace& space, const Subnet& subnet, int stage) {
  const int index = space.layout().genes_of_stage[stage];
  if (index < 0) return space.stages()[stage].depths[0];
  return ActiveBlocks(space, space.layout().stages[index], subnet);
}

int KernelSizeOf(const SearchSpace& space, const Subnet& subnet, int stage, int block) {
  const GeneLayout& layout = space.layout();
  const std::vector<int>& choices = space.stages()[stage].kernel_sizes;
  const int index = layout.genes_of_stage[stage];
  if (index < 0) return choices[0];
  return choices[subnet.genes[layout.kernel_size(layout.stages[index].first_block + block)]];
}

double ExpandRatioOf(const SearchSpace& space, const Subnet& subnet, int stage, int block) {
  const GeneLayout& layout = space.layout();
  const std::vector<double>& choices = space.stages()[stage].expand_ratios;
  const int index = layout.genes_of_stage[stage];
  if (index < 0) return choices[0];
  return choices[subnet.genes[layout.expand_ratio(layout.stages[index].first_block + block)]];
}

Subnet MaxSubnet(const SearchSpace& space) {
  Subnet subnet;
  for (const uint8_t size : space.gene_sizes()) subnet.genes.push_back(size - 1);
  return subnet;
}

Subnet MinSubnet(const SearchSpace& space) {
  Subnet subnet;
  subnet.genes.assign(space.gene_sizes().size(), 0);
  return subnet;
}

Subnet SampleSubnet(const SearchSpace& space, Random& random) {
  const std::vector<uint8_t>& sizes = space.gene_sizes();
  Subnet subnet;
  subnet.genes.resize(sizes.size());
  uint8_t* genes = subnet.genes.data();
  for (size_t i = 0; i < sizes.size(); ++i) {
    genes[i] = static_cast<uint8_t>(random.Uniform(sizes[i]));
  }
  Canonicalise(space, subnet);
  return subnet;
}

Subnet MutateSubnet(const SearchSpace& space, const Subnet& parent, const MutateOptions& options,
                    Random& random) {
  const GeneLayout& layout = space.layout();
  Subnet child = parent;
  const auto mutate = [&](int gene, double probability) {
    if (random.Bernoulli(probability)) child.genes[gene] = Draw(space, gene, random);
  };
  mutate(layout.resolution, options.resolution_probability);
  if (space.width_choice() == WidthChoice::kGlobal) {
    mutate(layout.width_mult, options.resolution_probability);
  } else {
    for (const int gene : layout.widths) mutate(gene, options.probability);
  }
  if (layout.stem_residual >= 0) mutate(layout.stem_residual, options.probability);
  for (const GeneLayout::StageGenes& stage : layout.stages) {
    mutate(stage.depth, options.probability);
    const int was_active = ActiveBlocks(space, stage, parent);
    for (int b = 0; b < stage.blocks; ++b) {
      if (!random.Bernoulli(options.probability) && b < was_active) continue;
      const int gene = layout.block_genes(stage.first_block + b);
      for (int i = gene; i < gene + GeneLayout::kGenesOfBlock; ++i) {
        child.genes[i] = Draw(space, i, random);
      }
    }
  }
  Canonicalise(space, child);
  return child;
}

Subnet CrossoverSubnets(const SearchSpace& space, const Subnet& a, const Subnet& b,
                        Random& random) {
  const GeneLayout& layout = space.layout();
  Subnet child = a;
  for (int gene = 0; gene < layout.num_genes; ++gene) {
    if ((random.Next() >> 63) != 0) child.genes[gene] = b.genes[gene];
  }
  // The genes of a block that one parent does not have say nothing: take the other's.
  for (const GeneLayout::StageGenes& stage : layout.stages) {
    const int active_a = ActiveBlocks(space, stage, a);
    const int active_b = ActiveBlocks(space, stage, b);
    const Subnet& deeper = active_a > active_b ? a : b;
    const int first = layout.block_genes(stage.first_block + std::min(active_a, active_b));
    const int last = layout.block_genes(stage.first_block + std::max(active_a, active_b));
    std::copy(deeper.genes.begin() + first, deeper.genes.begin() + last,
              child.genes.begin() + first);
  }
  Canonicalise(space, child);
  return child;
}

}  // namespace niwaki::arch
