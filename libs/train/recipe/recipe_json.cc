// Recipes as JSON.

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/train/recipe/recipe.h"
#include "libs/train/recipe/recipe_fields.h"

namespace niwaki::train {
namespace {

// Where in the file a value stands: its name and the path of the object that holds it.
struct Place {
  absl::string_view what;
  std::string path;
};

absl::Status Malformed(const Place& place, absl::string_view key, absl::string_view problem) {
  const std::string field = absl::StrCat(place.path, key);
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(field)
      .Message(absl::StrCat(place.what, ": ", field, " ", problem));
}

// Words of an enum.
template <typename Enum>
struct Word {
  const char* word;
  Enum value;
};
constexpr Word<SamplingRule> kSamplingWords[] = {{"reference", SamplingRule::kReference},
                                                 {"sandwich", SamplingRule::kSandwich}};
constexpr Word<DistillationLoss> kDistillationWords[] = {{"ce", DistillationLoss::kCrossEntropy},
                                                         {"mse", DistillationLoss::kMeanSquare}};
constexpr Word<Augmentation> kAugmentWords[] = {{"none", Augmentation::kNone},
                                                {"small", Augmentation::kSmall},
                                                {"photo", Augmentation::kPhoto}};
constexpr Word<PhaseValidation> kValidationWords[] = {{"ends", PhaseValidation::kEnds},
                                                      {"corners", PhaseValidation::kCorners}};

template <typename Enum, size_t n>
absl::Status ReadWord(const Word<Enum> (&words)[n], const std::string& key, const Json& value,
                      const Place& place, Enum& result) {
  std::string known;
  for (const Word<Enum>& word : words) {
    if (value == word.word) {
      result = word.value;
      return absl::OkStatus();
    }
    absl::StrAppend(&known, known.empty() ? "" : ", ", word.word);
  }
  return Malformed(place, key, absl::StrCat(value.dump(), " is not one of ", known));
}

template <typename Enum, size_t n>
std::string WordOf(const Word<Enum> (&words)[n], Enum value) {
  return std::find_if(std::begin(words), std::end(words),
                      [value](const Word<Enum>& word) { return word.value == value; })
      ->word;
}

// Reads `key` into one of the owner's numbers; nullopt when it is none of them.
template <typename Owner>
std::optional<absl::Status> ReadNumber(const std::string& key, const Json& value,
                                       const Place& place, Owner& owner) {
  for (const NumberField<Owner>& number : NumberFields(owner)) {
    if (key != number.key) continue;
    const bool fits = number.real != nullptr ? value.is_number() : value.is_number_integer();
    if (!fits) return Malformed(place, key, "is not a number of the right kind");
    const double real = value.get<double>();
    const absl::Status in_range = CheckRange(absl::StrCat(place.path, key), real, number.low,
                                             number.high, reason::kFileMalformed);
    if (!in_range.ok()) return Annotate(in_range, place.what);
    number.Set(owner, real);
    return absl::OkStatus();
  }
  return std::nullopt;
}

template <typename Owner>
void WriteNumbers(const Owner& owner, Json& json) {
  for (const NumberField<Owner>& number : NumberFields(owner)) {
    if (number.real != nullptr) {
      json[number.key] = owner.*number.real;
    } else {
      json[number.key] = owner.*number.integer;
    }
  }
}

absl::Status ReadText(const std::string& key, const Json& value, const Place& place,
                      std::string& text) {
  if (!value.is_string()) return Malformed(place, key, "is not a string");
  text = value.get<std::string>();
  return absl::OkStatus();
}

absl::Status ReadRule(const std::string& key, const Json& value, const Place& place,
                      ChoiceRule& rule) {
  rule = ChoiceRule();
  if (value == "all") return absl::OkStatus();
  if (value == "largest") {
    rule.kind = ChoiceRule::Kind::kLargest;
    return absl::OkStatus();
  }
  if (!value.is_array() || value.empty()) {
    return Malformed(place, key, "is neither all, largest nor a list of values");
  }
  rule.kind = ChoiceRule::Kind::kListed;
  for (const Json& item : value) {
    if (!item.is_number()) return Malformed(place, key, absl::StrCat("holds ", item.dump()));
    rule.listed.push_back(item.get<double>());
  }
  return absl::OkStatus();
}

Json RuleJson(const ChoiceRule& rule) {
  if (rule.kind == ChoiceRule::Kind::kAll) return "all";
  if (rule.kind == ChoiceRule::Kind::kLargest) return "largest";
  return rule.listed;
}

absl::Status ReadPhaseKey(const std::string& key, const Json& value, const Place& place,
                          Phase& phase) {
  if (const auto number = ReadNumber(key, value, place, phase)) return *number;
  for (const RuleField& field : kRuleFields) {
    if (key == field.key) return ReadRule(key, value, place, phase.*field.rule);
  }
  if (key == "name") return ReadText(key, value, place, phase.name);
  if (key == "teacher") return ReadText(key, value, place, phase.teacher);
  if (key == "sampling") return ReadWord(kSamplingWords, key, value, place, phase.sampling);
  if (key == "distillation") {
    return ReadWord(kDistillationWords, key, value, place, phase.distillation);
  }
  return Malformed(place, key, "is not a key of a phase");
}

absl::Status ReadPhases(const Json& value, const Place& place, std::vector<Phase>& phases) {
  if (!value.is_array()) return Malformed(place, "phases", "is not a list");
  phases.clear();
  for (size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_object()) {
      return Malformed(place, absl::StrCat("phases[", i, "]"), "is not an object");
    }
    const Place here = {place.what, absl::StrCat("phases[", i, "].")};
    Phase phase;
    for (const auto& [key, item] : value[i].items()) {
      NIWAKI_RETURN_IF_ERROR(ReadPhaseKey(key, item, here, phase));
    }
    phases.push_back(std::move(phase));
  }
  return absl::OkStatus();
}

absl::Status ReadAugment(const Json& value, const Place& place, Augmentation& augment) {
  if (value.is_boolean()) {
    augment = value.get<bool>() ? Augmentation::kSmall : Augmentation::kNone;
    return absl::OkStatus();
  }
  return ReadWord(kAugmentWords, "augment", value, place, augment);
}

absl::Status ReadKey(const std::string& key, const Json& value, const Place& place,
                     Recipe& recipe) {
  if (const auto number = ReadNumber(key, value, place, recipe)) return *number;
  if (key == "phases") return ReadPhases(value, place, recipe.phases);
  if (key == "augment") return ReadAugment(value, place, recipe.augment);
  if (key == "space") return ReadText(key, value, place, recipe.space);
  if (key == "phase_validation") {
    return ReadWord(kValidationWords, key, value, place, recipe.phase_validation);
  }
  return Malformed(place, key, "is not a key of a recipe");
}

Json PhaseJson(const Phase& phase) {
  Json json = Json::object();
  json["name"] = phase.name;
  for (const RuleField& field : kRuleFields) json[field.key] = RuleJson(phase.*field.rule);
  WriteNumbers(phase, json);
  json["sampling"] = WordOf(kSamplingWords, phase.sampling);
  json["teacher"] = phase.teacher;
  json["distillation"] = WordOf(kDistillationWords, phase.distillation);
  return json;
}

}  // namespace

absl::StatusOr<Recipe> Recipe::FromJson(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, what));
  const Place place = {what, ""};
  if (!json.is_object()) return Malformed(place, "recipe", "is not a JSON object");
  Recipe recipe;
  TwoPartOptions two_parts;
  const bool has_phases = json.contains("phases");
  for (const auto& [key, value] : json.items()) {
    if (const auto number = ReadNumber(key, value, place, two_parts)) {
      if (has_phases) return Malformed(place, key, "does not go together with phases");
      NIWAKI_RETURN_IF_ERROR(*number);
      continue;
    }
    NIWAKI_RETURN_IF_ERROR(ReadKey(key, value, place, recipe));
  }
  if (!has_phases) recipe.phases = TwoPartPhases(two_parts);
  const absl::Status valid = recipe.Validate();
  if (!valid.ok()) return Annotate(valid, what);
  return recipe;
}

std::string Recipe::ToJson() const {
  Json json = Json::object();
  if (!space.empty()) json["space"] = space;
  WriteNumbers(*this, json);
  json["augment"] = WordOf(kAugmentWords, augment);
  json["phase_validation"] = WordOf(kValidationWords, phase_validation);
  json["phases"] = Json::array();
  for (const Phase& phase : phases) json["phases"].push_back(PhaseJson(phase));
  return json.dump();
}

}  // namespace niwaki::train
