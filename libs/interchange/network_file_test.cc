#include "libs/interchange/network_file.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/onnx/write_model.h"
#include "libs/interchange/small_networks.h"
#include "libs/interchange/tflite/write_model.h"

namespace niwaki::interchange {
namespace {

using ::testing::HasSubstr;

TEST(NetworkFileTest, FormatIsSeenInTheBytes) {
  const engine::QuantisedNetwork network = SqueezeExciteNetwork();
  const std::string tflite = *WriteModel(network);
  const std::string onnx = *WriteOnnx(network);
  for (const char* name : {"a.tflite", "a.onnx", "a"}) {
    NIWAKI_EXPECT_OK(ReadNetworkFile(tflite, name));
  }
  for (const char* name : {"a.ONNX", "a", "a.tflite"}) {
    NIWAKI_EXPECT_OK(ReadNetworkFile(onnx, name));
  }
}

TEST(NetworkFileTest, ErrorsAreThoseOfTheFormatOfTheName) {
  EXPECT_THAT(std::string(ReadNetworkFile("what is this?", "a.onnx").status().message()),
              HasSubstr("no ONNX file"));
  EXPECT_THAT(std::string(ReadNetworkFile("what is this?", "a.tflite").status().message()),
              HasSubstr("no TensorFlow Lite file"));
}

TEST(NetworkFileTest, NamesOfBothFormatsAreKnown) {
  EXPECT_TRUE(IsNetworkFileName("a.tflite"));
  EXPECT_TRUE(IsNetworkFileName("folder/A.Onnx"));
  EXPECT_FALSE(IsNetworkFileName("jobs/a/candidates/onnx"));
}

}  // namespace
}  // namespace niwaki::interchange
