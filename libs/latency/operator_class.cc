#include "libs/latency/operator_class.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"

namespace niwaki::latency {
namespace {

using arch::OpActivation;
using arch::OpKind;

constexpr int kWindows[] = {1, 3, 5, 7};
constexpr int kNumWindows = 5;
constexpr int kOtherWindow = kNumWindows - 1;
constexpr int kNumStrides = 3;
constexpr int kOtherStride = kNumStrides - 1;
static_assert(kNumWindows * kNumStrides * 2 == kClassesOfKind);

int WindowIndex(const arch::Op& op) {
  if (op.kernel_h != op.kernel_w) return kOtherWindow;
  for (int i = 0; i < kOtherWindow; ++i) {
    if (op.kernel_h == kWindows[i]) return i;
  }
  return kOtherWindow;
}

int StrideIndex(const arch::Op& op) {
  if (op.stride_h != op.stride_w || op.stride_h > kOtherStride) return kOtherStride;
  return op.stride_h - 1;
}

bool HasWindows(OpKind kind) {
  return kind == OpKind::kConv2d || kind == OpKind::kDepthwiseConv2d || kind == OpKind::kMaxPool ||
         kind == OpKind::kAvgPool;
}

int ClassOf(OpKind kind, int window, int stride, bool clamped) {
  return ((static_cast<int>(kind) * kNumWindows + window) * kNumStrides + stride) * 2 +
         (clamped ? 1 : 0);
}

}  // namespace

int OperatorClassOf(const arch::Op& op) {
  const bool clamped =
      op.activation == OpActivation::kRelu || op.activation == OpActivation::kRelu6;
  if (!HasWindows(op.kind)) return ClassOf(op.kind, 0, 0, clamped);
  return ClassOf(op.kind, WindowIndex(op), StrideIndex(op), clamped);
}

std::string OperatorClassName(int operator_class) {
  const bool clamped = operator_class % 2 == 1;
  const int stride = operator_class / 2 % kNumStrides;
  const int window = operator_class / 2 / kNumStrides % kNumWindows;
  const auto kind = static_cast<OpKind>(operator_class / kClassesOfKind);
  std::string name(arch::OpKindName(kind));
  if (window == kOtherWindow || stride == kOtherStride) return "";
  if (HasWindows(kind)) {
    absl::StrAppend(&name, "_", kWindows[window], "x", kWindows[window], stride == 1 ? "_s2" : "");
  } else if (window > 0 || stride > 0) {
    return "";
  }
  absl::StrAppend(&name, clamped ? "_clamped" : "");
  return name;
}

int OperatorClassNamed(absl::string_view name) {
  static const auto* const classes = [] {
    auto* const named = new absl::flat_hash_map<std::string, int>;
    for (int i = 0; i < kNumOperatorClasses; ++i) {
      std::string text = OperatorClassName(i);
      if (!text.empty()) named->emplace(std::move(text), i);
    }
    return named;
  }();
  const auto it = classes->find(name);
  return it == classes->end() ? -1 : it->second;
}

bool IsPointwiseClass(int operator_class) {
  return operator_class / 2 / kNumStrides % kNumWindows == 0;
}

int TableLookUpClass() { return ClassOf(OpKind::kActivation, 0, 0, /*clamped=*/false); }

}  // namespace niwaki::latency
