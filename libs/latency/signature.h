// OpSignature: everything about an operator that changes its latency, and nothing else. The key of
// the lookup table.

#ifndef NIWAKI_LIBS_LATENCY_SIGNATURE_H_
#define NIWAKI_LIBS_LATENCY_SIGNATURE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::latency {

// A small value; the weights' contents, the batch norm (folded) and the place in the network are
// left out. Activations are int8.
struct OpSignature {
  arch::OpKind kind = arch::OpKind::kConv2d;
  arch::OpActivation activation = arch::OpActivation::kNone;
  int kernel_h = 1;
  int kernel_w = 1;
  int stride_h = 1;
  int stride_w = 1;
  arch::TensorShape input;
  arch::TensorShape output;
  // Rows above and below the input, columns left and right of it; nullopt where they are what the
  // kind usually has (arch::UsualPadding), as in all networks of spaces.
  std::optional<std::array<int, 4>> padding;

  static OpSignature Of(const arch::Graph& graph, const arch::Op& op);

  // Canonical text: "conv2d 48x48x8 48x48x24 k1 s1 relu6 int8" (input, output as height x width x
  // channels). Windows that are not square have height x width, and padding that is not the usual
  // one stands behind the stride, top, bottom, left, right: "conv2d 49x10x1 25x5x64 k10x4 s2
  // p4,5,1,1 relu int8".
  std::string ToText() const;
  // The reverse; InvalidArgument with reason ARGUMENT_INVALID for anything that ToText would not
  // write.
  static absl::StatusOr<OpSignature> FromText(absl::string_view text);

  friend bool operator==(const OpSignature& a, const OpSignature& b) {
    return a.kind == b.kind && a.activation == b.activation && a.kernel_h == b.kernel_h &&
           a.kernel_w == b.kernel_w && a.stride_h == b.stride_h && a.stride_w == b.stride_w &&
           SameShape(a.input, b.input) && SameShape(a.output, b.output) && a.padding == b.padding;
  }
  template <typename H>
  friend H AbslHashValue(H h, const OpSignature& s) {
    // Three words instead of twelve: numbers of networks do not overlap in them, and equality tells
    // the rest apart, padding too, which is rare.
    return H::combine(std::move(h),
                      Word(s.kind) << 56 ^ Word(s.activation) << 48 ^ Word(s.kernel_h) << 36 ^
                          Word(s.kernel_w) << 24 ^ Word(s.stride_h) << 12 ^ Word(s.stride_w),
                      HashWord(s.input), HashWord(s.output));
  }

 private:
  template <typename T>
  static uint64_t Word(T value) {
    return static_cast<uint64_t>(value);
  }
  static uint64_t HashWord(const arch::TensorShape& shape) {
    return Word(shape.height) << 42 ^ Word(shape.width) << 21 ^ Word(shape.channels);
  }
  static bool SameShape(const arch::TensorShape& a, const arch::TensorShape& b) {
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
  }
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_SIGNATURE_H_
