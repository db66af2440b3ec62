#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/latency/device.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {R"(name: "board-1" description: "a board" core: "cortex-m7" clock_hz: 216000000
sram_bytes: 327680 flash_bytes: 1048576 active_power_mw: 105 source: "a data sheet")"};
}

bool Run(absl::string_view input) {
  const auto device = latency::DeviceFromTextproto(input);
  if (!device.ok()) return false;
  NIWAKI_CHECK(!device->name.empty() && device->clock_hz > 0 && device->sram_bytes > 0);
  return true;
}

}  // namespace niwaki::fuzz
