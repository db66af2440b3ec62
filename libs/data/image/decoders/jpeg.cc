#include "libs/data/image/decoders/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
// jpeglib.h needs what stdio.h declares, jerror.h what jpeglib.h does.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/data/file_kind.h"
#include "libs/data/image/decoders/exif.h"

namespace niwaki::data {
namespace {

constexpr int kCmyk = 4;
constexpr int kExifMarker = JPEG_APP0 + 1;
// The part of a picture's rows that must be whole.
constexpr double kMinWhole = 0.5;
// A progressive file has about ten; a hostile one can make each cost seconds.
constexpr int kMaxScans = 500;

// libjpeg's default handler ends the process; this one jumps back to the decoder.
class JpegDecoder {
 public:
  explicit JpegDecoder(absl::string_view bytes) : bytes_(bytes) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { Of(info).OnError(); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      // Level 0 and above are traces.
      if (level < 0) Of(info).OnWarning();
    };
    progress_.progress_monitor = [](j_common_ptr info) { Of(info).OnProgress(); };
    info_.client_data = this;
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&info_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  // The two steps are the only functions that a jump leaves: they hold nothing that needs
  // destroying.
  bool ReadHeader() {
    if (setjmp(back_) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_save_markers(&info_, kExifMarker, 0xFFFF);
    jpeg_read_header(&info_, TRUE);
    orientation_ = FindOrientation();
    info_.out_color_space = IsCmyk() ? JCS_CMYK : JCS_RGB;
    return true;
  }
  // Into [height, width, 3]. `row_` has room for one row of CMYK. An error after the last row
  // counts as a warning.
  bool ReadPixels(uint8_t* out) {
    if (setjmp(back_) != 0) return rows_read_ == height();
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      uint8_t* const rgb = out + int64_t{info_.output_scanline} * width() * kRgb;
      JSAMPROW row = IsCmyk() ? row_.data() : rgb;
      jpeg_read_scanlines(&info_, &row, 1);
      if (IsCmyk()) ConvertRow(rgb);
      ++rows_read_;
    }
    // Finishing frees what knows it.
    missing_component_ = FindMissingComponent();
    jpeg_finish_decompress(&info_);
    return true;
  }
  void MakeRow() { row_.resize(size_t{kCmyk} * width()); }

  int height() const { return static_cast<int>(info_.image_height); }
  int width() const { return static_cast<int>(info_.image_width); }
  int orientation() const { return orientation_; }
  // The first error or warning of libjpeg; empty when there was none.
  const std::string& message() const { return message_; }

  // Whether the error is that libjpeg does not read this kind of JPEG.
  bool unsupported() const {
    return errors_.msg_code == JERR_BAD_PRECISION || errors_.msg_code == JERR_SOF_UNSUPPORTED ||
           errors_.msg_code == JERR_CONVERSION_NOTIMPL || errors_.msg_code == JERR_ARITH_NOTIMPL;
  }

  // Every block takes a bit at least, so a file with far fewer is known to be cut short before
  // memory is taken for its pixels.
  bool HasBytesForHalf() const {
    int64_t blocks = 0;
    for (int c = 0; c < info_.num_components; ++c) {
      const jpeg_component_info& part = info_.comp_info[c];
      blocks += int64_t{part.width_in_blocks} * part.height_in_blocks;
    }
    return info_.arith_code || static_cast<int64_t>(bytes_.size()) * 8 >= blocks / 2;
  }
  // The first component that no scan brought, or -1.
  int missing_component() const { return missing_component_; }
  // Of the picture's rows, those that came whole.
  int WholeRows() const {
    if (damaged_from_ < 0 && damaged_rows_ == 0) return height();
    const int64_t total = info_.total_iMCU_rows;
    const int64_t whole = (damaged_from_ < 0 ? total : damaged_from_) - damaged_rows_;
    return static_cast<int>(std::max<int64_t>(0, whole) * height() / std::max<int64_t>(1, total));
  }

 private:
  static JpegDecoder& Of(j_common_ptr info) {
    return *static_cast<JpegDecoder*>(info->client_data);
  }

  bool IsCmyk() const {
    return info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
  }

  int FindOrientation() const {
    for (const jpeg_marker_struct* m = info_.marker_list; m != nullptr; m = m->next) {
      const absl::string_view data(reinterpret_cast<const char*>(m->data), m->data_length);
      if (m->marker == kExifMarker && absl::StartsWith(data, absl::string_view("Exif\0", 5))) {
        return ExifOrientation(data);
      }
    }
    return 1;
  }

  int FindMissingComponent() const {
    for (int c = 0; c < info_.num_components; ++c) {
      // Set by the first scan that brings the component.
      if (info_.comp_info[c].quant_table == nullptr) return c;
    }
    return -1;
  }

  // Programs of Adobe store 255 - ink, so that 0 is full ink and a product does.
  void ConvertRow(uint8_t* rgb) const {
    const uint8_t flip = info_.saw_Adobe_marker ? 0 : 255;
    const uint8_t* cmyk = row_.data();
    for (int x = 0; x < width(); ++x, cmyk += kCmyk, rgb += kRgb) {
      for (int c = 0; c < kRgb; ++c) {
        rgb[c] = static_cast<uint8_t>(OverBlack(cmyk[c] ^ flip, cmyk[kRgb] ^ flip, 255));
      }
    }
  }

  void KeepMessage() {
    if (!message_.empty()) return;
    char text[JMSG_LENGTH_MAX];
    errors_.format_message(reinterpret_cast<j_common_ptr>(&info_), text);
    message_ = text;
  }

  [[noreturn]] void OnError() {
    KeepMessage();
    longjmp(back_, 1);
  }

  void OnWarning() {
    const int code = errors_.msg_code;
    // Of several warnings, the first that tells of damage.
    if (IsDamage(code) && !ended_ && damaged_from_ < 0 && damaged_rows_ == 0) message_.clear();
    KeepMessage();
    if (!IsDamage(code)) return;
    if (code == JWRN_JPEG_EOF) {
      // Read ahead: what is missed is told by the next warning, if anything is.
      ended_ = true;
      return;
    }
    // Later scans of a progressive picture only sharpen it: what is missing there is not missed.
    if ((ended_ || code == JWRN_HIT_MARKER) && Refines()) return;
    ended_ ? DamagedFromHere() : DamagedSegment();
  }

  void OnProgress() {
    if (info_.input_scan_number <= kMaxScans) return;
    message_ = absl::StrCat("more than ", kMaxScans, " scans");
    longjmp(back_, 1);
  }

  static bool IsDamage(int code) {
    return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
           code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC;
  }

  bool Refines() const { return info_.progressive_mode && (info_.Ss > 0 || info_.Ah > 0); }

  void DamagedFromHere() {
    const int64_t row = info_.input_iMCU_row;
    if (row >= info_.total_iMCU_rows) return;
    damaged_from_ = damaged_from_ < 0 ? row : std::min(damaged_from_, row);
  }

  // Up to the next restart marker, or to the end of a scan that has none. A segment is counted
  // once, however often libjpeg warns about it.
  void DamagedSegment() {
    if (info_.restart_interval == 0 || info_.MCUs_per_row == 0) return DamagedFromHere();
    const int64_t row = info_.input_iMCU_row;
    if (damaged_from_ >= 0 && row >= damaged_from_) return;
    if (damaged_scan_ == info_.input_scan_number && row < damaged_until_) return;
    const int64_t rows = (info_.restart_interval + info_.MCUs_per_row - 1) / info_.MCUs_per_row;
    damaged_scan_ = info_.input_scan_number;
    damaged_until_ = row + rows;
    damaged_rows_ += rows;
  }

  const absl::string_view bytes_;
  jpeg_decompress_struct info_ = {};
  jpeg_error_mgr errors_;
  jpeg_progress_mgr progress_ = {};
  jmp_buf back_;
  std::vector<uint8_t> row_;
  std::string message_;
  int orientation_ = 1;
  int rows_read_ = 0;
  int missing_component_ = -1;
  // The bytes are used up.
  bool ended_ = false;
  // In rows of MCUs; -1 when none.
  int64_t damaged_from_ = -1;
  int64_t damaged_rows_ = 0;
  // The last row of the segment counted last, and its scan.
  int64_t damaged_until_ = 0;
  int damaged_scan_ = 0;
};

absl::Status DecoderError(const JpegDecoder& decoder, absl::string_view what) {
  if (!decoder.unsupported()) return MalformedImage(what, decoder.message());
  return NotReadError(absl::StrCat("JPEG of a rare kind (", decoder.message(), ")"),
                      MediaKind::kPicture, what);
}

}  // namespace

bool IsJpeg(absl::string_view bytes) { return absl::StartsWith(bytes, "\xFF\xD8\xFF"); }

absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes, absl::string_view what) {
  JpegDecoder decoder(bytes);
  if (!decoder.ReadHeader()) return DecoderError(decoder, what);
  Image image;
  image.height = decoder.height();
  image.width = decoder.width();
  NIWAKI_RETURN_IF_ERROR(CheckImageSize(image.height, image.width, what));
  if (!decoder.HasBytesForHalf()) {
    return MalformedImage(what, absl::StrCat("cut short: ", bytes.size(), " bytes cannot hold ",
                                             image.width, "x", image.height, " pixels"));
  }
  image.pixels.resize(size_t{kRgb} * image.height * image.width);
  decoder.MakeRow();
  if (!decoder.ReadPixels(image.pixels.data())) return DecoderError(decoder, what);
  const int missing = decoder.missing_component();
  if (missing >= 0) {
    return MalformedImage(what,
                          absl::StrCat("cut short: colour component ", missing + 1, " is missing"));
  }
  const int whole = decoder.WholeRows();
  image.warning = decoder.message();
  if (whole < image.height) {
    image.warning = absl::StrCat("cut short or damaged: ", whole, " of ", image.height,
                                 " rows are whole (", decoder.message(), ")");
  }
  if (whole < kMinWhole * image.height) return MalformedImage(what, image.warning);
  return Upright(std::move(image), decoder.orientation());
}

}  // namespace niwaki::data
