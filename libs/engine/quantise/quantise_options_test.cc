#include "libs/engine/quantise/quantise_options.h"

#include <set>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

TEST(QuantiseOptionsTest, NamesOfMethodsAreReadBack) {
  for (const RangeMethod method :
       {RangeMethod::kMinMax, RangeMethod::kPercentile, RangeMethod::kLeastSquares}) {
    EXPECT_THAT(ParseRangeMethod(RangeMethodName(method)), IsOkAndHolds(method));
  }
  EXPECT_THAT(ParseRangeMethod("entropy"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "ranges is entropy; it must be min-max, percentile or mse"));
}

TEST(QuantiseOptionsTest, PercentileIsAShare) {
  QuantiseOptions options;
  for (const double bad : {0.0, -1.0, 1.01, 99.99}) {
    options.percentile = bad;
    EXPECT_THAT(options.Validate(), StatusIs(absl::StatusCode::kInvalidArgument, "percentile"));
  }
  options.percentile = 1;
  EXPECT_THAT(options.Validate(), IsOk());
}

TEST(QuantiseKeyTest, EveryPartChangesIt) {
  QuantiseKey key = {"s", "n", "d", 512, 64, false, {}};
  std::set<std::string> digests = {key.Digest()};
  EXPECT_TRUE(IsSha256Hex(key.Digest()));
  const auto add = [&](QuantiseKey other) { digests.insert(other.Digest()); };
  add({"S", "n", "d", 512, 64, false, {}});
  add({"s", "N", "d", 512, 64, false, {}});
  add({"s", "n", "D", 512, 64, false, {}});
  add({"s", "n", "d", 511, 64, false, {}});
  add({"s", "n", "d", 512, 65, false, {}});
  add({"s", "n", "d", 512, 64, true, {}});
  key.options.equalise = !key.options.equalise;
  add(key);
  key.options.correct_bias = !key.options.correct_bias;
  add(key);
  key.options.ranges = RangeMethod::kPercentile;
  add(key);
  key.options.percentile = 0.5;
  add(key);
  EXPECT_EQ(digests.size(), 11);
}

}  // namespace
}  // namespace niwaki::engine
