#include "libs/predictor/mlp/encoder.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::predictor {
namespace {

struct NamedEncoding {
  Encoding encoding;
  absl::string_view name;
};
constexpr NamedEncoding kEncodings[] = {
    {Encoding::kOneHot, "one_hot"},
    {Encoding::kOfaMobileNet, "ofa_mobilenet"},
    {Encoding::kOfaTutorial, "ofa_tutorial"},
    {Encoding::kOfaResNet, "ofa_resnet"},
};

constexpr int kTutorialBlocks = 20;
constexpr int kTutorialSmallest = 112;
constexpr int kTutorialStep = 16;
constexpr int kTutorialResolutions = 8;

absl::Status Mismatch(Encoding encoding, const arch::SearchSpace& space, absl::string_view field,
                      absl::string_view value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("encoding ", EncodingName(encoding), " does not fit space ",
                            space.name(), ": ", field, " is ", value, ", it must be ", limit));
}

template <typename T>
absl::Status CheckChoices(Encoding encoding, const arch::SearchSpace& space,
                          absl::string_view field, const std::vector<T>& choices,
                          const std::vector<T>& wanted) {
  if (choices == wanted) return absl::OkStatus();
  return Mismatch(encoding, space, field, absl::StrJoin(choices, ", "),
                  absl::StrJoin(wanted, ", "));
}

// What OFA's encodings of MobileNets take for granted.
absl::Status CheckMobileNet(Encoding encoding, const arch::SearchSpace& space) {
  if (space.width_mults().size() != 1) {
    return Mismatch(encoding, space, "width_mults", absl::StrJoin(space.width_mults(), ", "),
                    "one multiplier");
  }
  if (space.layout().stem_residual >= 0) {
    return Mismatch(encoding, space, "stem.residual", "optional", "fixed");
  }
  for (const arch::GeneLayout::StageGenes& genes : space.layout().stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    const std::string field = absl::StrCat("stages[", genes.stage, "]");
    NIWAKI_RETURN_IF_ERROR(
        CheckChoices(encoding, space, field + ".kernel_sizes", stage.kernel_sizes, {3, 5, 7}));
    NIWAKI_RETURN_IF_ERROR(
        CheckChoices(encoding, space, field + ".expand_ratios", stage.expand_ratios, {3, 4, 6}));
  }
  const int blocks = space.layout().num_blocks;
  if (encoding == Encoding::kOfaTutorial && blocks != kTutorialBlocks) {
    return Mismatch(encoding, space, "elastic blocks", absl::StrCat(blocks),
                    absl::StrCat(kTutorialBlocks));
  }
  return absl::OkStatus();
}

// What OFA's encoding of ResNets takes for granted. A stage whose choices are these is elastic.
absl::Status CheckResNet(Encoding encoding, const arch::SearchSpace& space) {
  if (space.layout().stem_residual < 0) {
    return Mismatch(encoding, space, "stem.residual", "fixed", "optional");
  }
  if (space.stem().convolutions() != 2) {
    return Mismatch(encoding, space, "stem.second_width", "0", "a second convolution's");
  }
  if (space.width_choice() != arch::WidthChoice::kPerStage) {
    return Mismatch(encoding, space, "width_choice", "of the whole network", "of each stage");
  }
  NIWAKI_RETURN_IF_ERROR(
      CheckChoices(encoding, space, "width_mults", space.width_mults(), {0.65, 0.8, 1.0}));
  for (size_t i = 0; i < space.stages().size(); ++i) {
    const arch::Stage& stage = space.stages()[i];
    const std::string field = absl::StrCat("stages[", i, "]");
    if (stage.type != arch::BlockType::kBottleneck) {
      return Mismatch(encoding, space, field + ".type", "MBConv", "bottleneck");
    }
    NIWAKI_RETURN_IF_ERROR(
        CheckChoices(encoding, space, field + ".kernel_sizes", stage.kernel_sizes, {3}));
    NIWAKI_RETURN_IF_ERROR(CheckChoices(encoding, space, field + ".expand_ratios",
                                        stage.expand_ratios, {0.2, 0.25, 0.35}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view EncodingName(Encoding encoding) {
  for (const NamedEncoding& named : kEncodings) {
    if (named.encoding == encoding) return named.name;
  }
  return "";
}

absl::StatusOr<Encoding> EncodingFromName(absl::string_view name) {
  std::vector<absl::string_view> names;
  for (const NamedEncoding& named : kEncodings) {
    if (named.name == name) return named.encoding;
    names.push_back(named.name);
  }
  const std::string known = absl::StrJoin(names, ", ");
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("encoding")
      .Value(name)
      .Limit(known)
      .Message(absl::StrCat("encoding '", name, "' is not one of ", known));
}

Encoder::Gene& Encoder::AddEmptyGene(int gene) {
  genes_.push_back({roles_[gene], {}});
  return genes_.back();
}

void Encoder::AddGene(const arch::SearchSpace& space, int gene) {
  Gene& added = AddEmptyGene(gene);
  for (int value = 0; value < space.gene_sizes()[gene]; ++value) {
    added.columns.push_back(columns_++);
  }
}

void Encoder::AddKernelSizes(const arch::SearchSpace& space) {
  const arch::GeneLayout& layout = space.layout();
  for (int block = 0; block < layout.num_blocks; ++block) {
    AddGene(space, layout.kernel_size(block));
  }
}

void Encoder::AddExpandRatios(const arch::SearchSpace& space) {
  const arch::GeneLayout& layout = space.layout();
  for (int block = 0; block < layout.num_blocks; ++block) {
    AddGene(space, layout.expand_ratio(block));
  }
}

void Encoder::AddOneHot(const arch::SearchSpace& space) {
  for (int gene = 0; gene < space.layout().num_genes; ++gene) {
    if (space.gene_sizes()[gene] > 1) AddGene(space, gene);
  }
}

absl::Status Encoder::AddResolutions(const arch::SearchSpace& space) {
  Gene& added = AddEmptyGene(space.layout().resolution);
  for (const arch::Resolution& resolution : space.resolutions()) {
    const auto found = absl::c_find(resolutions_, resolution.value);
    if (found == resolutions_.end()) {
      return Mismatch(encoding_, space, "resolution", absl::StrCat(resolution.value),
                      absl::StrCat("one of ", absl::StrJoin(resolutions_, ", ")));
    }
    added.columns.push_back(static_cast<int32_t>(found - resolutions_.begin()));
  }
  columns_ += static_cast<int>(resolutions_.size());
  return absl::OkStatus();
}

absl::Status Encoder::AddTutorialResolutions(const arch::SearchSpace& space) {
  Gene& added = AddEmptyGene(space.layout().resolution);
  constexpr int kLargest = kTutorialSmallest + kTutorialStep * (kTutorialResolutions - 1);
  for (const arch::Resolution& resolution : space.resolutions()) {
    if (resolution.value < kTutorialSmallest || resolution.value > kLargest) {
      return Mismatch(encoding_, space, "resolution", absl::StrCat(resolution.value),
                      absl::StrCat(kTutorialSmallest, " to ", kLargest));
    }
    added.columns.push_back(columns_ + (resolution.value - kTutorialSmallest) / kTutorialStep);
  }
  columns_ += kTutorialResolutions;
  return absl::OkStatus();
}

absl::StatusOr<Encoder> Encoder::Create(Encoding encoding, const arch::SearchSpace& space,
                                        const std::vector<int>& resolutions) {
  Encoder encoder(encoding);
  encoder.roles_ = arch::GeneRolesOf(space);
  if (encoding == Encoding::kOneHot) {
    encoder.AddOneHot(space);
    return encoder;
  }
  const bool is_resnet = encoding == Encoding::kOfaResNet;
  NIWAKI_RETURN_IF_ERROR(is_resnet ? CheckResNet(encoding, space)
                                   : CheckMobileNet(encoding, space));
  if (encoding == Encoding::kOfaTutorial) {
    encoder.AddKernelSizes(space);
    encoder.AddExpandRatios(space);
    NIWAKI_RETURN_IF_ERROR(encoder.AddTutorialResolutions(space));
    return encoder;
  }
  encoder.resolutions_ = resolutions;
  if (resolutions.empty()) {
    for (const arch::Resolution& resolution : space.resolutions()) {
      encoder.resolutions_.push_back(resolution.value);
    }
  }
  NIWAKI_RETURN_IF_ERROR(encoder.AddResolutions(space));
  if (is_resnet) {
    encoder.AddGene(space, space.layout().stem_residual);
    for (const int gene : space.layout().widths) encoder.AddGene(space, gene);
  } else {
    encoder.AddKernelSizes(space);
  }
  encoder.AddExpandRatios(space);
  return encoder;
}

void Encoder::Append(const arch::Subnet& subnet, SparseRows& rows) const {
  for (const Gene& gene : genes_) {
    if (!gene.role.IsActive(subnet)) continue;
    rows.columns.push_back(gene.columns[subnet.genes[gene.role.gene]]);
  }
  rows.ends.push_back(static_cast<int32_t>(rows.columns.size()));
}

}  // namespace niwaki::predictor
