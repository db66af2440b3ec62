#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/encode_images.h"
#include "libs/data/image/image.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {data::EncodePng(data::Gradient(5, 7)), data::EncodePng(data::Gradient(30, 30)),
          data::EncodeJpeg(data::Gradient(16, 16)), data::EncodeJpeg(data::Gradient(9, 5))};
}

bool Run(absl::string_view input) {
  const auto image = data::DecodeImage(input, "input");
  if (!image.ok()) return false;
  NIWAKI_CHECK(image->pixels.size() == size_t{3} * image->height * image->width);
  NIWAKI_CHECK(data::FitImage(*image, 1, 8, 8).size() == 64);
  return true;
}

}  // namespace niwaki::fuzz
