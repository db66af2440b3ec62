// Pictures as files, for tests.

#ifndef NIWAKI_LIBS_DATA_IMAGE_ENCODE_IMAGES_H_
#define NIWAKI_LIBS_DATA_IMAGE_ENCODE_IMAGES_H_

#include <png.h>

#include <cstdint>
#include <string>

#include "libs/base/log.h"
#include "libs/data/image/decoders/sample_pictures.h"
#include "libs/data/image/image.h"

namespace niwaki::data {

// A smooth colour picture.
inline Image Gradient(int height, int width) {
  Image image = {height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(static_cast<uint8_t>(255 * x / width));
      image.pixels.push_back(static_cast<uint8_t>(255 * y / height));
      image.pixels.push_back(100);
    }
  }
  return image;
}

inline std::string EncodePng(const Image& image) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = image.width;
  png.height = image.height;
  png.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  NIWAKI_CHECK(png_image_write_to_memory(&png, nullptr, &size, 0, image.pixels.data(), 0, nullptr));
  std::string out(size, '\0');
  NIWAKI_CHECK(png_image_write_to_memory(&png, &out[0], &size, 0, image.pixels.data(), 0, nullptr));
  return out;
}

inline std::string EncodeJpeg(const Image& image) {
  SampleJpeg jpeg;
  jpeg.height = image.height;
  jpeg.width = image.width;
  jpeg.pixels = image.pixels;
  return jpeg.Encode();
}

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_ENCODE_IMAGES_H_
