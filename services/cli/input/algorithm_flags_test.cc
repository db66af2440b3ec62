#include "services/cli/input/algorithm_flags.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/algorithm.h"
#include "libs/search/option.h"
#include "libs/search/range_cases.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::StatusOr<search::Algorithm> Choose(std::vector<std::string> arguments,
                                         int num_objectives = 1) {
  CLI::App app;
  AlgorithmFlags flags;
  flags.AddTo(app);
  // The parser takes them from the back.
  app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  return flags.Choose(num_objectives);
}

TEST(AlgorithmFlagsTest, NumberOfObjectivesChoosesTheDefault) {
  EXPECT_EQ(search::AlgorithmName(*Choose({}, 1)), "evolution");
  EXPECT_EQ(search::AlgorithmName(*Choose({}, 2)), "nsga2");
  for (const std::string& name : search::AlgorithmNames()) {
    EXPECT_EQ(search::AlgorithmName(*Choose({"--algorithm", name})), name);
  }
  EXPECT_THROW(Choose({"--algorithm", "anneal"}).IgnoreError(), CLI::ParseError);
}

TEST(AlgorithmFlagsTest, DefaultsAreThoseOfTheTables) {
  for (const std::string& name : search::AlgorithmNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const search::Algorithm chosen, Choose({"--algorithm", name}));
    const search::Algorithm defaults = *search::AlgorithmByName(name);
    for (const search::Option& option : search::OptionsOf(defaults)) {
      if (option.name == "resolution_mutation_probability") continue;
      EXPECT_EQ(search::OptionValue(chosen, option.name),
                search::OptionValue(defaults, option.name));
    }
  }
}

TEST(AlgorithmFlagsTest, ResolutionMutatesLikeTheRestUnlessItIsSet) {
  const auto chosen = [](std::vector<std::string> arguments) {
    return std::get<search::EvolutionOptions>(*Choose(std::move(arguments)))
        .resolution_mutation_probability;
  };
  EXPECT_EQ(chosen({}), 0.1);
  EXPECT_EQ(chosen({"--mutation-probability", "0.2"}), 0.2);
  EXPECT_EQ(chosen({"--resolution-mutation-probability", "0.5"}), 0.5);
}

TEST(AlgorithmFlagsTest, EveryOptionTakesItsEndsAndNothingBeyond) {
  for (const std::string& name : search::AlgorithmNames()) {
    for (const search::Option& option : search::OptionsOf(*search::AlgorithmByName(name))) {
      const std::string flag = FlagOf(option.name);
      const auto choose = [&](double value) {
        return Choose({"--algorithm", name, absl::StrCat(flag, "=", search::NumberText(value))});
      };
      for (const double value : search::CasesOf(option.range).accepted) {
        NIWAKI_ASSERT_OK_AND_ASSIGN(const search::Algorithm chosen, choose(value));
        EXPECT_EQ(search::OptionValue(chosen, option.name), value) << name << " " << flag;
      }
      for (const double value : search::CasesOf(option.range).refused) {
        const absl::Status status = choose(value).status();
        ASSERT_THAT(status, HasReason(kInvalid, reason::kArgumentInvalid)) << name << " " << flag;
        EXPECT_EQ(status.message(), absl::StrCat(flag, " is ", search::NumberText(value),
                                                 "; it must be ", option.range.Text()));
      }
    }
  }
}

TEST(AlgorithmFlagsTest, OptionOfAnotherAlgorithmIsRefused) {
  const absl::Status status = Choose({"--exploration", "0.2"}).status();

  EXPECT_THAT(status, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_THAT(status, StatusIs(kInvalid,
                               "--exploration is no option of evolution; its options: "
                               "--population, --parent-ratio"));
  EXPECT_THAT(Choose({"--algorithm", "random", "--population", "20"}),
              StatusIs(kInvalid, "--population is no option of random; its options: none"));
  EXPECT_THAT(Choose({"--algorithm", "evolution"}, 2),
              StatusIs(kInvalid, "--objectives: evolution takes one objective, not 2"));
}

TEST(AlgorithmFlagsTest, HelpShowsRangesAndDefaults) {
  CLI::App app;
  AlgorithmFlags flags;
  flags.AddTo(app);
  const auto help = [&](const char* flag) { return app.get_option(flag)->get_description(); };

  EXPECT_EQ(help("--population"),
            "Networks of a generation: evolution 2 to 10000, by default 100; nsga2 2 to 10000, by "
            "default 50; Population of the search on the predictor: predictor_nsga2 2 to 10000, by "
            "default 100");
  EXPECT_THAT(help("--parent-ratio"), HasSubstr("above 0 and at most 1, by default 0.25"));
  EXPECT_THAT(help("--resolution-mutation-probability"),
              HasSubstr("by default --mutation-probability"));
  for (const std::string& name : search::AlgorithmNames()) {
    for (const search::Option& option : search::OptionsOf(*search::AlgorithmByName(name))) {
      EXPECT_THAT(help(FlagOf(option.name).c_str()), HasSubstr(option.range.Limits()));
    }
  }
}

}  // namespace
}  // namespace niwaki::cli
