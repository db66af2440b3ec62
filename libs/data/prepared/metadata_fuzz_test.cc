#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/prepared/metadata.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  data::Metadata metadata;
  metadata.name = "tiny";
  metadata.class_names = {"ant", "bee"};
  metadata.channels = metadata.height = metadata.width = 1;
  metadata.mean = {0.5};
  metadata.stddev = {1};
  metadata.sizes = {2, 1, 0, 1};
  std::vector<std::string> seeds = {metadata.ToJson()};
  metadata.front_end.emplace();
  metadata.height = metadata.front_end->Frames();
  metadata.width = metadata.front_end->mel_bins;
  metadata.attributes["origin"] = "test";
  metadata.source.emplace();
  metadata.source->files = 3;
  metadata.source->used = metadata.source->bad_files = 1;
  metadata.source->passed_over["hidden"] = 1;
  metadata.source->bad = {{"a.png", "empty file"}};
  seeds.push_back(metadata.ToJson());
  return seeds;
}

bool Run(absl::string_view input) {
  const auto metadata = data::Metadata::FromJson(input);
  if (!metadata.ok()) return false;
  NIWAKI_CHECK(metadata->Validate().ok());
  const auto again = data::Metadata::FromJson(metadata->ToJson());
  NIWAKI_CHECK(again.ok() && again->ToJson() == metadata->ToJson());
  return true;
}

}  // namespace niwaki::fuzz
