#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/jobs/lease_table.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() { return {"l1-0-1", "l9223372036854775807-9-12"}; }

bool Run(absl::string_view input) {
  const auto id = jobs::LeaseId::Parse(input);
  if (!id.ok()) return false;
  NIWAKI_CHECK(id->ToString() == input);
  return true;
}

}  // namespace niwaki::fuzz
