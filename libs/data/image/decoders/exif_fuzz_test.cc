#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/decoders/exif.h"
#include "libs/data/image/decoders/sample_pictures.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {data::SampleExif(6, true), data::SampleExif(3, false),
          std::string("Exif\0\0", 6) + data::SampleExif(8, true)};
}

// Accepted is what names an orientation other than upright.
bool Run(absl::string_view input) {
  const int orientation = data::ExifOrientation(input);
  NIWAKI_CHECK(orientation >= 1 && orientation <= 8);
  return orientation != 1;
}

}  // namespace niwaki::fuzz
