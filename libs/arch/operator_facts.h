// What is known of each kind of operator, in one table. Shapes, costs, the memory plan, latency and
// the forward pass read it; none of them says such a fact a second time.
//
// A new kind is an enumerator, a row here, its kernels, and its place in the code that runs
// operators (libs/supernet).

#ifndef NIWAKI_LIBS_ARCH_OPERATOR_FACTS_H_
#define NIWAKI_LIBS_ARCH_OPERATOR_FACTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace niwaki::arch {

enum class OpKind : uint8_t {
  // [H, W, Ci] → [Ho, Wo, Co], any kernel, stride and padding.
  kConv2d,
  // [H, W, C] → [Ho, Wo, C], one filter a channel.
  kDepthwiseConv2d,
  // Two tensors of one shape → their sum.
  kAdd,
  // [H, W, C] times [1, 1, C] → [H, W, C]: applies a squeeze-excite gate.
  kMul,
  // [H, W, C] → [1, 1, C]: mean over height and width.
  kGlobalAvgPool,
  // [1, 1, Ci] → [1, 1, Co].
  kLinear,
  // [H, W, C] → [Ho, Wo, C], largest of each window; padding is never the largest.
  kMaxPool,
  // [H, W, C] → [Ho, Wo, C], mean of each window; padding does not count.
  kAvgPool,
  // Kinds from here on are not in networks of spaces: imported ones have them.
  // [H, W, C] → [Ho, Wo, C], the padding of the operator around it.
  kPad,
  // [H, W, Ci] for each input → [H, W, sum of Ci].
  kConcat,
  // The same elements in the same order (row, column, channel) as another shape.
  kReshape,
  // Axes in another order: OpExtra::order.
  kTranspose,
  // [H, W, C] → the same shape, normalised over channels.
  kSoftmax,
  // The mean over one axis of those that OpExtra::axes names, or over two that stand side by side.
  kMean,
  // [H, W, C] → [kH, lW, C]: every pixel k times down and l times across.
  kUpsample,
  // The operator's activation alone.
  kActivation,
  // The same numbers at another scale: int8 → int8.
  kRescale,
  // float → int8 at the border of a network, and back.
  kQuantize,
  kDequantize,
};
inline constexpr int kNumOpKinds = 19;

// kHardSigmoid follows a gate inside squeeze-excite; kLogistic is in imported networks alone.
enum class OpActivation : uint8_t { kNone, kRelu, kRelu6, kHardSwish, kHardSigmoid, kLogistic };
inline constexpr int kNumOpActivations = 6;

// Shape of an operator's weight.
enum class WeightForm : uint8_t {
  kNone,
  // [Co, Ci, kernel_h, kernel_w]
  kDense,
  // [C, 1, kernel_h, kernel_w]
  kPerChannel,
  // [Co, Ci]
  kMatrix,
};

// Which rows of the input a row of the output needs.
enum class RowNeed : uint8_t {
  // The row of the same number.
  kSame,
  // Those that the kernel covers.
  kWindow,
  // The row that the padding above puts there; none for a row of padding.
  kPadded,
  // The row that it repeats.
  kScaled,
  // All of them.
  kAll,
};

// The padding that networks give a kind, unless they say otherwise.
enum class UsualPadding : uint8_t {
  // None: the kind has no windows.
  kNone,
  // Half a kernel on every side.
  kHalfKernel,
  // None above and left; below and right as much as the last window needs.
  kCutOff,
};

// How an output may take the place of an input that nobody reads later.
enum class InPlace : uint8_t {
  kNever,
  // Element by element, over either operand.
  kElementwise,
  // Channel by channel, by way of a copy of one channel's plane in scratch memory.
  kByChannel,
};

// What the int8 kernel needs besides its tensors (libs/engine/plan/scratch.h).
enum class ScratchForm : uint8_t {
  kNone,
  // The patches of some output pixels.
  kPatches,
  // One channel's plane with its padding.
  kPaddedPlane,
  // The input, widened.
  kInput,
};

struct OpFacts {
  OpKind kind;
  // In signatures, databases and JSON: never change one.
  absl::string_view name;
  // What an operator without weights is called where it stands: in a block, and outside of all.
  absl::string_view place_in_block;
  absl::string_view place_outside;
  // Inputs that it reads: 1 or 2, or 0 where OpExtra::inputs lists them.
  int8_t inputs;
  WeightForm weight;
  // May carry a bias and a batch norm.
  bool bias;
  bool batch_norm;
  RowNeed rows;
  UsualPadding padding;
  InPlace in_place;
  ScratchForm scratch;
  // Whose int8 kernels cost alike: a key of latency models. `pointwise_cost` where a 1x1 kernel has
  // one of its own; else empty.
  absl::string_view cost;
  absl::string_view pointwise_cost;
};

// In the order of OpKind. Nobody has measured pooling by windows, nor what imported networks have
// besides: like the global pool they read their input and do little with it.
inline constexpr std::array<OpFacts, kNumOpKinds> kOpFacts = {{
    {OpKind::kConv2d, "conv2d", "conv2d", "stem.conv2d", 1, WeightForm::kDense, true, true,
     RowNeed::kWindow, UsualPadding::kHalfKernel, InPlace::kNever, ScratchForm::kPatches, "conv",
     "pointwise_conv"},
    {OpKind::kDepthwiseConv2d, "depthwise_conv2d", "depthwise_conv2d", "stem.depthwise_conv2d", 1,
     WeightForm::kPerChannel, true, true, RowNeed::kWindow, UsualPadding::kHalfKernel,
     InPlace::kByChannel, ScratchForm::kPaddedPlane, "depthwise_conv", ""},
    {OpKind::kAdd, "add", "add", "stem.add", 2, WeightForm::kNone, false, false, RowNeed::kSame,
     UsualPadding::kNone, InPlace::kElementwise, ScratchForm::kNone, "add", ""},
    {OpKind::kMul, "mul", "squeeze_scale", "stem.squeeze_scale", 2, WeightForm::kNone, false, false,
     RowNeed::kSame, UsualPadding::kNone, InPlace::kElementwise, ScratchForm::kNone, "mul", ""},
    {OpKind::kGlobalAvgPool, "global_avg_pool", "squeeze_pool", "head.pool", 1, WeightForm::kNone,
     false, false, RowNeed::kAll, UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kLinear, "linear", "linear", "stem.linear", 1, WeightForm::kMatrix, true, true,
     RowNeed::kAll, UsualPadding::kNone, InPlace::kNever, ScratchForm::kInput, "linear", ""},
    {OpKind::kMaxPool, "max_pool", "max_pool", "stem.max_pool", 1, WeightForm::kNone, false, false,
     RowNeed::kWindow, UsualPadding::kHalfKernel, InPlace::kNever, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kAvgPool, "avg_pool", "avg_pool", "stem.avg_pool", 1, WeightForm::kNone, false, false,
     RowNeed::kWindow, UsualPadding::kCutOff, InPlace::kNever, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kPad, "pad", "pad", "pad", 1, WeightForm::kNone, false, false, RowNeed::kPadded,
     UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone, "global_avg_pool", ""},
    {OpKind::kConcat, "concat", "concat", "concat", 0, WeightForm::kNone, false, false,
     RowNeed::kSame, UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone, "global_avg_pool",
     ""},
    {OpKind::kReshape, "reshape", "reshape", "reshape", 1, WeightForm::kNone, false, false,
     RowNeed::kAll, UsualPadding::kNone, InPlace::kElementwise, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kTranspose, "transpose", "transpose", "transpose", 1, WeightForm::kNone, false, false,
     RowNeed::kAll, UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone, "global_avg_pool",
     ""},
    {OpKind::kSoftmax, "softmax", "softmax", "softmax", 1, WeightForm::kNone, false, false,
     RowNeed::kSame, UsualPadding::kNone, InPlace::kElementwise, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kMean, "mean", "mean", "mean", 1, WeightForm::kNone, false, false, RowNeed::kAll,
     UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone, "global_avg_pool", ""},
    {OpKind::kUpsample, "upsample", "upsample", "upsample", 1, WeightForm::kNone, false, false,
     RowNeed::kScaled, UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone, "global_avg_pool",
     ""},
    {OpKind::kActivation, "activation", "activation", "activation", 1, WeightForm::kNone, false,
     false, RowNeed::kSame, UsualPadding::kNone, InPlace::kElementwise, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kRescale, "rescale", "rescale", "rescale", 1, WeightForm::kNone, false, false,
     RowNeed::kSame, UsualPadding::kNone, InPlace::kElementwise, ScratchForm::kNone,
     "global_avg_pool", ""},
    {OpKind::kQuantize, "quantize", "quantize", "quantize", 1, WeightForm::kNone, false, false,
     RowNeed::kSame, UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone, "global_avg_pool",
     ""},
    {OpKind::kDequantize, "dequantize", "dequantize", "dequantize", 1, WeightForm::kNone, false,
     false, RowNeed::kSame, UsualPadding::kNone, InPlace::kNever, ScratchForm::kNone,
     "global_avg_pool", ""},
}};

constexpr const OpFacts& FactsOf(OpKind kind) { return kOpFacts[static_cast<size_t>(kind)]; }

// In the order of OpActivation. Names as above.
inline constexpr std::array<absl::string_view, kNumOpActivations> kOpActivationNames = {
    "none", "relu", "relu6", "hard_swish", "hard_sigmoid", "logistic"};

constexpr absl::string_view OpKindName(OpKind kind) { return FactsOf(kind).name; }
constexpr absl::string_view OpActivationName(OpActivation activation) {
  return kOpActivationNames[static_cast<size_t>(activation)];
}

// The reverse; nullopt for another text.
std::optional<OpKind> OpKindOf(absl::string_view name);
std::optional<OpActivation> OpActivationOf(absl::string_view name);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_OPERATOR_FACTS_H_
