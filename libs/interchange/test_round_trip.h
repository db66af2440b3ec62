// Networks that are written and read again: what tests of a format compare.

#ifndef NIWAKI_LIBS_INTERCHANGE_TEST_ROUND_TRIP_H_
#define NIWAKI_LIBS_INTERCHANGE_TEST_ROUND_TRIP_H_

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/read_model.h"

namespace niwaki::interchange {

inline std::vector<int8_t> OutputsOf(const engine::QuantisedNetwork& network,
                                     const std::vector<int8_t>& image) {
  auto runner = engine::HostRunner::Create(&network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  const auto output = runner->Run(image);
  EXPECT_TRUE(output.ok()) << output.status();
  return output.ok() ? std::vector<int8_t>(output->begin(), output->end()) : std::vector<int8_t>();
}

// For a random image.
inline std::vector<int8_t> RandomOutputs(const engine::QuantisedNetwork& network, uint64_t seed) {
  auto runner = engine::HostRunner::Create(&network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  Random random(seed);
  std::vector<int8_t> image(network.graph.shape(runner->input()).elements());
  for (int8_t& level : image) level = static_cast<int8_t>(random.Next());
  return OutputsOf(network, image);
}

// Calls `check` with each of seven published networks and a seed, as it is and as the engine runs
// it, where padding is the convolutions' own. They lie in the folder that NIWAKI_SHARED names,
// under models.
inline void WithPublishedNetworks(
    const std::function<void(const engine::QuantisedNetwork&, uint64_t seed)>& check) {
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
    check(*network, 1);
    check(engine::FusePads(*network), 2);
  }
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TEST_ROUND_TRIP_H_
