// OpForm: how an operator is emitted in its schedule, as far as its figures in the lookup table
// depend on it. Part of a row's key, beside OpSignature.
//
// Of operators that run whole that is the order of bytes of what they read and write: a depthwise
// convolution has planes of channels on both sides, and so have the operators before and behind it.

#ifndef NIWAKI_LIBS_LATENCY_OP_FORM_H_
#define NIWAKI_LIBS_LATENCY_OP_FORM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/layouts.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {

enum class OpForm : uint8_t {
  // The row does not say.
  kUnknown,
  // Channels innermost on both sides.
  kWhole,
  kWholePlanarInput,
  kWholePlanarOutput,
  kWholePlanar,
};
inline constexpr int kNumOpForms = 5;

// "", "whole", "whole planar_input", "whole planar_output", "whole planar": stored, never change
// one.
absl::string_view OpFormText(OpForm form);
// nullopt for another text: rows of schedules that this program does not know are kept, not used.
std::optional<OpForm> OpFormOf(absl::string_view text);

// Of an operator whose tensors have these layouts (engine::WholeLayouts).
OpForm FormOf(const arch::Op& op, const std::vector<engine::Layout>& layouts);

inline bool HasPlanarInput(OpForm form) {
  return form == OpForm::kWholePlanarInput || form == OpForm::kWholePlanar;
}
inline bool HasPlanarOutput(OpForm form) {
  return form == OpForm::kWholePlanarOutput || form == OpForm::kWholePlanar;
}

// An operator as it is emitted.
struct EmittedOp {
  OpSignature signature;
  OpForm form = OpForm::kWhole;

  friend bool operator==(const EmittedOp& a, const EmittedOp& b) {
    return a.form == b.form && a.signature == b.signature;
  }
  template <typename H>
  friend H AbslHashValue(H h, const EmittedOp& op) {
    return H::combine(std::move(h), op.signature, op.form);
  }
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_OP_FORM_H_
