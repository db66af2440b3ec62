#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/decoders/bmp.h"
#include "libs/data/image/decoders/raster.h"
#include "libs/data/image/decoders/sample_pictures.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  data::SampleBmp plain;
  plain.height = 2;
  plain.width = 3;
  plain.data = std::string(24, '\x40');
  data::SampleBmp masks = plain;
  masks.bits = 16;
  masks.packing = 3;
  masks.masks = {0xF800, 0x07E0, 0x001F};
  data::SampleBmp alpha = plain;
  alpha.bits = 32;
  alpha.packing = 3;
  alpha.header_bytes = 108;
  alpha.masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
  data::SampleBmp runs = plain;
  runs.bits = 8;
  runs.packing = 1;
  runs.palette = std::string(1024, '\x22');
  runs.data = std::string("\x03\x01\0\0\0\x03\x01\x02\x03\0\0\x01", 12);
  data::SampleBmp half_runs = runs;
  half_runs.bits = 4;
  half_runs.packing = 2;
  half_runs.palette.resize(64);
  data::SampleBmp os2 = plain;
  os2.header_bytes = 12;
  return {plain.Encode(), masks.Encode(),     alpha.Encode(),
          runs.Encode(),  half_runs.Encode(), os2.Encode()};
}

bool Run(absl::string_view input) {
  const auto image = data::DecodeBmp(input, "input");
  if (!image.ok()) return false;
  NIWAKI_CHECK(image->pixels.size() == size_t{3} * image->height * image->width);
  return true;
}

}  // namespace niwaki::fuzz
