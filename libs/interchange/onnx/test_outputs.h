// What a network gives for a random image: for tests that compare networks.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_OUTPUTS_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_OUTPUTS_H_

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/onnx/write_model.h"

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

inline std::vector<int8_t> RandomOutputs(const engine::QuantisedNetwork& network, uint64_t seed) {
  auto runner = engine::HostRunner::Create(&network);
  EXPECT_TRUE(runner.ok()) << runner.status();
  if (!runner.ok()) return {};
  Random random(seed);
  std::vector<int8_t> image(network.graph.shape(runner->input()).elements());
  for (int8_t& level : image) level = static_cast<int8_t>(random.Next());
  return OutputsOf(network, image);
}

// Writes and reads `network`: the same outputs; and what was read is written and read the same.
inline void ExpectComesBack(const engine::QuantisedNetwork& network, uint64_t seed) {
  const auto written = WriteOnnx(network);
  NIWAKI_ASSERT_OK(written);
  const auto again = ReadOnnx(*written);
  NIWAKI_ASSERT_OK(again);
  EXPECT_EQ(RandomOutputs(*again, seed), RandomOutputs(network, seed));
  const auto twice = WriteOnnx(*again);
  NIWAKI_ASSERT_OK(twice);
  const auto third = ReadOnnx(*twice);
  NIWAKI_ASSERT_OK(third);
  EXPECT_TRUE(*WriteOnnx(*third) == *twice);
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_OUTPUTS_H_
