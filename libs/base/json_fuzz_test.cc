#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {R"({"a": [1, -2.5e3, true, null], "b": {"c": "\u00e9\n"}})", "[[[]]]", "3"};
}

bool Run(absl::string_view input) {
  const auto json = ParseJson(input, "input");
  if (!json.ok()) return false;
  const auto again = ParseJson(json->dump(), "output");
  NIWAKI_CHECK(again.ok() && *again == *json);
  return true;
}

}  // namespace niwaki::fuzz
