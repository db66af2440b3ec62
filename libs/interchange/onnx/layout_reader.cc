#include "libs/interchange/onnx/layout_reader.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/onnx/constant.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/tensor_view.h"

namespace niwaki::interchange {
namespace {

// Zero points of the channels of a layer, and the like.
constexpr int64_t kMostRepeated = 1 << 16;

}  // namespace

absl::Status LayoutReader::ReadIdentity() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  return SetOutput(*value);
}

absl::Status LayoutReader::SetView(const Value& value, const std::vector<int64_t>& sizes) {
  int64_t before = 1;
  int64_t after = 1;
  const std::vector<int64_t> old =
      value.kind == Value::Kind::kConstant ? value.constant->sizes : value.view.sizes();
  for (const int64_t size : old) before *= size;
  for (const int64_t size : sizes) {
    if (size < 1 || (after *= size) > before) after = before + 1;
    if (after > before) break;
  }
  if (after != before) {
    return Wrong("shape", SizesText(sizes), absl::StrCat(before, " elements"),
                 "a reshape keeps every element");
  }
  Value reshaped = value;
  if (value.kind == Value::Kind::kConstant) {
    if (value.constant->scales.size() > 1) {
      return Wrong("input 0", node_->input(0), "one scale",
                   "a constant with a scale a channel keeps its shape");
    }
    Constant constant = *value.constant;
    constant.sizes = sizes;
    return SetConstant(std::move(constant));
  }
  NIWAKI_RETURN_IF_ERROR(CheckSizes("shape", sizes));
  std::optional<TensorView> view = value.view.Reshaped(sizes);
  if (!view.has_value()) {
    return Wrong("shape", SizesText(sizes), "axes that do not cut through others in memory",
                 "the reshape is not read");
  }
  reshaped.view = *std::move(view);
  return SetOutput(reshaped);
}

std::vector<int64_t> LayoutReader::SizesOf(const Value& value) const {
  return value.kind == Value::Kind::kConstant ? value.constant->sizes : value.view.sizes();
}

absl::Status LayoutReader::ReadFlatten() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  const std::vector<int64_t> sizes = SizesOf(*value);
  const auto axes = static_cast<int64_t>(sizes.size());
  int64_t axis = Integer("axis", 1);
  if (axis < 0) axis += axes;
  if (axis < 0 || axis > axes) {
    return Wrong("axis", axis, absl::StrCat("0 to ", axes), "there is no such axis");
  }
  std::vector<int64_t> flat = {1, 1};
  for (int64_t i = 0; i < axes; ++i) flat[i < axis ? 0 : 1] *= sizes[i];
  return SetView(*value, flat);
}

absl::Status LayoutReader::ReadReshape() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<int64_t> sizes, IntegerInput(1));
  const std::vector<int64_t> old = SizesOf(*value);
  int64_t elements = 1;
  for (const int64_t size : old) elements *= size;
  int64_t known = 1;
  int free = -1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 && i < old.size() && Integer("allowzero", 0) == 0) sizes[i] = old[i];
    if (sizes[i] == -1 && free < 0) {
      free = static_cast<int>(i);
    } else if (sizes[i] < 1 || (known *= sizes[i]) > elements) {
      return Wrong("shape", SizesText(sizes), absl::StrCat(elements, " elements"),
                   "a reshape keeps every element");
    }
  }
  if (free >= 0) sizes[free] = elements / known;
  return SetView(*value, sizes);
}

// Axes of input 1, counted from the front.
absl::StatusOr<std::vector<bool>> LayoutReader::AxesMarked(int64_t axes) {
  std::vector<bool> marked(axes, false);
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers, IntegerInput(1));
  for (int64_t axis : numbers) {
    if (axis < 0) axis += axes;
    if (axis < 0 || axis >= axes || marked[axis]) {
      return Wrong("axes", SizesText(numbers), absl::StrCat("each of ", axes, " axes once"),
                   "there is no such axis");
    }
    marked[axis] = true;
  }
  return marked;
}

absl::Status LayoutReader::ReadSqueeze() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  const std::vector<int64_t> sizes = SizesOf(*value);
  std::vector<bool> marked(sizes.size(), true);
  if (HasInput(1)) {
    NIWAKI_ASSIGN_OR_RETURN(marked, AxesMarked(static_cast<int64_t>(sizes.size())));
  }
  std::vector<int64_t> left;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!marked[i] || sizes[i] != 1) left.push_back(sizes[i]);
  }
  return SetView(*value, left);
}

absl::Status LayoutReader::ReadUnsqueeze() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> added, IntegerInput(1));
  std::vector<int64_t> sizes = SizesOf(*value);
  if (added.size() > 4) {
    return Wrong("axes", SizesText(added), "up to 4", "the tensor has too many axes");
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<bool> marked,
                          AxesMarked(static_cast<int64_t>(sizes.size() + added.size())));
  std::vector<int64_t> wider;
  size_t next = 0;
  for (const bool is_new : marked) wider.push_back(is_new ? 1 : sizes[next++]);
  return SetView(*value, wider);
}

absl::Status LayoutReader::ReadTranspose() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  const size_t axes = SizesOf(*value).size();
  std::vector<int64_t> reversed;
  for (size_t i = axes; i-- > 0;) reversed.push_back(static_cast<int64_t>(i));
  const std::vector<int64_t> order = Integers("perm", reversed);
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::reverse(sorted.begin(), sorted.end());
  if (sorted != reversed) {
    return Wrong("perm", SizesText(order), absl::StrCat("each of ", axes, " axes once"),
                 "the transpose is not read");
  }
  const std::vector<int> permutation(order.begin(), order.end());
  if (value->kind == Value::Kind::kConstant) {
    NIWAKI_RETURN_IF_ERROR(Spend(value->constant->elements()));
    return SetConstant(Transposed(*value->constant, permutation));
  }
  Value moved = *value;
  moved.view = value->view.Transposed(permutation);
  return SetOutput(moved);
}

absl::Status LayoutReader::ReadConstantNode() {
  NIWAKI_ASSIGN_OR_RETURN(Constant constant, ConstantAttribute());
  return SetConstant(std::move(constant));
}

absl::StatusOr<Constant> LayoutReader::ConstantAttribute() {
  const onnx::AttributeProto* value = FindAttribute("value");
  if (value == nullptr || !value->has_t()) {
    return Wrong("value", "none", "a tensor", "the constant is not read");
  }
  auto constant = ReadConstant(value->t());
  if (constant.ok()) return constant;
  return Wrong("value", node_->name(), "", constant.status().message());
}

absl::Status LayoutReader::ReadConstantOfShape() {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes, IntegerInput(0));
  Constant constant;
  constant.floats = {0};
  if (FindAttribute("value") != nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(constant, ConstantAttribute());
  }
  int64_t elements = constant.elements() == 1 ? 1 : -1;
  for (const int64_t size : sizes) {
    if (size < 1 || elements < 1 || size > kMostRepeated / elements) elements = -1;
    if (elements > 0) elements *= size;
  }
  if (elements < 0) {
    return Wrong("shape", SizesText(sizes), absl::StrCat("up to ", kMostRepeated, " elements"),
                 "the constant has no usable size");
  }
  constant.sizes = sizes;
  if (constant.type == ConstantType::kFloat) {
    constant.floats.assign(static_cast<size_t>(elements), constant.floats[0]);
  } else {
    constant.integers.assign(static_cast<size_t>(elements), constant.integers[0]);
  }
  return SetConstant(std::move(constant));
}

absl::Status LayoutReader::ReadCast() {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
  const int64_t to = Integer("to", 0);
  bool same = false;
  switch (value->kind) {
    case Value::Kind::kLevels:
      same = to == (value->is_unsigned ? onnx::TensorProto::UINT8 : onnx::TensorProto::INT8);
      break;
    case Value::Kind::kConstant:
      same = (value->constant->type == ConstantType::kInt32 && to == onnx::TensorProto::INT32) ||
             (value->constant->type == ConstantType::kInt64 && to == onnx::TensorProto::INT64) ||
             (value->constant->type == ConstantType::kFloat && to == onnx::TensorProto::FLOAT);
      break;
    default:
      same = to == onnx::TensorProto::FLOAT;
  }
  if (same) return SetOutput(*value);
  return Wrong("to", to, "the type that it has", "no value is read as one of another type");
}

}  // namespace niwaki::interchange
