// Classes of operators whose kernels cost alike, finer than CostKindOf: by kind, window, stride and
// whether the output is clamped at 0. A latency model may have coefficients for a class; operators
// of classes that it has none for are those of their kind.

#ifndef NIWAKI_LIBS_LATENCY_OPERATOR_CLASS_H_
#define NIWAKI_LIBS_LATENCY_OPERATOR_CLASS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::latency {

// Windows are 1, 3, 5, 7 or any other, strides 1, 2 or any other; clamped or not.
inline constexpr int kClassesOfKind = 5 * 3 * 2;
inline constexpr int kNumOperatorClasses = arch::kNumOpKinds * kClassesOfKind;

// From 0 to kNumOperatorClasses - 1. Only square windows of equal strides have a class of their
// own; those of another are of class "other".
int OperatorClassOf(const arch::Op& op);

// The name of a class in models: "conv2d_1x1", "depthwise_conv2d_5x5_s2_clamped", "softmax". Never
// change one: databases hold them. Empty for a class of another window or stride, which has no
// name.
std::string OperatorClassName(int operator_class);

// The reverse; -1 for any other text.
int OperatorClassNamed(absl::string_view name);

// Whether it is of windows of one pixel, whatever the stride.
bool IsPointwiseClass(int operator_class);

// The class of what looks up a table of 256 levels: a kActivation, and what a space writes as the
// hard-swish or hard-sigmoid of another operator.
int TableLookUpClass();

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_OPERATOR_CLASS_H_
