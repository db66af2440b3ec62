#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/device/device_message.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {R"(name: "board-1" description: "a board" core: "cortex-m7" clock_hz: 216000000
sram_bytes: 327680 flash_bytes: 1048576 active_power_mw: 105 source: "a data sheet")",
          R"(name: "b" core: "c" clock_hz: 1 kernel_set: "k-1.2"
memory { name: "a" kind: MEMORY_KIND_SRAM bytes: 5 use: MEMORY_USE_ARENA }
memory { name: "f" kind: MEMORY_KIND_FLASH bytes: 7 use: MEMORY_USE_WEIGHTS })"};
}

bool Run(absl::string_view input) {
  const auto device = device::DeviceFromTextproto(input);
  if (!device.ok()) return false;
  NIWAKI_CHECK(!device->name.empty() && device->clock_hz > 0 && device->sram_bytes() > 0);
  const auto back = device::DeviceFromMessage(device::ToMessage(*device));
  NIWAKI_CHECK(back.ok() && *back == *device);
  return true;
}

}  // namespace niwaki::fuzz
