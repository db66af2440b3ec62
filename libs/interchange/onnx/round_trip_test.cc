// Seven published networks as ONNX files: read back they give the same outputs. The networks lie in
// the folder that NIWAKI_SHARED names, under models.

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/interchange/onnx/test_outputs.h"
#include "libs/interchange/tflite/read_model.h"

namespace niwaki::interchange {
namespace {

TEST(OnnxRoundTripTest, PublishedNetworksComeBack) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  ASSERT_NE(shared, nullptr)
      << "NIWAKI_SHARED is not set: it must name the folder that holds models "
         "(bazel test --test_env=NIWAKI_SHARED=...)";
  for (const char* name :
       {"mlperf_tiny/ad01_int8.tflite", "mlperf_tiny/kws_ref_model.tflite",
        "mlperf_tiny/pretrainedResnet_quant.tflite", "mlperf_tiny/vww_96_int8.tflite",
        "mcunet/mcunet-320kb-1mb_imagenet.tflite", "mcunet/mcunet-512kb-2mb_imagenet.tflite",
        "mcunet/tinyengine_vww.tflite"}) {
    SCOPED_TRACE(name);
    const auto file = ReadFile(absl::StrCat(shared, "/models/", name));
    NIWAKI_ASSERT_OK(file);
    const auto network = ReadTflite(*file);
    NIWAKI_ASSERT_OK(network);
    ExpectComesBack(*network, 1);
    // As the engine runs it, where padding is the convolutions' own.
    ExpectComesBack(engine::FusePads(*network), 2);
  }
}

}  // namespace
}  // namespace niwaki::interchange
