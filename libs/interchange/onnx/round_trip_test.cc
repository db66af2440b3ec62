// Seven published networks as ONNX files: read back they give the same outputs.

#include "gtest/gtest.h"
#include "libs/interchange/onnx/test_reading.h"
#include "libs/interchange/test_round_trip.h"

namespace niwaki::interchange {
namespace {

TEST(OnnxRoundTripTest, PublishedNetworksComeBack) { WithPublishedNetworks(ExpectComesBack); }

}  // namespace
}  // namespace niwaki::interchange
