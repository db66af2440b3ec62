#include "libs/search/constraint.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::search {
namespace {

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

std::string FieldOf(const absl::Status& status) { return GetErrorDetail(status)->field; }

TEST(ValidateConstraintsTest, AcceptsAnyCombinationOfCosts) {
  EXPECT_THAT(ValidateConstraints({}), IsOk());
  EXPECT_THAT(ValidateConstraints({{Metric::kSramBytes, 1}, {Metric::kMacs, 2e6}}), IsOk());
}

TEST(ValidateConstraintsTest, NamesTheFieldThatIsWrong) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Constraint good{Metric::kMacs, 1e6};
  const absl::Status score = ValidateConstraints({good, {Metric::kTop1, 0.5}});
  const absl::Status twice = ValidateConstraints({good, {Metric::kSramBytes, 1}, good});

  EXPECT_THAT(score, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(FieldOf(score), "constraints[1].metric");
  EXPECT_THAT(twice, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(FieldOf(twice), "constraints[2].metric");
  for (const double max : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
    const absl::Status limit = ValidateConstraints({{Metric::kMacs, max}});
    EXPECT_THAT(limit, HasReason(kInvalid, reason::kArgumentInvalid)) << max;
    EXPECT_EQ(FieldOf(limit), "constraints[0].max");
  }
}

TEST(FirstViolationTest, LimitItselfFits) {
  Metrics metrics;
  metrics.sram_bytes = 65536;
  EXPECT_FALSE(FirstViolation({{Metric::kSramBytes, 65536}}, metrics).has_value());
  EXPECT_TRUE(FirstViolation({{Metric::kSramBytes, 65535}}, metrics).has_value());
}

TEST(FirstViolationTest, NamesTheFirstInOrder) {
  Metrics metrics;
  metrics.sram_bytes = 100;
  metrics.flash_bytes = 300;
  metrics.macs = 500;
  const std::vector<Constraint> constraints = {
      {Metric::kSramBytes, 100}, {Metric::kFlashBytes, 200}, {Metric::kMacs, 400}};

  const auto first = FirstViolation(constraints, metrics);

  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->constraint, 1);
  EXPECT_EQ(first->metric, Metric::kFlashBytes);
  EXPECT_EQ(first->value, 300);
  EXPECT_EQ(first->max, 200);
  EXPECT_EQ(AllViolations(constraints, metrics).size(), 2u);
}

TEST(FirstViolationTest, UnknownValueMeetsNoLimit) {
  Metrics metrics;
  const auto absent = FirstViolation({{Metric::kLatencyUs, 1e9}}, metrics);
  ASSERT_TRUE(absent.has_value());
  EXPECT_FALSE(absent->value.has_value());
  metrics.latency_us = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(FirstViolation({{Metric::kLatencyUs, 1e9}}, metrics).has_value());
}

}  // namespace
}  // namespace niwaki::search
