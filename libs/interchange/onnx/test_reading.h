// What comes of reading ONNX files: for tests of the reader and the writer.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_READING_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_READING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/onnx/test_model.h"
#include "libs/interchange/onnx/write_model.h"
#include "libs/interchange/test_round_trip.h"

namespace niwaki::interchange {

inline std::vector<arch::OpKind> KindsOf(const engine::QuantisedNetwork& network) {
  std::vector<arch::OpKind> kinds;
  for (const arch::Op& op : network.graph.ops) kinds.push_back(op.kind);
  return kinds;
}

inline std::string ErrorOf(const std::string& file) {
  const auto network = ReadOnnx(file);
  EXPECT_FALSE(network.ok());
  if (network.ok()) return "";
  EXPECT_EQ(GetErrorDetail(network.status())->reason, reason::kFileMalformed);
  return std::string(network.status().message());
}

// The error of a file that `change` has made of one with a convolution.
inline std::string ErrorAfter(const std::function<void(onnx::ModelProto&)>& change) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(ConvolutionOnnx().Pack()));
  change(model);
  return ErrorOf(model.SerializeAsString());
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

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_READING_H_
