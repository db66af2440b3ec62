#include "libs/search/algorithm.h"

#include <type_traits>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {
namespace {

template <size_t kIndex = 0>
std::vector<Algorithm> Defaults() {
  std::vector<Algorithm> all;
  if constexpr (kIndex < std::variant_size_v<Algorithm>) {
    all = Defaults<kIndex + 1>();
    all.insert(all.begin(), std::variant_alternative_t<kIndex, Algorithm>());
  }
  return all;
}

template <typename Options>
const OptionOf<Options>& FindOption(absl::string_view name) {
  for (const OptionOf<Options>& option : Options::Table()) {
    if (option.name == name) return option;
  }
  NIWAKI_CHECK(false);
}

}  // namespace

absl::string_view AlgorithmName(const Algorithm& algorithm) {
  return std::visit([](const auto& options) { return options.kName; }, algorithm);
}

std::vector<std::string> AlgorithmNames() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : Defaults()) names.emplace_back(AlgorithmName(algorithm));
  return names;
}

std::optional<Algorithm> AlgorithmByName(absl::string_view name) {
  for (const Algorithm& algorithm : Defaults()) {
    if (AlgorithmName(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

std::vector<Option> OptionsOf(const Algorithm& algorithm) {
  return std::visit(
      [](const auto& options) {
        const auto table = options.Table();
        return std::vector<Option>(table.begin(), table.end());
      },
      algorithm);
}

double OptionValue(const Algorithm& algorithm, absl::string_view name) {
  return std::visit(
      [&](const auto& options) {
        return ValueOf(options, FindOption<std::decay_t<decltype(options)>>(name));
      },
      algorithm);
}

absl::Status SetAlgorithmOption(Algorithm& algorithm, absl::string_view name,
                                absl::string_view field, double value) {
  return std::visit(
      [&](auto& options) {
        return SetOption(options, FindOption<std::decay_t<decltype(options)>>(name), field, value);
      },
      algorithm);
}

absl::Status CheckAlgorithm(const Algorithm& algorithm, absl::string_view prefix) {
  return std::visit(
      [&](const auto& options) {
        return CheckOptions(options, options.Table(), absl::StrCat(prefix, options.kName, "."));
      },
      algorithm);
}

absl::Status CheckNumObjectives(const Algorithm& algorithm, int num_objectives,
                                absl::string_view field) {
  const int most =
      std::visit([](const auto& options) { return options.kMostObjectives; }, algorithm);
  if (num_objectives >= 1 && num_objectives <= most) return absl::OkStatus();
  const absl::string_view name = AlgorithmName(algorithm);
  if (num_objectives > 1 && most == 1) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(field)
        .Value(num_objectives)
        .Limit(1)
        .Message(absl::StrCat(field, ": ", name, " takes one objective, not ", num_objectives,
                              "; use nsga2 for several"));
  }
  const std::string limit = absl::StrCat("1 to ", kMaxObjectives, " metrics");
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(num_objectives)
      .Limit(limit)
      .Message(absl::StrCat(field, ": ", num_objectives, " metrics, not ", limit));
}

}  // namespace niwaki::search
