#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/audio/wav.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

// The header of FormatWav with other fields.
std::string Flavour(int codec, int channels, int bits) {
  std::string wav = data::FormatWav(std::vector<float>(48, 0.1f), 16000);
  wav[20] = static_cast<char>(codec);
  wav[22] = static_cast<char>(channels);
  wav[32] = static_cast<char>(channels * bits / 8);
  wav[34] = static_cast<char>(bits);
  return wav;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::vector<float> samples(50, 0.1f);
  std::string open = data::FormatWav(samples, 16000);
  open.replace(40, 4, 4, '\0');
  return {data::FormatWav(samples, 16000),
          data::FormatWav({}, 8000),
          open,
          open.replace(4, 4, 4, '\xFF'),
          Flavour(1, 1, 8),
          Flavour(1, 4, 24),
          Flavour(1, 2, 32),
          Flavour(3, 1, 32),
          Flavour(3, 3, 64)};
}

bool Run(absl::string_view input) {
  const auto clip = data::ParseWav(input, "input");
  if (!clip.ok()) return false;
  NIWAKI_CHECK(clip->samples.size() <= input.size());
  for (const float sample : clip->samples) NIWAKI_CHECK(sample >= -1 && sample <= 1);
  return true;
}

}  // namespace niwaki::fuzz
