#include "libs/latency/transfer/calibration.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"
#include "libs/latency/latency_model.h"

namespace niwaki::latency {
namespace {

Calibration Right() { return {"cortex-m7", "niwaki", 0.7, 9, 12, 0.05, 0.2, 1.25, "figures"}; }

TEST(CalibrationTest, InstructionsBecomeMicrosecondsWithAnInterval) {
  // 70 M cycles at 400 MHz.
  const cost::Figure figure = LatencyOfInstructions(Right(), 100e6, 400);

  EXPECT_DOUBLE_EQ(figure.value(), 175e3);
  EXPECT_DOUBLE_EQ(figure.low(), 140e3);
  EXPECT_DOUBLE_EQ(figure.high(), 218750);
  EXPECT_EQ(figure.provenance(), cost::Provenance::kPredicted);
}

TEST(CalibrationTest, DefaultsAreThoseOfTheModels) {
  for (const LatencyModel& model : DefaultModels()) {
    if (model.target.rfind("cortex", 0) != 0) continue;
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Calibration calibration,
                                FindCalibration(model.target, kOwnEngine));
    EXPECT_NEAR(calibration.cycles_per_instruction, model.cycles_per_instruction, 1e-9);
  }
}

TEST(CalibrationTest, DefaultsSayWhatTheyAreWorth) {
  for (const Calibration& calibration : DefaultCalibrations()) {
    NIWAKI_EXPECT_OK(Validate(calibration));
    EXPECT_GE(calibration.pairs, 5) << calibration.engine;
    EXPECT_LT(calibration.held_out_error, 0.35) << calibration.core << calibration.engine;
    // Nine of ten lie inside: an interval that is narrower than the mean error cannot hold them.
    EXPECT_GT(calibration.interval_ratio, 1 + calibration.held_out_error);
  }
}

TEST(CalibrationTest, UnknownPairIsRefusedWithWhatThereIs) {
  const absl::Status status = FindCalibration("cortex-m0", "niwaki").status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kNotFound, reason::kArgumentInvalid));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "cortex-m7 TinyEngine"));
}

TEST(CalibrationTest, JsonComesBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto read, CalibrationsFromJson(CalibrationsToJson({Right()})));

  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(CalibrationsToJson(read), CalibrationsToJson({Right()}));
}

TEST(CalibrationTest, WhatIsWrongIsNamed) {
  const auto refused = [](auto change) {
    Calibration calibration = Right();
    change(calibration);
    return Validate(calibration);
  };
  using C = Calibration;
  EXPECT_THAT(refused([](C& c) { c.core = ""; }),
              StatusIs(absl::StatusCode::kInvalidArgument, "core"));
  EXPECT_THAT(refused([](C& c) { c.cycles_per_instruction = 0; }),
              StatusIs(absl::StatusCode::kInvalidArgument, "cycles_per_instruction"));
  EXPECT_THAT(refused([](C& c) { c.pairs = 0; }),
              StatusIs(absl::StatusCode::kInvalidArgument, "pairs"));
  EXPECT_THAT(refused([](C& c) { c.interval_ratio = 0.9; }),
              StatusIs(absl::StatusCode::kInvalidArgument, "interval_ratio"));
  EXPECT_THAT(refused([](C& c) { c.worst_error = std::numeric_limits<double>::quiet_NaN(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, "held_out_error"));
  EXPECT_THAT(CalibrationsFromJson("{}"), StatusIs(absl::StatusCode::kInvalidArgument, "a list"));
  EXPECT_THAT(CalibrationsFromJson("[{}]"), StatusIs(absl::StatusCode::kInvalidArgument, "fields"));
}

}  // namespace
}  // namespace niwaki::latency
