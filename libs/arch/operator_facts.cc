#include "libs/arch/operator_facts.h"

namespace niwaki::arch {
namespace {

constexpr bool RowsStandInOrder() {
  for (size_t i = 0; i < kOpFacts.size(); ++i) {
    if (kOpFacts[i].kind != static_cast<OpKind>(i) || kOpFacts[i].name.empty()) return false;
  }
  return true;
}
static_assert(RowsStandInOrder(), "every kind has its row, in the order of OpKind");

}  // namespace

std::optional<OpKind> OpKindOf(absl::string_view name) {
  for (const OpFacts& facts : kOpFacts) {
    if (facts.name == name) return facts.kind;
  }
  return std::nullopt;
}

std::optional<OpActivation> OpActivationOf(absl::string_view name) {
  for (size_t i = 0; i < kOpActivationNames.size(); ++i) {
    if (kOpActivationNames[i] == name) return static_cast<OpActivation>(i);
  }
  return std::nullopt;
}

}  // namespace niwaki::arch
