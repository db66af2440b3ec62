#include "libs/latency/space_table.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::latency {
namespace {

// Shown in a message.
constexpr size_t kShownParts = 5;

std::string PlaceOf(const BlockOfGraph& part) {
  const BlockSignature& signature = part.signature;
  return part.stage < 0 ? std::string(BlockPartName(signature.part))
                        : absl::StrCat("stage ", part.stage, " block ", part.block,
                                       " (kernel_size ", signature.kernel_size, ", ",
                                       signature.mid_channels, " expanded channels)");
}

std::string AtResolution(const BlockSignature& signature) {
  return absl::StrCat(" at resolution ", signature.network_height, "x", signature.network_width);
}

absl::Status MissingError(const arch::SearchSpace& space, const SpaceTable::Missing& parts,
                          const SpaceTable::PartKey& key) {
  std::string first = key(parts.missing.front().signature);
  std::string message;
  if (parts.missing.size() == 1) {
    const BlockOfGraph& part = parts.missing.front();
    message = absl::StrCat("the latency table lacks ", PlaceOf(part), AtResolution(part.signature),
                           ": ", first);
  } else {
    message = absl::StrCat("the latency table lacks ", parts.missing.size(), " of the ",
                           parts.total, " parts of the networks of '", space.name(), "': ");
    const size_t shown = std::min(parts.missing.size(), kShownParts);
    for (size_t i = 0; i < shown; ++i) {
      const BlockOfGraph& part = parts.missing[i];
      absl::StrAppend(&message, i == 0 ? "" : "; ", PlaceOf(part), AtResolution(part.signature),
                      ": ", key(part.signature));
    }
    if (shown < parts.missing.size()) {
      absl::StrAppend(&message, "; and ", parts.missing.size() - shown, " more");
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("latency table")
      .Value(first)
      .Limit("complete for the space")
      .Message(message);
}

}  // namespace

SpaceTable::SpaceTable(const arch::SearchSpace& space)
    : resolution_gene_(space.layout().resolution),
      width_mult_gene_(space.layout().width_mult),
      num_resolutions_(static_cast<int>(space.resolutions().size())),
      num_width_mults_(static_cast<int>(space.width_mults().size())) {
  for (const arch::GeneLayout::StageGenes& genes : space.layout().stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    StageTable table;
    table.depth_gene = genes.depth;
    table.depths = stage.depths;
    table.kernel_gene = space.layout().block_genes(genes.first_block);
    table.first_block = genes.first_block;
    table.blocks = genes.blocks;
    table.kernel_choices = static_cast<int>(stage.kernel_sizes.size());
    table.expand_choices = static_cast<int>(stage.expand_ratios.size());
    table.offset = row_size_;
    row_size_ += genes.blocks * table.choices();
    stages_.push_back(std::move(table));
  }
  figures_.resize(static_cast<size_t>(num_width_mults_) * num_resolutions_ * row_size_);
}

double SpaceTable::CostOf(const arch::Subnet& subnet) const {
  const uint8_t* const genes = subnet.genes.data();
  const double* const row =
      figures_.data() +
      (genes[width_mult_gene_] * num_resolutions_ + genes[resolution_gene_]) * row_size_;
  double cost = row[0];
  for (const StageTable& stage : stages_) {
    const int depth = stage.depths[genes[stage.depth_gene]];
    const uint8_t* block = genes + stage.kernel_gene;
    const double* figures = row + stage.offset;
    for (int i = 0; i < depth;
         ++i, block += arch::GeneLayout::kGenesOfBlock, figures += stage.choices()) {
      cost += figures[block[arch::GeneLayout::kKernelSize] * stage.expand_choices +
                      block[arch::GeneLayout::kExpandRatio]];
    }
  }
  return cost;
}

SpaceTable SpaceTable::Of(const arch::SearchSpace& space, const BaseCost& base,
                          const BlockCost& block) {
  SpaceTable table(space);
  double* figure = table.figures_.data();
  for (int width_mult = 0; width_mult < table.num_width_mults_; ++width_mult) {
    for (int resolution = 0; resolution < table.num_resolutions_; ++resolution) {
      *figure++ = base(resolution);
      for (const StageTable& stage : table.stages_) {
        for (int i = 0; i < stage.blocks; ++i) {
          for (int choice = 0; choice < stage.choices(); ++choice) {
            *figure++ = block(resolution, stage.first_block + i, choice / stage.expand_choices,
                              choice % stage.expand_choices);
          }
        }
      }
    }
  }
  return table;
}

void SpaceTable::SetChoices(int choice, arch::Subnet& subnet) const {
  for (const StageTable& stage : stages_) {
    const int own = std::min(choice, stage.choices() - 1);
    for (int i = 0; i < stage.blocks; ++i) {
      uint8_t* const block =
          subnet.genes.data() + stage.kernel_gene + arch::GeneLayout::kGenesOfBlock * i;
      block[arch::GeneLayout::kKernelSize] = static_cast<uint8_t>(own / stage.expand_choices);
      block[arch::GeneLayout::kExpandRatio] = static_cast<uint8_t>(own % stage.expand_choices);
    }
  }
}

absl::StatusOr<SpaceTable> SpaceTable::OfParts(const arch::SearchSpace& space,
                                               const PartCost& cost) {
  SpaceTable table(space);
  const arch::GeneLayout& layout = space.layout();
  int max_choices = 1;
  for (const StageTable& stage : table.stages_) {
    max_choices = std::max(max_choices, stage.choices());
  }
  arch::Graph graph;
  arch::Subnet subnet = arch::MaxSubnet(space);
  for (int row = 0; row < table.num_width_mults_ * table.num_resolutions_; ++row) {
    subnet.genes[layout.width_mult] = static_cast<uint8_t>(row / table.num_resolutions_);
    subnet.genes[layout.resolution] = static_cast<uint8_t>(row % table.num_resolutions_);
    double* const figures = table.figures_.data() + static_cast<size_t>(row) * table.row_size_;
    // Every stage at its largest depth, all its blocks alike.
    for (int choice = 0; choice < max_choices; ++choice) {
      table.SetChoices(choice, subnet);
      arch::BuildGraphInto(space, subnet, graph);
      NIWAKI_ASSIGN_OR_RETURN(const std::vector<BlockOfGraph> parts, BlocksOf(graph));
      for (const BlockOfGraph& part : parts) {
        const int genes = part.stage < 0 ? -1 : layout.genes_of_stage[part.stage];
        if (genes < 0 && choice > 0) continue;
        NIWAKI_ASSIGN_OR_RETURN(const double value, cost(part));
        if (genes < 0) {
          figures[0] += value;
          continue;
        }
        const StageTable& stage = table.stages_[genes];
        if (choice >= stage.choices()) continue;
        figures[stage.offset + part.block * stage.choices() + choice] = value;
      }
    }
  }
  return table;
}

absl::StatusOr<SpaceTable::Missing> SpaceTable::FindMissing(const arch::SearchSpace& space,
                                                            const BlockLatencies& latencies) {
  Missing parts;
  absl::flat_hash_set<BlockSignature> seen;
  const auto look = [&](const BlockOfGraph& part) -> absl::StatusOr<double> {
    if (!seen.insert(part.signature).second) return 0;
    ++parts.total;
    if (!latencies.contains(part.signature)) parts.missing.push_back(part);
    return 0;
  };
  NIWAKI_RETURN_IF_ERROR(OfParts(space, look).status());
  return parts;
}

absl::StatusOr<SpaceTable> SpaceTable::OfLatencies(const arch::SearchSpace& space,
                                                   const BlockLatencies& latencies,
                                                   const PartKey& key) {
  NIWAKI_ASSIGN_OR_RETURN(const Missing parts, FindMissing(space, latencies));
  if (!parts.missing.empty()) return MissingError(space, parts, key);
  return OfParts(space, [&](const BlockOfGraph& part) -> absl::StatusOr<double> {
    return latencies.at(part.signature);
  });
}

absl::StatusOr<SpaceTable> SpaceTable::OfMacs(const arch::SearchSpace& space) {
  return OfParts(space, [](const BlockOfGraph& part) -> absl::StatusOr<double> {
    return static_cast<double>(part.macs);
  });
}

std::vector<int> CoveredResolutions(const arch::SearchSpace& space,
                                    const BlockLatencies& latencies) {
  std::vector<int> covered;
  for (const arch::Resolution& resolution : space.resolutions()) {
    const bool found = std::any_of(latencies.begin(), latencies.end(), [&](const auto& entry) {
      const BlockSignature& signature = entry.first;
      return signature.part == BlockPart::kStem && signature.network_height == resolution.height &&
             signature.network_width == resolution.width;
    });
    if (found) covered.push_back(resolution.value);
  }
  return covered;
}

}  // namespace niwaki::latency
