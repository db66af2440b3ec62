#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/decoders/sample_pictures.h"
#include "libs/data/image/encode_images.h"
#include "libs/data/image/image.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

data::SampleJpeg Jpeg(int channels) {
  data::SampleJpeg jpeg;
  jpeg.height = 16;
  jpeg.width = 24;
  jpeg.channels = channels;
  for (int i = 0; i < 16 * 24 * channels; ++i) jpeg.pixels.push_back(static_cast<uint8_t>(i * 7));
  return jpeg;
}

data::SamplePng Png(int bits, int colour_type, bool interlaced) {
  data::SamplePng png;
  png.height = 5;
  png.width = 9;
  png.bits = bits;
  png.colour_type = colour_type;
  png.interlaced = interlaced;
  for (uint32_t i = 0; i < 5 * 9 * 4; ++i) png.elements.push_back(i & ((1u << bits) - 1));
  png.chunks = data::PngChunk("PLTE", std::string(48, '\x33')) +
               data::PngChunk("eXIf", data::SampleExif(6, true));
  if (colour_type != 3) png.chunks = data::PngChunk("gAMA", data::BigEndian(100000, 4));
  return png;
}

data::SampleWebp Webp(float quality) {
  data::SampleWebp webp;
  webp.height = 8;
  webp.width = 6;
  for (int i = 0; i < 8 * 6 * 4; ++i) webp.pixels.push_back(static_cast<uint8_t>(i * 5));
  webp.quality = quality;
  webp.exif = data::SampleExif(3, false);
  return webp;
}

}  // namespace

std::vector<std::string> Seeds() {
  data::SampleJpeg progressive = Jpeg(3), restarts = Jpeg(3), inks = Jpeg(4);
  progressive.progressive = true;
  progressive.app1 = std::string("Exif\0\0", 6) + data::SampleExif(5, true);
  restarts.restart_rows = 1;
  inks.ycck = true;
  return {data::EncodePng(data::Gradient(5, 7)),
          data::EncodePng(data::Gradient(30, 30)),
          data::EncodeJpeg(data::Gradient(16, 16)),
          data::EncodeJpeg(data::Gradient(9, 5)),
          Jpeg(1).Encode(),
          progressive.Encode(),
          restarts.Encode(),
          inks.Encode(),
          Png(4, 3, false).Encode(),
          Png(16, 6, true).Encode(),
          Png(2, 0, true).Encode(),
          Webp(101).Encode(),
          Webp(70).Encode()};
}

bool Run(absl::string_view input) {
  const auto image = data::DecodeImage(input, "input");
  if (!image.ok()) return false;
  NIWAKI_CHECK(image->pixels.size() == size_t{3} * image->height * image->width);
  NIWAKI_CHECK(data::FitImage(*image, 1, 8, 8).size() == 64);
  return true;
}

}  // namespace niwaki::fuzz
