#include "libs/cost/figure.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cost {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FigureTest, UnknownHasNoValue) {
  const Figure figure;

  EXPECT_FALSE(figure.known());
  EXPECT_EQ(figure.provenance(), Provenance::kUnknown);
  EXPECT_FALSE(figure.value_if_known().has_value());
  EXPECT_DEATH((void)figure.value(), "known");
}

TEST(FigureTest, KnownFigureKeepsItsParts) {
  const Figure figure = Figure::Of(5, 4, 7, Provenance::kMeasured);

  EXPECT_TRUE(figure.known());
  EXPECT_EQ(figure.value_if_known(), 5);
  EXPECT_EQ(figure.value(), 5);
  EXPECT_EQ(figure.low(), 4);
  EXPECT_EQ(figure.high(), 7);
  EXPECT_EQ(figure.provenance(), Provenance::kMeasured);
}

TEST(FigureTest, ZeroMayBeKnown) {
  EXPECT_EQ(Figure::Of(0, 0, 0, Provenance::kExact).value_if_known(), 0);
}

TEST(FigureTest, OverflowIsNotKnown) {
  const Figure figure = Figure::Of(1e308, 1e308, 1e308, Provenance::kPredicted);

  EXPECT_EQ(figure.Times(0.5, Provenance::kPredicted).value_if_known(), 0.5e308);
  EXPECT_EQ(figure.Times(10, Provenance::kPredicted), Figure());
  EXPECT_EQ(Figure::Of(1, 0, kInfinity, Provenance::kPredicted), Figure());
  EXPECT_EQ(Figure::Of(std::nan(""), 0, 1, Provenance::kPredicted), Figure());
}

TEST(FigureTest, UnknownTimesAnythingIsUnknown) {
  EXPECT_EQ(Figure().Times(3, Provenance::kPredicted), Figure());
  EXPECT_EQ(Figure::Of(2, 1, 3, Provenance::kMeasured).Times(2, Provenance::kPredicted),
            Figure::Of(4, 2, 6, Provenance::kPredicted));
}

TEST(FigureTest, ReadingNamesWhatIsWrong) {
  const struct {
    double value, low, high;
    Provenance provenance;
    const char* field;
  } cases[] = {
      {1, 1, 1, Provenance::kUnknown, "f.provenance"},
      {-1, -2, 0, Provenance::kExact, "f.value"},
      {std::nan(""), 0, 1, Provenance::kExact, "f.value"},
      {kInfinity, 0, kInfinity, Provenance::kExact, "f.value"},
      {1, -1, 1, Provenance::kExact, "f.low"},
      {1, 2, 3, Provenance::kExact, "f.low"},
      {1, std::nan(""), 3, Provenance::kExact, "f.low"},
      {2, 1, 1, Provenance::kExact, "f.high"},
      {2, 1, kInfinity, Provenance::kExact, "f.high"},
      {2, 1, std::nan(""), Provenance::kExact, "f.high"},
  };

  for (const auto& one : cases) {
    const auto figure = Figure::Create("f", one.value, one.low, one.high, one.provenance);
    ASSERT_THAT(figure, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(GetErrorDetail(figure.status())->field, one.field);
    EXPECT_EQ(Figure::Of(one.value, one.low, one.high, one.provenance), Figure());
  }
}

}  // namespace
}  // namespace niwaki::cost
