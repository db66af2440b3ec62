#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/latency/signature.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {"conv2d 48x48x8 48x48x24 k1 s1 relu6 int8",
          "depthwise_conv2d 8x8x8 4x4x8 k7 s2 none int8",
          "conv2d 49x10x1 25x5x64 k10x4 s2x1 p4,5,1,1 relu int8",
          "avg_pool 9x9x8 5x5x8 k2 s2 none int8"};
}

bool Run(absl::string_view input) {
  const auto signature = latency::OpSignature::FromText(input);
  if (!signature.ok()) return false;
  NIWAKI_CHECK(signature->ToText() == input);
  return true;
}

}  // namespace niwaki::fuzz
