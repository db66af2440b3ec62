// Seven published networks, written as they were read: the same outputs, and the same file once
// more.

#include <cstdint>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/test_round_trip.h"
#include "libs/interchange/tflite/read_model.h"
#include "libs/interchange/tflite/write_model.h"

namespace niwaki::interchange {
namespace {

// Writes and reads `network` and compares.
void ExpectSame(const engine::QuantisedNetwork& network, uint64_t seed) {
  const auto written = WriteModel(network);
  NIWAKI_ASSERT_OK(written);
  const auto again = ReadTflite(*written);
  NIWAKI_ASSERT_OK(again);
  EXPECT_EQ(RandomOutputs(*again, seed), RandomOutputs(network, seed));
  const auto twice = WriteModel(*again);
  NIWAKI_ASSERT_OK(twice);
  EXPECT_TRUE(*twice == *written);
}

TEST(TfliteRoundTripTest, PublishedNetworksComeBack) { WithPublishedNetworks(ExpectSame); }

}  // namespace
}  // namespace niwaki::interchange
