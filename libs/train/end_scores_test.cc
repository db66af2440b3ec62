#include "libs/train/end_scores.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/subnet.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/supernet/supernet.h"
#include "libs/train/tiny_training.h"

namespace niwaki::train {
namespace {

TEST(EndScoresTest, ScoresAreThoseOfTheLargestAndTheSmallest) {
  const auto data = TinyData();
  const auto supernet = supernet::Supernet::Random(TinySpace(), /*seed=*/1);
  const supernet::ScoreOptions options;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto scorer,
                              supernet::Scorer::Create(supernet.get(), data.get(), options));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const EndScores ends, ScoreEnds(*supernet, *data, options));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto largest,
                              scorer->ScoreSubnet(arch::MaxSubnet(TinySpace())));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto smallest,
                              scorer->ScoreSubnet(arch::MinSubnet(TinySpace())));
  EXPECT_EQ(ends.largest.loss, largest.loss);
  EXPECT_EQ(ends.smallest.loss, smallest.loss);
  EXPECT_NE(ends.largest.loss, ends.smallest.loss);
  EXPECT_EQ(ends.largest.images, 4);
}

TEST(EndScoresTest, DataOfOtherClassesIsRefused) {
  const auto data = TinyData();
  const auto supernet = supernet::Supernet::Random(TinySpace().WithNumClasses(5), /*seed=*/1);

  EXPECT_THAT(ScoreEnds(*supernet, *data, {}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
}

}  // namespace
}  // namespace niwaki::train
