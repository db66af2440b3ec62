// Constants of an ONNX file: weights, biases, scales, shapes.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_CONSTANT_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_CONSTANT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/interchange/onnx/onnx_proto.h"

namespace niwaki::interchange {

enum class ConstantType : uint8_t { kFloat, kInt8, kUint8, kInt32, kInt64 };

// "FLOAT", "INT8", ...
absl::string_view ConstantTypeName(ConstantType type);

struct Constant {
  ConstantType type = ConstantType::kFloat;
  // Each at least 1; empty for a scalar. The last axis is innermost.
  std::vector<int64_t> sizes;
  // Of these one has an entry for each element. Levels of uint8 are held less 128, so that they are
  // int8; int64 beyond int32 becomes the nearest int32.
  std::vector<float> floats;
  std::vector<int32_t> integers;
  // Of an int8, uint8 or int32 constant that a DequantizeLinear has made real numbers: one scale,
  // or one for each position of `axis`; else empty. All have this zero point, for uint8 less 128.
  std::vector<float> scales;
  int axis = 0;
  int32_t zero_point = 0;

  int64_t elements() const {
    return static_cast<int64_t>(type == ConstantType::kFloat ? floats.size() : integers.size());
  }
  bool is_levels() const { return type == ConstantType::kInt8 || type == ConstantType::kUint8; }
  bool is_real() const { return type == ConstantType::kFloat || !scales.empty(); }
};

// The values of `tensor`. InvalidArgument, with reason FILE_MALFORMED and naming the tensor, for
// other types, data in another file, negative sizes or none, and other than as many values as the
// sizes say.
absl::StatusOr<Constant> ReadConstant(const onnx::TensorProto& tensor);

// Axis i is axis order[i] of `constant`; `order` is a permutation of its axes.
Constant Transposed(const Constant& constant, const std::vector<int>& order);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_CONSTANT_H_
