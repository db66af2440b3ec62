#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/audio/wav.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  const std::vector<float> samples(50, 0.1f);
  return {data::FormatWav(samples, 16000), data::FormatWav({}, 8000)};
}

bool Run(absl::string_view input) {
  const auto clip = data::ParseWav(input, "input");
  if (!clip.ok()) return false;
  NIWAKI_CHECK(clip->samples.size() <= input.size());
  for (const float sample : clip->samples) NIWAKI_CHECK(sample >= -1 && sample <= 1);
  return true;
}

}  // namespace niwaki::fuzz
