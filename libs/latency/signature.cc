#include "libs/latency/signature.h"

#include <array>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::latency {
namespace {

constexpr absl::string_view kDtype = "int8";
constexpr int kMaxDimension = 1 << 20;

bool ParseDimension(absl::string_view text, int& value) {
  return absl::SimpleAtoi(text, &value) && value >= 1 && value <= kMaxDimension;
}

bool ParseShape(absl::string_view text, arch::TensorShape& shape) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, 'x');
  return parts.size() == 3 && ParseDimension(parts[0], shape.height) &&
         ParseDimension(parts[1], shape.width) && ParseDimension(parts[2], shape.channels);
}

// "kN", or "kNxN" of a height and a width, behind a one-letter prefix.
bool ParseWindow(absl::string_view text, absl::string_view prefix, int& height, int& width) {
  if (!absl::ConsumePrefix(&text, prefix)) return false;
  const size_t cross = text.find('x');
  if (!ParseDimension(text.substr(0, cross), height)) return false;
  width = height;
  return cross == absl::string_view::npos || ParseDimension(text.substr(cross + 1), width);
}

bool ParsePadding(absl::string_view text, std::array<int, 4>& padding) {
  if (!absl::ConsumePrefix(&text, "p")) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  if (parts.size() != padding.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &padding[i])) return false;
    if (padding[i] < 0 || padding[i] > kMaxDimension) return false;
  }
  return true;
}

// What the kind usually has at these shapes.
std::array<int, 4> UsualPaddingOf(const OpSignature& s) {
  const arch::OpFacts& facts = arch::FactsOf(s.kind);
  const auto [top, bottom] =
      arch::UsualPaddingOf(facts, s.input.height, s.output.height, s.kernel_h, s.stride_h);
  const auto [left, right] =
      arch::UsualPaddingOf(facts, s.input.width, s.output.width, s.kernel_w, s.stride_w);
  return {top, bottom, left, right};
}

bool Parse(absl::string_view text, OpSignature& signature) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  if (parts.size() == 8) {
    std::array<int, 4>& padding = signature.padding.emplace();
    if (!ParsePadding(parts[5], padding)) return false;
    parts.erase(parts.begin() + 5);
  }
  if (parts.size() != 7 || parts[6] != kDtype) return false;
  const std::optional<arch::OpKind> kind = arch::OpKindOf(parts[0]);
  const std::optional<arch::OpActivation> activation = arch::OpActivationOf(parts[5]);
  if (!kind.has_value() || !activation.has_value()) return false;
  signature.kind = *kind;
  signature.activation = *activation;
  if (!ParseShape(parts[1], signature.input) || !ParseShape(parts[2], signature.output) ||
      !ParseWindow(parts[3], "k", signature.kernel_h, signature.kernel_w) ||
      !ParseWindow(parts[4], "s", signature.stride_h, signature.stride_w)) {
    return false;
  }
  return !signature.padding.has_value() || *signature.padding != UsualPaddingOf(signature);
}

}  // namespace

OpSignature OpSignature::Of(const arch::Graph& graph, const arch::Op& op) {
  OpSignature signature;
  signature.kind = op.kind;
  signature.activation = op.activation;
  signature.kernel_h = op.kernel_h;
  signature.kernel_w = op.kernel_w;
  signature.stride_h = op.stride_h;
  signature.stride_w = op.stride_w;
  signature.input = graph.shape(op.input);
  signature.output = graph.shape(op.output);
  if (!arch::HasUsualPadding(graph, op)) {
    signature.padding = {op.padding.top, op.padding.bottom, op.padding.left, op.padding.right};
  }
  return signature;
}

std::string OpSignature::ToText() const {
  return absl::StrCat(
      arch::OpKindName(kind), " ", arch::ShapeText(input), " ", arch::ShapeText(output), " k",
      arch::WindowText(kernel_h, kernel_w), " s", arch::WindowText(stride_h, stride_w), " ",
      padding.has_value() ? absl::StrCat("p", absl::StrJoin(*padding, ","), " ") : "",
      arch::OpActivationName(activation), " ", kDtype);
}

absl::StatusOr<OpSignature> OpSignature::FromText(absl::string_view text) {
  OpSignature signature;
  // Numbers have more than one spelling; only the canonical one is a key.
  if (Parse(text, signature) && signature.ToText() == text) return signature;
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("signature")
      .Value(text.substr(0, 200))
      .Limit("KIND HxWxC HxWxC kN[xN] sN[xN] [pN,N,N,N] ACTIVATION int8")
      .Message(absl::StrCat("not an operator signature: ", text.substr(0, 200)));
}

}  // namespace niwaki::latency
