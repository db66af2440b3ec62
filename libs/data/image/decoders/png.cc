#include "libs/data/image/decoders/png.h"

#include <png.h>
#include <setjmp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/data/image/decoders/exif.h"

namespace niwaki::data {
namespace {

constexpr size_t kSignatureBytes = 8;
// Length, name and checksum of a chunk.
constexpr size_t kChunkFrameBytes = 12;
// Deflate makes at most 1032 bytes of one.
constexpr int64_t kMaxInflation = 1040;

// libpng's default handler ends the process; this one jumps back to the decoder.
class PngDecoder {
 public:
  explicit PngDecoder(absl::string_view bytes) : bytes_(bytes) {}
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  // The two steps are the only functions that a jump leaves: they hold nothing that needs
  // destroying.
  bool ReadHeader() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, OnError, OnWarning);
    if (png_ == nullptr || (info_ = png_create_info_struct(png_)) == nullptr) {
      message_ = "libpng cannot start";
      return false;
    }
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_read_fn(png_, this, OnRead);
    // Chunks that would change values or can only be damaged: all but tRNS that may be left out.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png_, info_);
    raw_row_bytes_ = png_get_rowbytes(png_, info_);
    return true;
  }
  // Sets what a row holds: `row_channels` elements of `row_depth` bits a pixel, 3 with or without
  // transparency.
  bool SetRows() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);
    png_set_gray_to_rgb(png_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    row_bytes_ = png_get_rowbytes(png_, info_);
    return true;
  }
  void MakeRows() { rows_.resize(row_bytes_ * (passes_ == 1 ? 1 : height())); }
  // Into [height, width, 3].
  bool ReadPixels(uint8_t* out) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    const size_t step = passes_ == 1 ? 0 : row_bytes_;
    for (int pass = 0; pass < passes_; ++pass) {
      for (int y = 0; y < height(); ++y) {
        uint8_t* const row = rows_.data() + y * step;
        png_read_row(png_, row, nullptr);
        if (pass == passes_ - 1) ConvertRow(row, out + int64_t{y} * width() * kRgb);
      }
    }
    return true;
  }

  int height() const { return static_cast<int>(png_get_image_height(png_, info_)); }
  int width() const { return static_cast<int>(png_get_image_width(png_, info_)); }
  // Before memory is taken for its pixels.
  bool HasBytesForAll() const {
    return static_cast<int64_t>(bytes_.size()) * kMaxInflation >=
           static_cast<int64_t>(raw_row_bytes_) * height();
  }
  // The error, or the first warning, of libpng; empty when there was none.
  const std::string& message() const { return message_; }

 private:
  [[noreturn]] static void OnError(png_structp png, png_const_charp message) {
    static_cast<PngDecoder*>(png_get_error_ptr(png))->message_ = message;
    png_longjmp(png, 1);
  }
  static void OnWarning(png_structp png, png_const_charp message) {
    std::string& first = static_cast<PngDecoder*>(png_get_error_ptr(png))->message_;
    if (first.empty()) first = message;
  }
  static void OnRead(png_structp png, png_bytep out, size_t count) {
    auto* self = static_cast<PngDecoder*>(png_get_io_ptr(png));
    if (self->bytes_.size() - self->at_ < count) png_error(png, "cut short");
    std::memcpy(out, self->bytes_.data() + self->at_, count);
    self->at_ += count;
  }

  void ConvertRow(const uint8_t* row, uint8_t* rgb) const {
    const bool wide = png_get_bit_depth(png_, info_) == 16;
    const int channels = png_get_channels(png_, info_);
    if (!wide && channels == kRgb) {
      std::memcpy(rgb, row, size_t{kRgb} * width());
      return;
    }
    const uint32_t max = wide ? 65535 : 255;
    const auto element = [&](int64_t i) -> uint32_t {
      return wide ? row[2 * i] << 8 | row[2 * i + 1] : row[i];
    };
    for (int64_t x = 0; x < width(); ++x, rgb += kRgb) {
      const int64_t at = x * channels;
      const uint32_t alpha = channels > kRgb ? element(at + kRgb) : max;
      for (int c = 0; c < kRgb; ++c) {
        rgb[c] = ScaleToByte(OverBlack(element(at + c), alpha, max), max);
      }
    }
  }

  const absl::string_view bytes_;
  size_t at_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  size_t raw_row_bytes_ = 0;
  size_t row_bytes_ = 0;
  int passes_ = 1;
  // One row, or all of an interlaced picture.
  std::vector<uint8_t> rows_;
  std::string message_;
};

// What the eXIf chunk holds; empty when there is none.
absl::string_view FindExif(absl::string_view bytes) {
  size_t at = kSignatureBytes;
  while (at < bytes.size() && bytes.size() - at >= kChunkFrameBytes) {
    const auto byte = [&](size_t k) -> size_t { return static_cast<uint8_t>(bytes[at + k]); };
    const size_t size = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    if (size > bytes.size() - at - kChunkFrameBytes) break;
    if (bytes.substr(at + 4, 4) == "eXIf") return bytes.substr(at + 8, size);
    at += kChunkFrameBytes + size;
  }
  return "";
}

}  // namespace

bool IsPng(absl::string_view bytes) { return absl::StartsWith(bytes, "\x89PNG"); }

absl::StatusOr<Image> DecodePng(absl::string_view bytes, absl::string_view what) {
  PngDecoder decoder(bytes);
  if (!decoder.ReadHeader()) return MalformedImage(what, decoder.message());
  Image image;
  image.height = decoder.height();
  image.width = decoder.width();
  NIWAKI_RETURN_IF_ERROR(CheckImageSize(image.height, image.width, what));
  if (!decoder.HasBytesForAll()) {
    return MalformedImage(what, absl::StrCat("cut short: ", bytes.size(), " bytes cannot hold ",
                                             image.width, "x", image.height, " pixels"));
  }
  if (!decoder.SetRows()) return MalformedImage(what, decoder.message());
  decoder.MakeRows();
  image.pixels.resize(size_t{kRgb} * image.height * image.width);
  if (!decoder.ReadPixels(image.pixels.data())) return MalformedImage(what, decoder.message());
  image.warning = decoder.message();
  return Upright(std::move(image), ExifOrientation(FindExif(bytes)));
}

}  // namespace niwaki::data
