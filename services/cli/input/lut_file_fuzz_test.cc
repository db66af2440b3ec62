#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "services/cli/input/lut_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  v1::LookupEntry entry;
  entry.set_device("devices/stm32f746");
  entry.set_signature("conv2d 8x8x8 8x8x16 k1 s1 relu6 int8");
  entry.set_latency_us(120.5);
  entry.set_spread_us(0.5);
  entry.set_count(10);
  entry.set_provenance(v1::PROVENANCE_MEASURED);
  entry.set_source("a \"quoted\", name");
  return {cli::LutToCsv({entry, entry}), cli::LutToCsv({entry})};
}

bool Run(absl::string_view input) {
  const auto entries = cli::ParseLutFile(input, "input");
  if (!entries.ok()) return false;
  const auto again = cli::ParseLutFile(cli::LutToCsv(*entries), "again");
  NIWAKI_CHECK(again.ok() && again->size() == entries->size());
  return true;
}

}  // namespace niwaki::fuzz
