// Pictures as files of every flavour, for tests.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_SAMPLE_PICTURES_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_SAMPLE_PICTURES_H_

// jpeglib.h needs what stdio.h declares.
#include <jpeglib.h>
#include <stdio.h>
#include <stdlib.h>
#include <webp/encode.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// `count` bytes of `value`, the lowest first.
inline std::string LittleEndian(uint64_t value, int count) {
  std::string out;
  for (int k = 0; k < count; ++k) out.push_back(static_cast<char>(value >> (8 * k)));
  return out;
}

inline std::string BigEndian(uint64_t value, int count) {
  const std::string little = LittleEndian(value, count);
  return {little.rbegin(), little.rend()};
}

// A TIFF header and a directory of two entries, the width and the orientation.
inline std::string SampleExif(int orientation, bool big_endian) {
  const auto number = [&](uint64_t value, int count) {
    return big_endian ? BigEndian(value, count) : LittleEndian(value, count);
  };
  return (big_endian ? "MM" : "II") + number(42, 2) + number(8, 4) + number(2, 2) +
         number(0x0100, 2) + number(4, 2) + number(1, 4) + number(640, 4) + number(0x0112, 2) +
         number(3, 2) + number(1, 4) + number(orientation, 2) + number(0, 2) + number(0, 4);
}

struct SampleJpeg {
  int height = 0;
  int width = 0;
  // 1 grey, 3 colour, 4 cyan, magenta, yellow and black as they are stored.
  int channels = 3;
  // [height, width, channels].
  std::vector<uint8_t> pixels;
  int quality = 98;
  bool progressive = false;
  // One scan for each component.
  bool separate_scans = false;
  // Rows of blocks between two restart markers; 0 for none.
  int restart_rows = 0;
  // Of four channels: with the marker of Adobe, and turned to YCCK, which always has it.
  bool adobe = true;
  bool ycck = false;
  // Of an APP1 marker; empty for none.
  std::string app1;

  std::string Encode() const {
    jpeg_compress_struct info = {};
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &bytes, &size);
    Configure(info);
    // A script is read while compressing.
    jpeg_scan_info scans[4] = {};
    if (separate_scans) {
      for (int c = 0; c < channels; ++c) scans[c] = {1, {c, 0, 0, 0}, 0, 63, 0, 0};
      info.scan_info = scans;
      info.num_scans = channels;
    }
    jpeg_start_compress(&info, TRUE);
    if (!app1.empty()) {
      jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(app1.data()),
                        app1.size());
    }
    while (info.next_scanline < info.image_height) {
      JSAMPROW row = const_cast<uint8_t*>(pixels.data()) + info.next_scanline * width * channels;
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    std::string out(reinterpret_cast<char*>(bytes), size);
    free(bytes);
    return out;
  }

 private:
  void Configure(jpeg_compress_struct& info) const {
    info.image_width = width;
    info.image_height = height;
    info.input_components = channels;
    info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&info);
    if (channels == 4) {
      jpeg_set_colorspace(&info, ycck ? JCS_YCCK : JCS_CMYK);
      info.write_Adobe_marker = adobe;
    }
    jpeg_set_quality(&info, quality, TRUE);
    // Every component whole, so that colours come back as they were.
    for (int c = 0; c < info.num_components; ++c) {
      info.comp_info[c].h_samp_factor = info.comp_info[c].v_samp_factor = 1;
    }
    info.restart_in_rows = restart_rows;
    if (progressive) jpeg_simple_progression(&info);
  }
};

inline std::string PngChunk(absl::string_view name, absl::string_view data) {
  const std::string body = std::string(name) + std::string(data);
  const uint32_t crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return BigEndian(data.size(), 4) + body + BigEndian(crc, 4);
}

struct SamplePng {
  int height = 0;
  int width = 0;
  int bits = 8;
  // 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha.
  int colour_type = 2;
  // [height, width, channels], each of `bits`.
  std::vector<uint32_t> elements;
  bool interlaced = false;
  // Chunks before the pixels, whole.
  std::string chunks;

  std::string Encode() const {
    const std::string rows = Rows();
    uLongf size = compressBound(rows.size());
    std::string packed(size, '\0');
    NIWAKI_CHECK(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                          reinterpret_cast<const Bytef*>(rows.data()), rows.size()) == Z_OK);
    packed.resize(size);
    return "\x89PNG\r\n\x1A\n" +
           PngChunk("IHDR", BigEndian(width, 4) + BigEndian(height, 4) + BigEndian(bits, 1) +
                                BigEndian(colour_type, 1) + BigEndian(0, 2) +
                                BigEndian(interlaced ? 1 : 0, 1)) +
           chunks + PngChunk("IDAT", packed) + PngChunk("IEND", "");
  }

 private:
  int Channels() const {
    return colour_type == 2 ? 3 : colour_type == 4 ? 2 : colour_type == 6 ? 4 : 1;
  }

  // Every `step_x`th pixel of a row from `from_x`, without a filter, packed from the highest bit.
  std::string Row(int y, int from_x, int step_x) const {
    std::string out(1, '\0');
    uint32_t pending = 0;
    int pending_bits = 0;
    for (int x = from_x; x < width; x += step_x) {
      for (int c = 0; c < Channels(); ++c) {
        pending = pending << bits | elements[(int64_t{y} * width + x) * Channels() + c];
        pending_bits += bits;
        for (; pending_bits >= 8; pending_bits -= 8) {
          out.push_back(static_cast<char>(pending >> (pending_bits - 8)));
        }
      }
    }
    if (pending_bits > 0) out.push_back(static_cast<char>(pending << (8 - pending_bits)));
    return out;
  }

  std::string Rows() const {
    struct Pass {
      int y, x, step_y, step_x;
    };
    std::vector<Pass> passes = {{0, 0, 1, 1}};
    if (interlaced) {
      passes = {{0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
                {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}};
    }
    std::string out;
    for (const Pass& pass : passes) {
      if (pass.x >= width) continue;
      for (int y = pass.y; y < height; y += pass.step_y) out += Row(y, pass.x, pass.step_x);
    }
    return out;
  }
};

struct SampleBmp {
  // Negative for rows from above.
  int height = 0;
  int width = 0;
  int bits = 24;
  int packing = 0;
  int header_bytes = 40;
  // Colours that the header names; 0 for all.
  int colours = 0;
  // Red, green, blue and perhaps alpha.
  std::vector<uint32_t> masks;
  // As stored: 4 bytes a colour, of OS/2's header of 12 bytes 3.
  std::string palette;
  // Rows as stored.
  std::string data;

  std::string Encode() const {
    std::string header = LittleEndian(header_bytes, 4);
    if (header_bytes == 12) {
      header += LittleEndian(width, 2) + LittleEndian(height, 2) + LittleEndian(1, 2) +
                LittleEndian(bits, 2);
    } else {
      header += LittleEndian(width, 4) + LittleEndian(height, 4) + LittleEndian(1, 2) +
                LittleEndian(bits, 2) + LittleEndian(packing, 4) + LittleEndian(data.size(), 4) +
                LittleEndian(2835, 4) + LittleEndian(2835, 4) + LittleEndian(colours, 4) +
                LittleEndian(0, 4);
    }
    for (const uint32_t mask : masks) header += LittleEndian(mask, 4);
    if (header.size() < static_cast<size_t>(header_bytes)) header.resize(header_bytes, '\0');
    header += palette;
    const uint64_t at = 14 + header.size();
    return "BM" + LittleEndian(at + data.size(), 4) + LittleEndian(0, 4) + LittleEndian(at, 4) +
           header + data;
  }
};

inline std::string RiffChunk(absl::string_view name, absl::string_view data) {
  std::string out = std::string(name) + LittleEndian(data.size(), 4) + std::string(data);
  if (data.size() % 2 == 1) out.push_back('\0');
  return out;
}

struct SampleWebp {
  int height = 0;
  int width = 0;
  // [height, width, 4]: red, green, blue, alpha.
  std::vector<uint8_t> pixels;
  // 0 to 100; above for lossless.
  float quality = 101;
  // Of an EXIF chunk; empty for none.
  std::string exif;
  bool animated = false;

  std::string Encode() const {
    uint8_t* bytes = nullptr;
    const size_t size =
        quality > 100 ? WebPEncodeLosslessRGBA(pixels.data(), width, height, width * 4, &bytes)
                      : WebPEncodeRGBA(pixels.data(), width, height, width * 4, quality, &bytes);
    const std::string simple(reinterpret_cast<char*>(bytes), size);
    WebPFree(bytes);
    if (exif.empty() && !animated) return simple;
    constexpr int kHasAlpha = 0x10, kHasExif = 0x08, kAnimated = 0x02;
    const int flags = kHasAlpha | (exif.empty() ? 0 : kHasExif) | (animated ? kAnimated : 0);
    const std::string size_bytes = LittleEndian(width - 1, 3) + LittleEndian(height - 1, 3);
    std::string body = "WEBP" + RiffChunk("VP8X", LittleEndian(flags, 4) + size_bytes);
    if (animated) {
      body += RiffChunk("ANIM", LittleEndian(0, 6)) +
              RiffChunk("ANMF",
                        LittleEndian(0, 6) + size_bytes + LittleEndian(100, 4) + simple.substr(12));
    } else {
      body += simple.substr(12) + RiffChunk("EXIF", exif);
    }
    return RiffChunk("RIFF", body);
  }
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_SAMPLE_PICTURES_H_
