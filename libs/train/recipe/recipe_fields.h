// The keys of a recipe's JSON: where each number is kept, and its range. Private to the recipe.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_FIELDS_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_FIELDS_H_

#include <vector>

#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

// A number of `Owner`: exactly one of `real` and `integer` is set.
template <typename Owner>
struct NumberField {
  const char* key;
  double Owner::*real;
  int Owner::*integer;
  double low;
  double high;

  double Get(const Owner& owner) const { return real != nullptr ? owner.*real : owner.*integer; }
  void Set(Owner& owner, double value) const {
    if (real != nullptr) {
      owner.*real = value;
    } else {
      owner.*integer = static_cast<int>(value);
    }
  }
};

inline const std::vector<NumberField<Recipe>>& NumberFields(const Recipe&) {
  static const auto* const fields = new std::vector<NumberField<Recipe>>{
      {"batch_size", nullptr, &Recipe::batch_size, 2, 65536},
      {"shard_size", nullptr, &Recipe::shard_size, 0, 65536},
      {"learning_rate_batch", nullptr, &Recipe::learning_rate_batch, 0, 65536},
      {"momentum", &Recipe::momentum, nullptr, 0, 0.9999},
      {"weight_decay", &Recipe::weight_decay, nullptr, 0, 1},
      {"label_smoothing", &Recipe::label_smoothing, nullptr, 0, 0.9},
      {"dropout", &Recipe::dropout, nullptr, 0, 0.9},
      {"gradient_clip", &Recipe::gradient_clip, nullptr, 0, 1e9},
  };
  return *fields;
}

inline const std::vector<NumberField<Phase>>& NumberFields(const Phase&) {
  static const auto* const fields = new std::vector<NumberField<Phase>>{
      {"epochs", &Phase::epochs, nullptr, 1e-6, 1e6},
      {"warmup_epochs", &Phase::warmup_epochs, nullptr, 0, 1e6},
      {"subnets", nullptr, &Phase::subnets, 0, 64},
      {"learning_rate", &Phase::learning_rate, nullptr, 0, 100},
      {"warmup_learning_rate", &Phase::warmup_learning_rate, nullptr, 0, 100},
      {"kd_ratio", &Phase::kd_ratio, nullptr, 0, 1000},
      {"label_ratio", &Phase::label_ratio, nullptr, 0, 1000},
      {"sort_channels", nullptr, &Phase::sort_channels, -1, 16},
  };
  return *fields;
}

inline const std::vector<NumberField<TwoPartOptions>>& NumberFields(const TwoPartOptions&) {
  static const auto* const fields = new std::vector<NumberField<TwoPartOptions>>{
      {"epochs", &TwoPartOptions::epochs, nullptr, 1e-6, 1e6},
      {"learning_rate", &TwoPartOptions::learning_rate, nullptr, 1e-9, 100},
      {"warmup_fraction", &TwoPartOptions::warmup_fraction, nullptr, 0, 0.9},
      {"largest_only_fraction", &TwoPartOptions::largest_only_fraction, nullptr, 0, 1},
      {"random_subnets", nullptr, &TwoPartOptions::random_subnets, 0, 64},
  };
  return *fields;
}

struct RuleField {
  const char* key;
  ChoiceRule Phase::*rule;
};
inline constexpr RuleField kRuleFields[] = {
    {"kernel_sizes", &Phase::kernel_sizes},
    {"expand_ratios", &Phase::expand_ratios},
    {"depths", &Phase::depths},
    {"width_mults", &Phase::width_mults},
    {"resolutions", &Phase::resolutions},
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_FIELDS_H_
