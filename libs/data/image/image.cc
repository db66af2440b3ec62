#include "libs/data/image/image.h"

#include <png.h>
#include <setjmp.h>
// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>
#include <stdio.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/image/resize.h"

namespace niwaki::data {
namespace {

constexpr int64_t kMaxPixels = 64000000;
constexpr int kRgb = 3;

absl::Status Malformed(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(what)
      .Message(absl::StrCat(what, ": ", problem));
}

absl::Status CheckPixels(int64_t height, int64_t width, absl::string_view what) {
  if (height < 1 || width < 1) return Malformed(what, "no pixels");
  if (height <= kMaxPixels / width) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
      .Field(what)
      .Value(absl::StrCat(width, "x", height))
      .Limit(kMaxPixels)
      .Message(
          absl::StrCat(what, ": ", width, "x", height, " is more than ", kMaxPixels, " pixels"));
}

// libjpeg's default handler ends the process; this one jumps back to the decoder.
struct JpegErrors {
  jpeg_error_mgr manager;
  jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

void OnJpegError(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->message);
  longjmp(errors->back, 1);
}

// A warning of libjpeg (such as a file cut short, whose missing part it would fill with grey)
// counts as an error; level 0 and above are traces.
void OnJpegMessage(j_common_ptr info, int level) {
  if (level < 0) OnJpegError(info);
}

class JpegDecoder {
 public:
  explicit JpegDecoder(absl::string_view bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = OnJpegError;
    errors_.manager.emit_message = OnJpegMessage;
    errors_.message[0] = '\0';
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }

  // The two steps are the only functions that a jump leaves: they hold nothing that needs
  // destroying.
  bool ReadHeader() {
    if (setjmp(errors_.back) != 0) return false;
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&info_, TRUE);
    info_.out_color_space = JCS_RGB;
    return true;
  }
  bool ReadPixels(uint8_t* out) {
    if (setjmp(errors_.back) != 0) return false;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = out + size_t{info_.output_scanline} * info_.output_width * kRgb;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  int height() const { return static_cast<int>(info_.image_height); }
  int width() const { return static_cast<int>(info_.image_width); }
  const char* message() const { return errors_.message; }

 private:
  const absl::string_view bytes_;
  jpeg_decompress_struct info_ = {};
  JpegErrors errors_;
};

absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes, absl::string_view what) {
  JpegDecoder decoder(bytes);
  if (!decoder.ReadHeader()) return Malformed(what, decoder.message());
  Image image;
  image.height = decoder.height();
  image.width = decoder.width();
  NIWAKI_RETURN_IF_ERROR(CheckPixels(image.height, image.width, what));
  image.pixels.resize(size_t{kRgb} * image.height * image.width);
  if (!decoder.ReadPixels(image.pixels.data())) return Malformed(what, decoder.message());
  return image;
}

absl::StatusOr<Image> DecodePng(absl::string_view bytes, absl::string_view what) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) {
    return Malformed(what, png.message);
  }
  const absl::Status pixels = CheckPixels(png.height, png.width, what);
  if (!pixels.ok()) {
    png_image_free(&png);
    return pixels;
  }
  png.format = PNG_FORMAT_RGB;
  Image image;
  image.height = static_cast<int>(png.height);
  image.width = static_cast<int>(png.width);
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  const png_color black = {0, 0, 0};
  // Frees `png` in any case.
  if (!png_image_finish_read(&png, &black, image.pixels.data(), 0, nullptr)) {
    return Malformed(what, png.message);
  }
  return image;
}

// One plane of floats, cut to `rows`×`columns` from (top, left).
struct Crop {
  int top;
  int left;
  int rows;
  int columns;
};

// The largest part of the picture, around its centre, that has the target's shape.
Crop CentreCrop(const Image& image, int height, int width) {
  Crop crop = {0, 0, image.height, image.width};
  const double wanted = static_cast<double>(width) / height;
  if (image.width > wanted * image.height) {
    crop.columns = std::max(1, static_cast<int>(std::lround(wanted * image.height)));
  } else {
    crop.rows = std::max(1, static_cast<int>(std::lround(image.width / wanted)));
  }
  crop.top = (image.height - crop.rows) / 2;
  crop.left = (image.width - crop.columns) / 2;
  return crop;
}

}  // namespace

absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view what) {
  if (absl::StartsWith(bytes, "\xFF\xD8\xFF")) return DecodeJpeg(bytes, what);
  if (absl::StartsWith(bytes, "\x89PNG")) return DecodePng(bytes, what);
  return Malformed(what, "neither JPEG nor PNG");
}

std::vector<uint8_t> FitImage(const Image& image, int channels, int height, int width) {
  NIWAKI_CHECK(channels == 1 || channels == kRgb);
  const Crop crop = CentreCrop(image, height, width);
  Resizer resizer(crop.rows, crop.columns, height, width);
  std::vector<float> plane(size_t{1} * crop.rows * crop.columns);
  std::vector<float> small(size_t{1} * height * width);
  std::vector<uint8_t> out;
  for (int c = 0; c < channels; ++c) {
    float* to = plane.data();
    for (int y = 0; y < crop.rows; ++y) {
      const uint8_t* p =
          image.pixels.data() + (size_t{1} * (crop.top + y) * image.width + crop.left) * kRgb;
      for (int x = 0; x < crop.columns; ++x, p += kRgb) {
        *to++ = channels == kRgb ? p[c] : 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
      }
    }
    resizer.Resize(plane.data(), small.data());
    for (float value : small) {
      out.push_back(static_cast<uint8_t>(std::clamp(std::nearbyint(value), 0.0f, 255.0f)));
    }
  }
  return out;
}

}  // namespace niwaki::data
