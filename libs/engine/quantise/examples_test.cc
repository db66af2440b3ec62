#include "libs/engine/quantise/examples.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

arch::Graph Reading(arch::TensorShape shape) {
  arch::Graph graph;
  graph.tensors = {shape};
  return graph;
}

TEST(CheckExamplesTest, ShapeIsThatOfTheNetwork) {
  Examples examples;
  examples.shape = {49, 40, 1};
  examples.count = 3;
  EXPECT_THAT(CheckExamples(examples, Reading({49, 40, 1})), IsOk());
  const absl::Status status = CheckExamples(examples, Reading({25, 40, 1}));
  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_EQ(status.message(),
            "calibration examples are 49x40x1, the network reads 25x40x1 (height x width x "
            "channels)");
  EXPECT_EQ(GetErrorDetail(status)->field, "calibration shape");
  EXPECT_EQ(GetErrorDetail(status)->value, "49x40x1");
  EXPECT_EQ(GetErrorDetail(status)->limit, "25x40x1");
}

TEST(CheckExamplesTest, ThereIsAtLeastOne) {
  Examples examples;
  examples.shape = {1, 1, 1};
  const absl::Status status = CheckExamples(examples, Reading({1, 1, 1}));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "there are no calibration examples"));
  EXPECT_EQ(GetErrorDetail(status)->limit, "at least 1");
}

TEST(OneByOneTest, EndsWithTheFirstError) {
  std::vector<int64_t> seen;
  const auto body = [&](int64_t i) {
    seen.push_back(i);
    return i == 1 ? absl::InternalError("one") : absl::OkStatus();
  };
  EXPECT_THAT(OneByOne(3, body), StatusIs(absl::StatusCode::kInternal, "one"));
  EXPECT_THAT(seen, ElementsAre(0, 1));
}

}  // namespace
}  // namespace niwaki::engine
