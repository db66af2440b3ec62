#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/latency/signature.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {"conv2d 48x48x8 48x48x24 k1 s1 relu6 int8",
          "depthwise_conv2d 8x8x8 4x4x8 k7 s2 none int8"};
}

bool Run(absl::string_view input) {
  const auto signature = latency::OpSignature::FromText(input);
  if (!signature.ok()) return false;
  NIWAKI_CHECK(signature->ToText() == input);
  return true;
}

}  // namespace niwaki::fuzz
