#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/lease/lease_id.h"
#include "libs/lease/test_refs.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

template <typename Ref>
bool Reads(absl::string_view input) {
  const auto id = lease::LeaseId<Ref>::Parse(input);
  if (!id.ok()) return false;
  NIWAKI_CHECK(id->ToString() == input);
  NIWAKI_CHECK(id->epoch >= 1);
  return true;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"l1-0-1", "l9223372036854775807-9-12", "m0-1", "m9223372036854775807-3"};
}

bool Run(absl::string_view input) {
  const bool pair = Reads<lease::PairRef>(input);
  const bool number = Reads<lease::NumberRef>(input);
  // No text is an id of two kinds.
  NIWAKI_CHECK(!pair || !number);
  return pair || number;
}

}  // namespace niwaki::fuzz
