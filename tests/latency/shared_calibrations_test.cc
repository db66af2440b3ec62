// The calibrations that Niwaki has are those that published figures give. The figures lie in the
// folder that NIWAKI_SHARED names.

#include <cstdlib>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/latency/fit/calibrate.h"
#include "libs/latency/transfer/calibration.h"

namespace niwaki::latency {
namespace {

TEST(SharedCalibrationsTest, DefaultsAreWhatTheFiguresGive) {
  const char* const shared = std::getenv("NIWAKI_SHARED");
  ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const PublishedFactors factors, ReadPublishedFactors(shared));

  const std::vector<Calibration> fitted = Calibrate(factors);

  const std::vector<Calibration>& defaults = DefaultCalibrations();
  ASSERT_EQ(fitted.size(), defaults.size());
  for (size_t i = 0; i < fitted.size(); ++i) {
    EXPECT_EQ(fitted[i].core, defaults[i].core);
    EXPECT_EQ(fitted[i].engine, defaults[i].engine);
    EXPECT_EQ(fitted[i].pairs, defaults[i].pairs);
    EXPECT_EQ(fitted[i].held_out, defaults[i].held_out);
    EXPECT_NEAR(fitted[i].cycles_per_instruction, defaults[i].cycles_per_instruction, 1e-9);
    EXPECT_NEAR(fitted[i].held_out_error, defaults[i].held_out_error, 1e-9);
    EXPECT_NEAR(fitted[i].interval_ratio, defaults[i].interval_ratio, 1e-9);
  }
}

}  // namespace
}  // namespace niwaki::latency
