#include "libs/train/corner_scores.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/supernet/supernet.h"
#include "libs/train/end_scores.h"
#include "libs/train/recipe/choice_set.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {
namespace {

using ::testing::ElementsAre;

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3
      resolutions { value: 8 } resolutions { value: 12 }
      stem { width: 8 }
      stages { width: 8 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: 2 } head {})");
}

std::vector<std::string> NamesOf(const Phase& phase, PhaseValidation validation) {
  const auto choices = ChoiceSet::Create(Space(), phase);
  EXPECT_THAT(choices.status(), IsOk());
  std::vector<std::string> names;
  for (const auto& [name, subnet] : CornersOf(*choices, validation)) names.push_back(name);
  return names;
}

TEST(CornerScoresTest, EndsAreBothSidesAtBothResolutions) {
  EXPECT_THAT(NamesOf({}, PhaseValidation::kEnds),
              ElementsAre("R8-K3-D1", "R8-K5-D2", "R12-K3-D1", "R12-K5-D2"));
}

TEST(CornerScoresTest, CornersAreEveryCombination) {
  EXPECT_THAT(NamesOf({}, PhaseValidation::kCorners),
              ElementsAre("R8-K3-D1", "R8-K5-D1", "R8-K3-D2", "R8-K5-D2", "R12-K3-D1", "R12-K5-D1",
                          "R12-K3-D2", "R12-K5-D2"));
}

TEST(CornerScoresTest, WhatDoesNotVaryIsNotNamedNorScoredTwice) {
  Phase phase;
  phase.kernel_sizes.kind = ChoiceRule::Kind::kLargest;
  phase.depths.kind = ChoiceRule::Kind::kLargest;

  EXPECT_THAT(NamesOf(phase, PhaseValidation::kCorners), ElementsAre("R8", "R12"));
}

TEST(CornerScoresTest, ScoresAreThoseOfTheSubnets) {
  data::SyntheticOptions synthetic;
  synthetic.classes = 3;
  synthetic.channels = 1;
  synthetic.height = 12;
  synthetic.width = 12;
  synthetic.sizes = {4, 16, 20, 4};
  synthetic.out = ::testing::TempDir() + "/corners.nwd";
  NIWAKI_ASSERT_OK(data::GenerateSynthetic(synthetic));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, data::PreparedData::Open(synthetic.out));
  const auto supernet = supernet::Supernet::Random(Space(), /*seed=*/1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet choices, ChoiceSet::Create(Space(), {}));
  const supernet::ScoreOptions options;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto scorer,
                              supernet::Scorer::Create(supernet.get(), data.get(), options));

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto scores, ScoreCorners(*supernet, *data, choices, PhaseValidation::kEnds, options));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const EndScores ends, ScoreEnds(*supernet, *data, options));

  const auto corners = CornersOf(choices, PhaseValidation::kEnds);
  ASSERT_EQ(scores.size(), 4u);
  for (size_t i = 0; i < scores.size(); ++i) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto expected, scorer->ScoreSubnet(corners[i].second));
    EXPECT_EQ(scores[i].name, corners[i].first);
    EXPECT_EQ(scores[i].score.loss, expected.loss) << scores[i].name;
    EXPECT_EQ(scores[i].score.images, 20);
  }
  // The smallest at the smallest resolution, the largest at the largest.
  EXPECT_EQ(ends.smallest.loss, scores[0].score.loss);
  EXPECT_EQ(ends.largest.loss, scores[3].score.loss);
  EXPECT_NE(ends.smallest.loss, ends.largest.loss);
}

}  // namespace
}  // namespace niwaki::train
