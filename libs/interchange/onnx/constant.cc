#include "libs/interchange/onnx/constant.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/malformed.h"

namespace niwaki::interchange {
namespace {

// More elements than a file that is read can hold.
constexpr int64_t kMostElements = int64_t{1} << 31;

absl::Status Wrong(const onnx::TensorProto& tensor, absl::string_view field,
                   const absl::AlphaNum& value, absl::string_view limit,
                   absl::string_view message) {
  const std::string place = absl::StrCat("constant \"", tensor.name(), "\": ");
  return Malformed(place, field, value, limit, message);
}

// Elements that the sizes say, at most kMostElements; -1 for sizes that none can have.
int64_t CountElements(const std::vector<int64_t>& sizes) {
  int64_t elements = 1;
  for (const int64_t size : sizes) {
    if (size < 1 || size > kMostElements || elements > kMostElements / size) return -1;
    elements *= size;
  }
  return elements;
}

template <typename T>
std::vector<T> FromBytes(const std::string& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

// Values of `raw` or, where the file has them as a list of its own, of `list`.
template <typename T, typename List>
std::vector<T> ValuesOf(const onnx::TensorProto& tensor, const List& list) {
  if (tensor.has_raw_data()) return FromBytes<T>(tensor.raw_data());
  return std::vector<T>(list.begin(), list.end());
}

int32_t Saturated(int64_t value) {
  return static_cast<int32_t>(std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(),
                                                  std::numeric_limits<int32_t>::max()));
}

template <typename List>
void SetIntegers(const List& values, int64_t shift, Constant& constant) {
  constant.integers.reserve(values.size());
  for (const int64_t value : values) constant.integers.push_back(Saturated(value + shift));
}

absl::StatusOr<ConstantType> TypeOf(const onnx::TensorProto& tensor) {
  switch (tensor.data_type()) {
    case onnx::TensorProto::FLOAT:
      return ConstantType::kFloat;
    case onnx::TensorProto::INT8:
      return ConstantType::kInt8;
    case onnx::TensorProto::UINT8:
      return ConstantType::kUint8;
    case onnx::TensorProto::INT32:
      return ConstantType::kInt32;
    case onnx::TensorProto::INT64:
      return ConstantType::kInt64;
    default:
      return Wrong(tensor, "type", tensor.data_type(), "FLOAT, INT8, UINT8, INT32, INT64",
                   "constants of this type are not read");
  }
}

size_t BytesOf(ConstantType type) {
  switch (type) {
    case ConstantType::kInt8:
    case ConstantType::kUint8:
      return 1;
    case ConstantType::kInt64:
      return 8;
    default:
      return 4;
  }
}

void SetValues(const onnx::TensorProto& tensor, Constant& constant) {
  switch (constant.type) {
    case ConstantType::kFloat:
      constant.floats = ValuesOf<float>(tensor, tensor.float_data());
      break;
    case ConstantType::kInt8:
      SetIntegers(ValuesOf<int8_t>(tensor, tensor.int32_data()), 0, constant);
      break;
    case ConstantType::kUint8:
      SetIntegers(ValuesOf<uint8_t>(tensor, tensor.int32_data()), -128, constant);
      break;
    case ConstantType::kInt32:
      SetIntegers(ValuesOf<int32_t>(tensor, tensor.int32_data()), 0, constant);
      break;
    case ConstantType::kInt64:
      SetIntegers(ValuesOf<int64_t>(tensor, tensor.int64_data()), 0, constant);
      break;
  }
}

}  // namespace

absl::string_view ConstantTypeName(ConstantType type) {
  switch (type) {
    case ConstantType::kFloat:
      return "FLOAT";
    case ConstantType::kInt8:
      return "INT8";
    case ConstantType::kUint8:
      return "UINT8";
    case ConstantType::kInt32:
      return "INT32";
    case ConstantType::kInt64:
      return "INT64";
  }
  return "";
}

absl::StatusOr<Constant> ReadConstant(const onnx::TensorProto& tensor) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    return Wrong(tensor, "data_location", "EXTERNAL", "data in the file itself",
                 "the values lie in another file: save the model with its data inside");
  }
  if (tensor.has_segment()) {
    return Wrong(tensor, "segment", "given", "whole tensors", "the values are a part of others");
  }
  Constant constant;
  NIWAKI_ASSIGN_OR_RETURN(constant.type, TypeOf(tensor));
  constant.sizes.assign(tensor.dims().begin(), tensor.dims().end());
  const int64_t elements = CountElements(constant.sizes);
  const std::string text = absl::StrCat("[", absl::StrJoin(constant.sizes, ","), "]");
  if (elements < 0) return Wrong(tensor, "sizes", text, "", "the constant has no usable size");
  const int64_t wanted = elements * static_cast<int64_t>(BytesOf(constant.type));
  if (tensor.has_raw_data() && static_cast<int64_t>(tensor.raw_data().size()) != wanted) {
    return Wrong(tensor, "bytes", tensor.raw_data().size(), absl::StrCat(wanted),
                 "the constant is not whole");
  }
  SetValues(tensor, constant);
  if (constant.elements() != elements) {
    return Wrong(tensor, "values", constant.elements(), absl::StrCat(elements),
                 "the constant is not whole");
  }
  return constant;
}

Constant Transposed(const Constant& constant, const std::vector<int>& order) {
  Constant result = constant;
  const int axes = static_cast<int>(order.size());
  std::vector<int64_t> strides(axes, 1);
  for (int i = axes - 1; i > 0; --i) strides[i - 1] = strides[i] * constant.sizes[i];
  for (int i = 0; i < axes; ++i) {
    result.sizes[i] = constant.sizes[order[i]];
    if (order[i] == constant.axis) result.axis = i;
  }
  std::vector<int64_t> at(axes, 0);
  int64_t from = 0;
  for (int64_t to = 0; to < constant.elements(); ++to) {
    if (constant.type == ConstantType::kFloat) {
      result.floats[to] = constant.floats[from];
    } else {
      result.integers[to] = constant.integers[from];
    }
    for (int axis = axes - 1; axis >= 0; --axis) {
      from += strides[order[axis]];
      if (++at[axis] < result.sizes[axis]) break;
      from -= strides[order[axis]] * result.sizes[axis];
      at[axis] = 0;
    }
  }
  return result;
}

}  // namespace niwaki::interchange
