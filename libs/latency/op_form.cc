#include "libs/latency/op_form.h"

#include <array>
#include <cstddef>

namespace niwaki::latency {
namespace {

constexpr std::array<absl::string_view, kNumOpForms> kTexts = {
    "", "whole", "whole planar_input", "whole planar_output", "whole planar"};

}  // namespace

absl::string_view OpFormText(OpForm form) { return kTexts[static_cast<size_t>(form)]; }

std::optional<OpForm> OpFormOf(absl::string_view text) {
  for (size_t i = 0; i < kTexts.size(); ++i) {
    if (kTexts[i] == text) return static_cast<OpForm>(i);
  }
  return std::nullopt;
}

OpForm FormOf(const arch::Op& op, const std::vector<engine::Layout>& layouts) {
  const bool input = op.input >= 0 && layouts[op.input] == engine::Layout::kPlanar;
  const bool output = layouts[op.output] == engine::Layout::kPlanar;
  if (input) return output ? OpForm::kWholePlanar : OpForm::kWholePlanarInput;
  return output ? OpForm::kWholePlanarOutput : OpForm::kWhole;
}

}  // namespace niwaki::latency
