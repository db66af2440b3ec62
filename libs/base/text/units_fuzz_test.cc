#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/base/text/units.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {"64kB", "1.5 MiB", "100ms", "2 s", "850us", "65536", "00112233445566778899aabbccddeeff"};
}

bool Run(absl::string_view input) {
  const auto bytes = ParseBytes(input);
  const auto micros = ParseMicros(input);
  const auto fingerprint = Fingerprint::FromHex(input);
  NIWAKI_CHECK(!bytes.ok() || *bytes >= 0);
  NIWAKI_CHECK(!micros.ok() || *micros >= 0);
  if (bytes.ok()) FormatBytes(*bytes);
  if (micros.ok()) FormatMicros(*micros);
  return bytes.ok() || micros.ok() || fingerprint.ok();
}

}  // namespace niwaki::fuzz
