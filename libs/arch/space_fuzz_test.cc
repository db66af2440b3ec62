#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/log.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

std::string CatalogueText(absl::string_view name) {
  return arch::CatalogueSpace(name)->ToTextproto();
}

}  // namespace

std::vector<std::string> Seeds() { return {CatalogueText("kws"), CatalogueText("mcunet")}; }

bool Run(absl::string_view input) {
  const auto space = arch::SearchSpace::FromTextproto(input);
  if (!space.ok()) return false;
  const auto again = arch::SearchSpace::FromTextproto(space->ToTextproto());
  NIWAKI_CHECK(again.ok() && again->structure() == space->structure());
  NIWAKI_CHECK(arch::BuildGraph(*space, arch::MaxSubnet(*space)).ops.size() >=
               arch::BuildGraph(*space, arch::MinSubnet(*space)).ops.size());
  return true;
}

}  // namespace niwaki::fuzz
