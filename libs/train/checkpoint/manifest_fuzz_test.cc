#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/train/checkpoint/manifest.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  train::Manifest manifest;
  manifest.space_textproto = "name: \"x\"";
  manifest.space_structure = std::string(32, 'a');
  manifest.data.name = "tiny";
  manifest.data.class_names = {"ant", "bee"};
  manifest.data.channels = manifest.data.height = manifest.data.width = 1;
  manifest.data.mean = {0.5};
  manifest.data.stddev = {1};
  manifest.data.sizes = {2, 1, 0, 1};
  manifest.step = 7;
  manifest.progress = 0.5;
  return {manifest.ToJson()};
}

bool Run(absl::string_view input) {
  const auto manifest = train::Manifest::FromJson(input);
  if (!manifest.ok()) return false;
  NIWAKI_CHECK(train::Manifest::FromJson(manifest->ToJson()).ok());
  return true;
}

}  // namespace niwaki::fuzz
