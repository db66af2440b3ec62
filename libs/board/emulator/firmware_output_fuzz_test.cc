#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/board/emulator/firmware_output.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {
      "niwaki-firmware 1\nticks 10\nstack 468\noutput 3\n9a7f00\nend\n",
      "niwaki-firmware 1\noperator 0\ntook 7\noperator 3\ntook 8\nticks 20\nstack 4\noutput 33\n"
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nff\nend\n"};
}

bool Run(absl::string_view input) {
  const auto output = board::ParseFirmwareOutput(input);
  if (!output.ok()) return false;
  NIWAKI_CHECK(output->output.size() <= input.size());
  return true;
}

}  // namespace niwaki::fuzz
