#include "libs/train/recipe/recipe.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/train/recipe/recipe_fields.h"

namespace niwaki::train {
namespace {

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value.Piece(), " is not ", limit.Piece()));
}

template <typename Owner>
absl::Status CheckNumbers(const Owner& owner, absl::string_view path) {
  for (const NumberField<Owner>& number : NumberFields(owner)) {
    NIWAKI_RETURN_IF_ERROR(
        CheckRange(absl::StrCat(path, number.key), number.Get(owner), number.low, number.high));
  }
  return absl::OkStatus();
}

// Phases from `first` on that share one cosine.
double SpanEpochs(const std::vector<Phase>& phases, size_t first) {
  double epochs = phases[first].epochs;
  for (size_t i = first + 1; i < phases.size() && phases[i].learning_rate == 0; ++i) {
    epochs += phases[i].epochs;
  }
  return epochs;
}

absl::Status CheckTeacher(const std::vector<Phase>& phases, size_t index) {
  const std::string& teacher = phases[index].teacher;
  for (const char* known : {kNoTeacher, kLiveTeacher, kStartTeacher}) {
    if (teacher == known) return absl::OkStatus();
  }
  std::string earlier;
  for (size_t i = 0; i < index; ++i) {
    if (phases[i].name == teacher) return absl::OkStatus();
    absl::StrAppend(&earlier, ", ", phases[i].name);
  }
  return Invalid(absl::StrCat("phases[", index, "].teacher"), teacher,
                 absl::StrCat("none, live, start", earlier));
}

absl::Status CheckPhase(const std::vector<Phase>& phases, size_t index) {
  const Phase& phase = phases[index];
  const std::string path = absl::StrCat("phases[", index, "].");
  NIWAKI_RETURN_IF_ERROR(CheckNumbers(phase, path));
  if (phase.name.empty()) return Invalid(path + "name", "''", "a name");
  for (size_t i = 0; i < index; ++i) {
    if (phases[i].name != phase.name) continue;
    return Invalid(path + "name", phase.name, "a name of its own");
  }
  if (index == 0 && phase.learning_rate == 0) {
    return Invalid(path + "learning_rate", 0, "above 0 (the first phase has no cosine to go on)");
  }
  if (phase.warmup_epochs > 0 && phase.learning_rate == 0) {
    return Invalid(path + "warmup_epochs", phase.warmup_epochs,
                   "0 (the phase has no learning_rate of its own)");
  }
  const double span = SpanEpochs(phases, index);
  if (phase.warmup_epochs > 0 && !(phase.warmup_epochs < span)) {
    return Invalid(path + "warmup_epochs", phase.warmup_epochs, absl::StrCat("below ", span));
  }
  return CheckTeacher(phases, index);
}

}  // namespace

std::vector<Phase> TwoPartPhases(const TwoPartOptions& options) {
  const double warmup = options.warmup_fraction * options.epochs;
  std::vector<Phase> phases;
  if (options.largest_only_fraction > 0) {
    Phase largest;
    largest.name = "largest";
    largest.epochs = options.largest_only_fraction * options.epochs;
    largest.warmup_epochs = warmup;
    largest.learning_rate = options.learning_rate;
    for (ChoiceRule* rule :
         {&largest.kernel_sizes, &largest.expand_ratios, &largest.depths, &largest.width_mults}) {
      rule->kind = ChoiceRule::Kind::kLargest;
    }
    phases.push_back(largest);
  }
  if (options.largest_only_fraction < 1) {
    Phase all;
    all.name = "all";
    all.epochs = (1 - options.largest_only_fraction) * options.epochs;
    all.sampling = SamplingRule::kSandwich;
    all.subnets = options.random_subnets;
    all.teacher = kLiveTeacher;
    all.kd_ratio = 0.5;
    if (phases.empty()) {
      all.warmup_epochs = warmup;
      all.learning_rate = options.learning_rate;
    } else {
      all.sort_channels = 0;
    }
    phases.push_back(all);
  }
  return phases;
}

double Recipe::epochs() const {
  double sum = 0;
  for (const Phase& phase : phases) sum += phase.epochs;
  return sum;
}

void Recipe::ScaleTo(double epochs) {
  const double factor = epochs / this->epochs();
  for (Phase& phase : phases) {
    phase.epochs *= factor;
    phase.warmup_epochs *= factor;
  }
}

Recipe Recipe::ForOneNetwork() const {
  Recipe recipe = *this;
  recipe.space.clear();
  Phase alone;
  alone.name = "alone";
  alone.epochs = epochs();
  alone.warmup_epochs = phases[0].warmup_epochs;
  alone.learning_rate = phases[0].learning_rate;
  alone.warmup_learning_rate = phases[0].warmup_learning_rate;
  recipe.phases = {alone};
  return recipe;
}

absl::Status Recipe::Validate() const {
  constexpr size_t kMaxPhases = 64;
  NIWAKI_RETURN_IF_ERROR(CheckNumbers(*this, ""));
  if (phases.empty() || phases.size() > kMaxPhases) {
    return Invalid("phases", phases.size(), absl::StrCat("1 to ", kMaxPhases, " phases"));
  }
  for (size_t i = 0; i < phases.size(); ++i) NIWAKI_RETURN_IF_ERROR(CheckPhase(phases, i));
  return absl::OkStatus();
}

}  // namespace niwaki::train
