#include "libs/engine/emit/test_vector.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/test_networks.h"

namespace niwaki::engine {
namespace {

TEST(TestVectorTest, OutputReadsBackAndFollowsTheSeed) {
  EmitOptions options;
  options.prefix = "kws";
  const auto text = TestVectorText(BottleneckNetwork(1), options);
  NIWAKI_ASSERT_OK(text);
  const auto output = ReadTestOutput(*text, "kws_test.h");
  NIWAKI_ASSERT_OK(output);
  EXPECT_EQ(output->size(), 10);
  options.seed = 2;
  const auto other = TestVectorText(BottleneckNetwork(1), options);
  NIWAKI_ASSERT_OK(other);
  EXPECT_NE(*ReadTestOutput(*other, "kws_test.h"), *output);
}

TEST(TestVectorTest, OtherTextsAreRefused) {
  for (const char* text : {"", "x_test_output[", "x_test_output[1] = {", "x_test_output[0] = {}",
                           "x_test_output[1] = {300}", "x_test_output[1] = {a}"}) {
    EXPECT_THAT(ReadTestOutput(text, "kws_test.h"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << text;
  }
}

}  // namespace
}  // namespace niwaki::engine
