#include "services/cli/input/algorithm_flags.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/search/option.h"

namespace niwaki::cli {
namespace {

constexpr absl::string_view kFollower = "resolution_mutation_probability";
constexpr absl::string_view kFollowed = "mutation_probability";

// What it is in each algorithm that has it, with range and default.
std::string HelpOf(const std::string& option) {
  std::string help;
  std::string last_text;
  for (const std::string& name : search::AlgorithmNames()) {
    const search::Algorithm defaults = *search::AlgorithmByName(name);
    for (const search::Option& own : search::OptionsOf(defaults)) {
      if (own.name != option) continue;
      const std::string text = own.text == last_text ? "" : absl::StrCat(own.text, ": ");
      last_text = std::string(own.text);
      const std::string value = own.name == kFollower
                                    ? FlagOf(kFollowed)
                                    : search::NumberText(search::OptionValue(defaults, own.name));
      absl::StrAppend(&help, help.empty() ? "" : "; ", text, name, " ", own.range.Limits(),
                      ", by default ", value);
    }
  }
  return help;
}

absl::Status NoSuchOption(const search::Algorithm& algorithm, const std::string& flag,
                          const std::string& value) {
  const std::vector<search::Option> options = search::OptionsOf(algorithm);
  const std::string known =
      options.empty() ? "none"
                      : absl::StrJoin(options, ", ", [](std::string* out, const search::Option& o) {
                          absl::StrAppend(out, FlagOf(o.name));
                        });
  const absl::string_view name = search::AlgorithmName(algorithm);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(flag)
      .Value(value)
      .Limit(known)
      .Message(absl::StrCat(flag, " is no option of ", name, "; its options: ", known));
}

}  // namespace

std::string FlagOf(absl::string_view option) {
  return absl::StrCat("--", absl::StrReplaceAll(option, {{"_", "-"}}));
}

void AlgorithmFlags::AddTo(CLI::App& command) {
  command
      .add_option("--algorithm", algorithm_,
                  "By default evolution for one objective, nsga2 for several")
      ->check(CLI::IsMember(search::AlgorithmNames()));
  for (const std::string& name : search::AlgorithmNames()) {
    for (const search::Option& option : search::OptionsOf(*search::AlgorithmByName(name))) {
      const std::string key(option.name);
      if (!values_.try_emplace(key).second) continue;
      command.add_option(FlagOf(key), values_[key], HelpOf(key))->type_name("NUMBER");
    }
  }
}

absl::StatusOr<search::Algorithm> AlgorithmFlags::Choose(int num_objectives) const {
  const std::string name = !algorithm_.empty()   ? algorithm_
                           : num_objectives == 1 ? "evolution"
                                                 : "nsga2";
  search::Algorithm algorithm = search::AlgorithmByName(name).value();
  NIWAKI_RETURN_IF_ERROR(search::CheckNumObjectives(algorithm, num_objectives, "--objectives"));
  const std::vector<search::Option> options = search::OptionsOf(algorithm);
  for (const auto& [key, text] : values_) {
    if (text.empty()) continue;
    const std::string flag = FlagOf(key);
    const auto option =
        std::find_if(options.begin(), options.end(),
                     [&key = key](const search::Option& one) { return one.name == key; });
    if (option == options.end()) return NoSuchOption(algorithm, flag, text);
    NIWAKI_ASSIGN_OR_RETURN(const double value, search::ParseInRange(flag, text, option->range));
    NIWAKI_RETURN_IF_ERROR(search::SetAlgorithmOption(algorithm, key, flag, value));
  }
  const auto follower = values_.find(std::string(kFollower));
  const bool follows = follower == values_.end() || follower->second.empty();
  if (name == search::EvolutionOptions::kName && follows) {
    NIWAKI_RETURN_IF_ERROR(search::SetAlgorithmOption(algorithm, kFollower, FlagOf(kFollower),
                                                      search::OptionValue(algorithm, kFollowed)));
  }
  return algorithm;
}

}  // namespace niwaki::cli
