#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

const arch::SearchSpace& Space() {
  static const auto& space = *new arch::SearchSpace(*arch::CatalogueSpace("kws"));
  return space;
}

}  // namespace

std::vector<std::string> Seeds() {
  Random random(1);
  return {arch::ToJson(Space(), arch::MaxSubnet(Space())),
          arch::ToJson(Space(), arch::MinSubnet(Space())),
          arch::ToJson(Space(), arch::SampleSubnet(Space(), random))};
}

bool Run(absl::string_view input) {
  const auto subnet = arch::SubnetFromJson(Space(), input);
  if (!subnet.ok()) return false;
  NIWAKI_CHECK(arch::Validate(Space(), *subnet).ok());
  const auto again = arch::SubnetFromJson(Space(), arch::ToJson(Space(), *subnet));
  NIWAKI_CHECK(again.ok() && *again == *subnet);
  return true;
}

}  // namespace niwaki::fuzz
