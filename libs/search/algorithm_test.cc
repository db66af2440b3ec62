#include "libs/search/algorithm.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/range_cases.h"

namespace niwaki::search {
namespace {

using ::testing::ElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(AlgorithmTest, NamesAreThoseOfMessagesAndFiles) {
  EXPECT_THAT(AlgorithmNames(), ElementsAre("random", "evolution", "nsga2", "predictor_nsga2"));
  for (const std::string& name : AlgorithmNames()) {
    EXPECT_EQ(AlgorithmName(*AlgorithmByName(name)), name);
  }
  EXPECT_FALSE(AlgorithmByName("anneal").has_value());
  EXPECT_FALSE(AlgorithmByName("").has_value());
}

TEST(AlgorithmTest, TableNamesEveryMemberOnce) {
  // As many as each struct has members.
  EXPECT_EQ(OptionsOf(RandomSearchOptions()).size(), 0);
  EXPECT_EQ(OptionsOf(EvolutionOptions()).size(), 5);
  EXPECT_EQ(OptionsOf(Nsga2Options()).size(), 3);
  EXPECT_EQ(OptionsOf(PredictorNsga2Options()).size(), 6);
  for (const std::string& name : AlgorithmNames()) {
    Algorithm algorithm = *AlgorithmByName(name);
    std::map<absl::string_view, double> marks;
    for (const Option& option : OptionsOf(algorithm)) {
      EXPECT_NE(option.text, "");
      const double nth = 2 + static_cast<double>(marks.size());
      const double mark = option.range.whole ? option.range.high - nth : 1 / nth;
      NIWAKI_EXPECT_OK(SetAlgorithmOption(algorithm, option.name, "f", mark));
      EXPECT_TRUE(marks.emplace(option.name, mark).second) << option.name;
    }
    // Each is another member: what one option sets no other one has changed.
    for (const auto& [option, mark] : marks) EXPECT_EQ(OptionValue(algorithm, option), mark);
  }
}

TEST(AlgorithmTest, DefaultsAreInTheirRanges) {
  for (const std::string& name : AlgorithmNames()) {
    NIWAKI_EXPECT_OK(CheckAlgorithm(*AlgorithmByName(name), ""));
  }
  EXPECT_EQ(OptionValue(*AlgorithmByName("evolution"), "parent_ratio"), 0.25);
  EXPECT_EQ(OptionValue(*AlgorithmByName("nsga2"), "population"), 50);
  EXPECT_EQ(OptionValue(*AlgorithmByName("predictor_nsga2"), "initial"), 48);
}

TEST(AlgorithmTest, EveryOptionTakesItsEndsAndNothingBeyond) {
  for (const std::string& name : AlgorithmNames()) {
    for (const Option& option : OptionsOf(*AlgorithmByName(name))) {
      Algorithm algorithm = *AlgorithmByName(name);
      for (const double value : CasesOf(option.range).accepted) {
        NIWAKI_EXPECT_OK(SetAlgorithmOption(algorithm, option.name, "f", value));
        EXPECT_EQ(OptionValue(algorithm, option.name), value);
        NIWAKI_EXPECT_OK(CheckAlgorithm(algorithm, ""));
      }
      for (const double value : CasesOf(option.range).refused) {
        const absl::Status status = SetAlgorithmOption(algorithm, option.name, "f", value);
        EXPECT_THAT(status, HasReason(kInvalid, reason::kArgumentInvalid)) << option.name;
        EXPECT_EQ(status.message(),
                  absl::StrCat("f is ", NumberText(value), "; it must be ", option.range.Text()));
      }
    }
  }
}

TEST(AlgorithmTest, ErrorNamesTheOptionsPath) {
  Nsga2Options options;
  options.population = 1;

  EXPECT_THAT(
      CheckAlgorithm(options, "spec."),
      StatusIs(kInvalid, "spec.nsga2.population is 1; it must be a whole number from 2 to 10000"));
}

TEST(AlgorithmTest, NumberOfObjectivesIsThatOfTheAlgorithm) {
  NIWAKI_EXPECT_OK(CheckNumObjectives(EvolutionOptions(), 1, "f"));
  EXPECT_THAT(CheckNumObjectives(EvolutionOptions(), 2, "f"),
              StatusIs(kInvalid, "f: evolution takes one objective, not 2; use nsga2 for several"));
  for (const Algorithm& algorithm : {Algorithm(RandomSearchOptions()), Algorithm(Nsga2Options()),
                                     Algorithm(PredictorNsga2Options())}) {
    NIWAKI_EXPECT_OK(CheckNumObjectives(algorithm, 1, "f"));
    NIWAKI_EXPECT_OK(CheckNumObjectives(algorithm, 4, "f"));
    EXPECT_THAT(CheckNumObjectives(algorithm, 5, "f"),
                StatusIs(kInvalid, "f: 5 metrics, not 1 to 4 metrics"));
    EXPECT_THAT(CheckNumObjectives(algorithm, 0, "f"),
                StatusIs(kInvalid, "f: 0 metrics, not 1 to 4 metrics"));
  }
  EXPECT_THAT(CheckNumObjectives(EvolutionOptions(), 0, "f"), StatusIs(kInvalid, "f: 0 metrics"));
}

}  // namespace
}  // namespace niwaki::search
