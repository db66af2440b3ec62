#include "services/cli/show/shown_share.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::cli {
namespace {

TEST(ShownShareTest, SharesStayWithinTheirRange) {
  EXPECT_EQ(ShownShare(1.013), 1);
  EXPECT_EQ(ShownShare(-0.2), 0);
  EXPECT_EQ(ShownShare(0.5), 0.5);
  EXPECT_EQ(ShownShare(0), 0);
  EXPECT_EQ(ShownShare(1), 1);
}

TEST(ShownShareTest, WhatWasCutIsMarked) {
  EXPECT_TRUE(IsCut(1.0001));
  EXPECT_TRUE(IsCut(-0.0001));
  EXPECT_FALSE(IsCut(1));
  EXPECT_FALSE(IsCut(0));
  EXPECT_EQ(std::string(CutMark(1.2)), " *");
  EXPECT_EQ(std::string(CutMark(0.9)), "");
}

TEST(ShownShareTest, TheMarkIsExplainedWhereThereIsOne) {
  EXPECT_EQ(CutNote(0), "");
  EXPECT_THAT(CutNote(1), ::testing::StartsWith("* 1 prediction outside 0 to 100 %"));
  EXPECT_THAT(CutNote(3), ::testing::StartsWith("* 3 predictions outside"));
}

}  // namespace
}  // namespace niwaki::cli
