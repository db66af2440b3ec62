// Pictures as files, for tests.

#ifndef NIWAKI_LIBS_DATA_IMAGE_ENCODE_IMAGES_H_
#define NIWAKI_LIBS_DATA_IMAGE_ENCODE_IMAGES_H_

// jpeglib.h needs what stdio.h declares.
#include <jpeglib.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include <cstdint>
#include <string>

#include "libs/base/log.h"
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
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = image.width;
  info.image_height = image.height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 98, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<uint8_t*>(image.pixels.data()) + info.next_scanline * image.width * 3;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string out(reinterpret_cast<char*>(bytes), size);
  free(bytes);
  return out;
}

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_ENCODE_IMAGES_H_
