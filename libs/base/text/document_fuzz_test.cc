#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/base/text/document.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

int Depth(const DocumentNode& node) {
  int deepest = 0;
  for (const DocumentNode& item : node.items) deepest = std::max(deepest, Depth(item));
  for (const auto& field : node.fields) deepest = std::max(deepest, Depth(field.second));
  return deepest + 1;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"a: 1\nb: [x, 'y', \"z\"]\nc: {d: ~}\n", R"({"a": [1, {"b": null}]})", "- 1\n- 2\n"};
}

bool Run(absl::string_view input) {
  const auto document = ParseDocument(input, "input");
  if (!document.ok()) {
    NIWAKI_CHECK(document.status().code() == absl::StatusCode::kInvalidArgument);
    return false;
  }
  NIWAKI_CHECK(Depth(*document) <= kMaxDocumentDepth + 1);
  return true;
}

}  // namespace niwaki::fuzz
