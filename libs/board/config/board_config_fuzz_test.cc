#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/board/config/board_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {
      "name: m7\nport: {emulator: m7}\n",
      "name: b\ntarget: stm32h7\nport: {serial: /dev/ttyACM0, baud: 921600}\n"
      "flash: {command: 'st-flash --serial {serial} write {bin} 0x08000000', serial: 6}\n",
      "name: b\ntarget: stm32h7\nport: {serial: /dev/ttyACM0, baud: 921600}\n"
      "flash: {command: [openocd, -c, 'program {elf}'], timeout: 9s}\npower: {cycle: [x, '1']}\n"
      "timeouts: {run: 1s}\nfirmware: {ram: {bytes: 64kB}, defines: {A: 1}}\n",
      "name: b\nport: {tcp: 'a:1'}\nfirmware: {port: b.c, core: cortex-m4, flash: {at: 0x08000000, "
      "bytes: 1MB}, ram: {at: 0x20000000, bytes: 1MB}}\n"};
}

bool Run(absl::string_view input) {
  const auto config = board::ParseBoardConfig(input, "board.yaml");
  if (!config.ok()) return false;
  NIWAKI_CHECK(!config->name.empty() && !config->port.address.empty());
  NIWAKI_CHECK(config->flash.timeout > absl::ZeroDuration());
  NIWAKI_CHECK(config->target.flash_bytes > 0 && config->target.ram_bytes > 0);
  return true;
}

}  // namespace niwaki::fuzz
