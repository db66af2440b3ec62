#include "libs/latency/signature.h"

#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::latency {
namespace {

// In the order of arch::OpKind and arch::OpActivation.
constexpr absl::string_view kKindNames[] = {"conv2d",   "depthwise_conv2d", "add",
                                            "mul",      "global_avg_pool",  "linear",
                                            "max_pool", "avg_pool"};
constexpr absl::string_view kActivationNames[] = {"none", "relu", "relu6", "hard_swish",
                                                  "hard_sigmoid"};
constexpr absl::string_view kDtype = "int8";
constexpr int kMaxDimension = 1 << 20;

std::string ShapeText(const arch::TensorShape& shape) {
  return absl::StrCat(shape.height, "x", shape.width, "x", shape.channels);
}

bool ParseDimension(absl::string_view text, int& value) {
  return absl::SimpleAtoi(text, &value) && value >= 1 && value <= kMaxDimension;
}

bool ParseShape(absl::string_view text, arch::TensorShape& shape) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, 'x');
  return parts.size() == 3 && ParseDimension(parts[0], shape.height) &&
         ParseDimension(parts[1], shape.width) && ParseDimension(parts[2], shape.channels);
}

template <typename Enum, size_t N>
bool ParseName(absl::string_view text, const absl::string_view (&names)[N], Enum& value) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] != text) continue;
    value = static_cast<Enum>(i);
    return true;
  }
  return false;
}

bool Parse(absl::string_view text, OpSignature& signature) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  if (parts.size() != 7 || parts[6] != kDtype) return false;
  absl::string_view kernel = parts[3];
  absl::string_view stride = parts[4];
  return ParseName(parts[0], kKindNames, signature.kind) && ParseShape(parts[1], signature.input) &&
         ParseShape(parts[2], signature.output) && absl::ConsumePrefix(&kernel, "k") &&
         ParseDimension(kernel, signature.kernel_size) && absl::ConsumePrefix(&stride, "s") &&
         ParseDimension(stride, signature.stride) &&
         ParseName(parts[5], kActivationNames, signature.activation);
}

}  // namespace

OpSignature OpSignature::Of(const arch::Graph& graph, const arch::Op& op) {
  return {op.kind,   op.activation,         op.kernel_size,
          op.stride, graph.shape(op.input), graph.shape(op.output)};
}

std::string OpSignature::ToText() const {
  return absl::StrCat(kKindNames[static_cast<int>(kind)], " ", ShapeText(input), " ",
                      ShapeText(output), " k", kernel_size, " s", stride, " ",
                      kActivationNames[static_cast<int>(activation)], " ", kDtype);
}

absl::StatusOr<OpSignature> OpSignature::FromText(absl::string_view text) {
  OpSignature signature;
  // Numbers have more than one spelling; only the canonical one is a key.
  if (Parse(text, signature) && signature.ToText() == text) return signature;
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("signature")
      .Value(text.substr(0, 200))
      .Limit("KIND HxWxC HxWxC kN sN ACTIVATION int8")
      .Message(absl::StrCat("not an operator signature: ", text.substr(0, 200)));
}

}  // namespace niwaki::latency
