#include "libs/train/recipe/choice_set.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/train/recipe/recipe_fields.h"

namespace niwaki::train {
namespace {

const RuleField& FieldOf(Dimension dimension) { return kRuleFields[static_cast<int>(dimension)]; }

std::string SetText(const std::vector<double>& values) {
  return absl::StrCat("{", absl::StrJoin(values, ","), "}");
}

std::vector<double> Doubles(const std::vector<int>& values) {
  return std::vector<double>(values.begin(), values.end());
}

std::vector<double> ResolutionValues(const arch::SearchSpace& space) {
  std::vector<double> values;
  for (const arch::Resolution& resolution : space.resolutions()) values.push_back(resolution.value);
  return values;
}

}  // namespace

void ChoiceSet::Add(Dimension dimension, const std::vector<double>& values,
                    const ChoiceRule& rule) {
  Gene gene;
  gene.dimension = dimension;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool listed =
        std::find(rule.listed.begin(), rule.listed.end(), values[i]) != rule.listed.end();
    if (rule.kind != ChoiceRule::Kind::kAll && !listed) continue;
    gene.allowed.push_back(static_cast<uint8_t>(i));
    gene.values.push_back(values[i]);
  }
  if (gene.allowed.empty()) {
    gene.allowed.push_back(static_cast<uint8_t>(values.size() - 1));
    gene.values.push_back(values.back());
  }
  genes_.push_back(std::move(gene));
}

absl::StatusOr<ChoiceSet> ChoiceSet::Create(const arch::SearchSpace& space, const Phase& phase) {
  ChoiceSet set(space, phase);
  set.Add(Dimension::kResolution, ResolutionValues(space), phase.resolutions);
  const auto& stages = space.layout().stages;
  // Between the resolution and the first depth: the width, or several, and switches of optional
  // layers, which count as depth.
  const int first_depth = stages.empty() ? space.layout().num_genes : stages.front().depth;
  for (int gene = space.layout().width_mult; gene < first_depth; ++gene) {
    if (space.gene_sizes()[gene] == space.width_mults().size()) {
      set.Add(Dimension::kWidthMult, space.width_mults(), phase.width_mults);
    } else {
      set.Add(Dimension::kDepth, {0, 1}, phase.depths);
    }
  }
  for (const auto& genes : stages) {
    set.Add(Dimension::kDepth, Doubles(space.stages()[genes.stage].depths), phase.depths);
  }
  for (const auto& genes : stages) {
    const arch::Stage& stage = space.stages()[genes.stage];
    for (int block = 0; block < genes.blocks; ++block) {
      set.Add(Dimension::kKernelSize, Doubles(stage.kernel_sizes), phase.kernel_sizes);
      set.Add(Dimension::kExpandRatio, stage.expand_ratios, phase.expand_ratios);
    }
  }
  NIWAKI_CHECK(set.genes_.size() == space.gene_sizes().size());
  for (int i = 0; i < kDimensionCount; ++i) {
    NIWAKI_RETURN_IF_ERROR(set.CheckListed(static_cast<Dimension>(i), phase.*kRuleFields[i].rule));
  }
  return set;
}

absl::Status ChoiceSet::CheckListed(Dimension dimension, const ChoiceRule& rule) const {
  std::set<double> known;
  for (const arch::Stage& stage : space_.stages()) {
    if (dimension == Dimension::kKernelSize)
      known.insert(stage.kernel_sizes.begin(), stage.kernel_sizes.end());
    if (dimension == Dimension::kExpandRatio)
      known.insert(stage.expand_ratios.begin(), stage.expand_ratios.end());
    if (dimension == Dimension::kDepth) known.insert(stage.depths.begin(), stage.depths.end());
  }
  if (dimension == Dimension::kWidthMult)
    known.insert(space_.width_mults().begin(), space_.width_mults().end());
  if (dimension == Dimension::kResolution) {
    const std::vector<double> values = ResolutionValues(space_);
    known.insert(values.begin(), values.end());
  }
  for (const double value : rule.listed) {
    if (known.count(value) > 0) continue;
    const std::string limit = SetText({known.begin(), known.end()});
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(FieldOf(dimension).key)
        .Value(value)
        .Limit(limit)
        .Message(absl::StrCat("phase '", phase_.name, "': ", FieldOf(dimension).key, " ", value,
                              " is no choice of space '", space_.name(), "', which has ", limit));
  }
  return absl::OkStatus();
}

absl::Status ChoiceSet::CheckGrownFrom(const ChoiceSet& before) const {
  NIWAKI_CHECK(genes_.size() == before.genes_.size());
  for (size_t i = 0; i < genes_.size(); ++i) {
    const Gene& now = genes_[i];
    const Gene& then = before.genes_[i];
    if (std::includes(now.allowed.begin(), now.allowed.end(), then.allowed.begin(),
                      then.allowed.end())) {
      continue;
    }
    const char* key = FieldOf(now.dimension).key;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(absl::StrCat("phases.", phase_.name, ".", key))
        .Value(SetText(now.values))
        .Limit(SetText(then.values))
        .Message(absl::StrCat("phase '", phase_.name, "' allows ", key, " ", SetText(now.values),
                              ", but phase '", before.phase_.name, "' before it has trained ",
                              SetText(then.values), ": choices only grow from phase to phase"));
  }
  return absl::OkStatus();
}

bool ChoiceSet::IsElastic(Dimension dimension) const {
  return std::any_of(genes_.begin(), genes_.end(), [dimension](const Gene& gene) {
    return gene.dimension == dimension && gene.allowed.size() > 1;
  });
}

std::string ChoiceSet::ValueText(Dimension dimension, bool largest) const {
  const auto gene = std::find_if(genes_.begin(), genes_.end(), [dimension](const Gene& candidate) {
    return candidate.dimension == dimension;
  });
  if (gene == genes_.end()) return "";
  return absl::StrCat(largest ? gene->values.back() : gene->values.front());
}

arch::Subnet ChoiceSet::Corner(const std::array<bool, kDimensionCount>& largest) const {
  arch::Subnet subnet;
  for (const Gene& gene : genes_) {
    const bool high = largest[static_cast<int>(gene.dimension)];
    subnet.genes.push_back(high ? gene.allowed.back() : gene.allowed.front());
  }
  arch::Canonicalise(space_, subnet);
  return subnet;
}

arch::Subnet ChoiceSet::Sample(Random& random) const {
  arch::Subnet subnet;
  for (const Gene& gene : genes_) {
    subnet.genes.push_back(gene.allowed[random.Uniform(gene.allowed.size())]);
  }
  arch::Canonicalise(space_, subnet);
  return subnet;
}

uint8_t ChoiceSet::SampleResolution(Random& random) const {
  const Gene& gene = genes_[space_.layout().resolution];
  return gene.allowed[random.Uniform(gene.allowed.size())];
}

}  // namespace niwaki::train
