#include "libs/train/recipe.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/train/recipe_data.h"

namespace niwaki::train {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kWarmupStart = 0.1;

// A number of the recipe: its key, where it is kept, its range.
struct Number {
  const char* key;
  double Recipe::*real;
  int Recipe::*integer;
  double low;
  double high;
};

constexpr Number kNumbers[] = {
    {"batch_size", nullptr, &Recipe::batch_size, 2, 65536},
    {"shard_size", nullptr, &Recipe::shard_size, 0, 65536},
    {"epochs", &Recipe::epochs, nullptr, 1e-6, 1e6},
    {"learning_rate", &Recipe::learning_rate, nullptr, 1e-9, 100},
    {"warmup_fraction", &Recipe::warmup_fraction, nullptr, 0, 0.9},
    {"momentum", &Recipe::momentum, nullptr, 0, 0.9999},
    {"weight_decay", &Recipe::weight_decay, nullptr, 0, 1},
    {"label_smoothing", &Recipe::label_smoothing, nullptr, 0, 0.9},
    {"gradient_clip", &Recipe::gradient_clip, nullptr, 0, 1e9},
    {"largest_only_fraction", &Recipe::largest_only_fraction, nullptr, 0, 1},
    {"random_subnets", nullptr, &Recipe::random_subnets, 0, 64},
};

double ValueOf(const Recipe& recipe, const Number& number) {
  return number.real != nullptr ? recipe.*number.real : recipe.*number.integer;
}

absl::Status Malformed(absl::string_view what, absl::string_view key, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(key)
      .Message(absl::StrCat(what, ": ", key, " ", problem));
}

absl::Status Assign(const std::string& key, const Json& value, absl::string_view what,
                    Recipe& recipe) {
  if (key == "augment") {
    if (!value.is_boolean()) return Malformed(what, key, "is neither true nor false");
    recipe.augment = value.get<bool>();
    return absl::OkStatus();
  }
  for (const Number& number : kNumbers) {
    if (key != number.key) continue;
    const bool fits = number.real != nullptr ? value.is_number() : value.is_number_integer();
    if (!fits) return Malformed(what, key, "is not a number of the right kind");
    const double real = value.get<double>();
    if (!(real >= number.low && real <= number.high)) {
      return Malformed(what, key,
                       absl::StrCat(real, " is not between ", number.low, " and ", number.high));
    }
    if (number.real != nullptr) {
      recipe.*number.real = real;
    } else {
      recipe.*number.integer = static_cast<int>(real);
    }
    return absl::OkStatus();
  }
  return Malformed(what, key, "is not a key of a recipe");
}

}  // namespace

absl::StatusOr<Recipe> Recipe::FromJson(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, what));
  if (!json.is_object()) return Malformed(what, "recipe", "is not a JSON object");
  Recipe recipe;
  for (const auto& [key, value] : json.items()) {
    NIWAKI_RETURN_IF_ERROR(Assign(key, value, what, recipe));
  }
  return recipe;
}

std::string Recipe::ToJson() const {
  Json json = Json::object();
  for (const Number& number : kNumbers) {
    if (number.real != nullptr) {
      json[number.key] = this->*number.real;
    } else {
      json[number.key] = this->*number.integer;
    }
  }
  json["augment"] = augment;
  return json.dump();
}

absl::Status Recipe::Validate() const {
  for (const Number& number : kNumbers) {
    const double value = ValueOf(*this, number);
    if (value >= number.low && value <= number.high) continue;
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(number.key)
        .Value(value)
        .Limit(absl::StrCat("[", number.low, ",", number.high, "]"))
        .Message(absl::StrCat(number.key, " ", value, " is not between ", number.low, " and ",
                              number.high));
  }
  return absl::OkStatus();
}

Recipe DefaultRecipe(absl::string_view space_name) {
  for (const RecipeEntry& entry : RecipeEntries()) {
    if (space_name != entry.space) continue;
    const auto recipe = Recipe::FromJson(entry.json, entry.space);
    NIWAKI_CHECK(recipe.ok());
    return *recipe;
  }
  return Recipe();
}

absl::StatusOr<Recipe> LoadRecipe(const std::string& path, absl::string_view space_name) {
  if (path.empty()) return DefaultRecipe(space_name);
  constexpr int64_t kMaxBytes = 1 << 20;
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxBytes));
  return Recipe::FromJson(text, path);
}

double LearningRateAt(const Recipe& recipe, double progress) {
  if (progress < recipe.warmup_fraction) {
    const double risen = progress / recipe.warmup_fraction;
    return recipe.learning_rate * (kWarmupStart + (1 - kWarmupStart) * risen);
  }
  const double annealed = (progress - recipe.warmup_fraction) / (1 - recipe.warmup_fraction);
  return recipe.learning_rate * 0.5 * (1 + std::cos(kPi * std::fmin(annealed, 1.0)));
}

}  // namespace niwaki::train
