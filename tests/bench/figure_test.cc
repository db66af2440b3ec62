#include "tests/bench/figure.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(FigureTest, ShortWhereTheTargetIsMissed) {
  const Figure slow{"plans", 10, "per second", 20, Better::kHigher};
  const Figure quick{"wait", 1, "ms", 2, Better::kLower};

  EXPECT_FALSE(slow.ok());
  EXPECT_TRUE(quick.ok());
  EXPECT_THAT(ToTable({slow}), HasSubstr("short"));
  EXPECT_THAT(ToTable({quick}), HasSubstr("ok"));
}

TEST(FigureTest, NoTargetNoVerdict) {
  const Figure figure{"size", 10, "bytes", std::nullopt, Better::kLower};

  EXPECT_EQ(ToJson({figure}).find("verdict"), std::string::npos);
}

TEST(FigureTest, WhatOthersPublishStandsBeside) {
  Figure figure{"vww1", 144.6, "M instr.", std::nullopt, Better::kLower};
  figure.beside = "TinyEngine 34.53";

  EXPECT_THAT(ToTable({figure}), HasSubstr("TinyEngine 34.53\n"));
  EXPECT_THAT(ToJson({figure}), HasSubstr("\"beside\": \"TinyEngine 34.53\""));
  EXPECT_THAT(ToTable({figure}), Not(HasSubstr("short")));

  figure.better = Better::kLower;
  figure.target = 150;
  EXPECT_THAT(ToTable({figure}), HasSubstr("ok  TinyEngine 34.53\n"));
}

TEST(FigureTest, AbsentFigureSaysWhyAndHasNoVerdict) {
  const Figure figure = AbsentFigure("ours over theirs", "no peer here");

  EXPECT_TRUE(figure.ok());
  EXPECT_THAT(ToTable({figure}), HasSubstr("no peer here"));
  EXPECT_THAT(ToTable({figure}), Not(HasSubstr("short")));
  EXPECT_THAT(ToJson({figure}), AllOf(HasSubstr("no peer here"), Not(HasSubstr("value"))));
}

}  // namespace
}  // namespace niwaki::bench
