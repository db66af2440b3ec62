#include "libs/data/image/decoders/bmp.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/data/file_kind.h"

namespace niwaki::data {
namespace {

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kOs2HeaderBytes = 12;
constexpr uint32_t kMinHeaderBytes = 40;
constexpr uint32_t kMaxHeaderBytes = 4096;
// From this header on there is a mask for alpha.
constexpr uint32_t kAlphaHeaderBytes = 56;
constexpr uint32_t kOs2V2HeaderBytes = 64;

enum Packing : uint32_t {
  kPlain = 0,
  kRle8 = 1,
  kRle4 = 2,
  kMasks = 3,
  kMasksWithAlpha = 6,
};

uint32_t Get(absl::string_view bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int k = count - 1; k >= 0; --k) value = value << 8 | static_cast<uint8_t>(bytes[at + k]);
  return value;
}

// One colour's bits within a pixel.
struct Mask {
  uint32_t bits = 0;
  int shift = 0;
  uint32_t max = 0;

  uint32_t Of(uint32_t pixel) const { return (pixel & bits) >> shift; }
};

struct Header {
  int64_t height = 0;
  int64_t width = 0;
  bool from_above = false;
  int bits = 0;
  uint32_t packing = kPlain;
  size_t pixels_at = 0;
  // [colours, 3]: red, green, blue; empty above 8 bits.
  std::vector<std::array<uint8_t, kRgb>> palette;
  // Red, green, blue, alpha; of 16 and 32 bits.
  std::array<Mask, 4> masks;

  int64_t RowBits() const { return width * bits; }
  int64_t RowBytes() const { return (RowBits() + 31) / 32 * 4; }
};

absl::StatusOr<Mask> MakeMask(uint32_t bits, int pixel_bits, absl::string_view what) {
  Mask mask;
  mask.bits = bits;
  if (bits == 0) return mask;
  while ((bits >> mask.shift & 1) == 0) ++mask.shift;
  mask.max = bits >> mask.shift;
  const bool contiguous = (mask.max & (uint64_t{mask.max} + 1)) == 0;
  if (!contiguous || (pixel_bits == 16 && bits > 0xFFFF)) {
    return MalformedImage(what, absl::StrCat("colour mask ", absl::Hex(bits), " of a pixel of ",
                                             pixel_bits, " bits"));
  }
  return mask;
}

absl::Status ReadMasks(absl::string_view bytes, uint32_t header_bytes, absl::string_view what,
                       Header& header) {
  std::array<uint32_t, 4> masks = {0xFF0000, 0xFF00, 0xFF, 0};
  if (header.bits == 16) masks = {0x7C00, 0x3E0, 0x1F, 0};
  if (header.packing != kPlain) {
    const bool alpha = header.packing == kMasksWithAlpha || header_bytes >= kAlphaHeaderBytes;
    const size_t at = kFileHeaderBytes + kMinHeaderBytes;
    const size_t count = alpha ? 4 : 3;
    if (bytes.size() < at + 4 * count) return MalformedImage(what, "cut short in its header");
    for (size_t k = 0; k < count; ++k) masks[k] = Get(bytes, at + 4 * k, 4);
  }
  uint32_t seen = 0;
  for (size_t k = 0; k < masks.size(); ++k) {
    if ((seen & masks[k]) != 0) return MalformedImage(what, "colour masks overlap");
    seen |= masks[k];
    NIWAKI_ASSIGN_OR_RETURN(header.masks[k], MakeMask(masks[k], header.bits, what));
  }
  return absl::OkStatus();
}

// `used` is the number of colours that the header names, 0 for all.
absl::Status ReadPalette(absl::string_view bytes, uint32_t header_bytes, uint32_t used,
                         absl::string_view what, Header& header) {
  const size_t entry = header_bytes == kOs2HeaderBytes ? 3 : 4;
  const size_t at = kFileHeaderBytes + header_bytes;
  const size_t all = size_t{1} << header.bits;
  size_t count = used == 0 ? all : std::min<size_t>(used, all);
  // Programs of OS/2 write fewer than the header says.
  if (header.pixels_at > at) count = std::min(count, (header.pixels_at - at) / entry);
  if (bytes.size() < at + count * entry) return MalformedImage(what, "cut short in its palette");
  for (size_t i = 0; i < count; ++i) {
    const auto byte = [&](size_t k) { return static_cast<uint8_t>(bytes[at + i * entry + k]); };
    header.palette.push_back({byte(2), byte(1), byte(0)});
  }
  if (header.palette.empty()) return MalformedImage(what, "no palette");
  return absl::OkStatus();
}

// Whether pixels of this depth can be packed in this way.
bool IsKnown(uint32_t header_bytes, int bits, uint32_t packing) {
  switch (packing) {
    case kPlain:
      return true;
    case kRle8:
      return bits == 8;
    case kRle4:
      return bits == 4;
    case kMasks:
    case kMasksWithAlpha:
      // Of OS/2, 3 is a fax code.
      return (bits == 16 || bits == 32) && header_bytes != kOs2V2HeaderBytes;
    default:
      return false;
  }
}

absl::StatusOr<Header> ReadHeader(absl::string_view bytes, absl::string_view what) {
  if (bytes.size() < kFileHeaderBytes + 4) return MalformedImage(what, "cut short in its header");
  const uint32_t header_bytes = Get(bytes, kFileHeaderBytes, 4);
  const bool os2 = header_bytes == kOs2HeaderBytes;
  if (!os2 && (header_bytes < kMinHeaderBytes || header_bytes > kMaxHeaderBytes)) {
    return MalformedImage(what, absl::StrCat("BMP header of ", header_bytes, " bytes"));
  }
  if (bytes.size() < kFileHeaderBytes + header_bytes) {
    return MalformedImage(what, "cut short in its header");
  }
  Header header;
  header.pixels_at = Get(bytes, 10, 4);
  uint32_t used = 0;
  if (os2) {
    header.width = Get(bytes, 18, 2);
    header.height = Get(bytes, 20, 2);
    header.bits = Get(bytes, 24, 2);
  } else {
    header.width = static_cast<int32_t>(Get(bytes, 18, 4));
    header.height = static_cast<int32_t>(Get(bytes, 22, 4));
    header.bits = Get(bytes, 28, 2);
    header.packing = Get(bytes, 30, 4);
    used = Get(bytes, 46, 4);
  }
  header.from_above = header.height < 0;
  if (header.from_above) header.height = -header.height;
  NIWAKI_RETURN_IF_ERROR(CheckImageSize(header.height, header.width, what));
  constexpr int kDepths[] = {1, 2, 4, 8, 16, 24, 32};
  if (std::find(std::begin(kDepths), std::end(kDepths), header.bits) == std::end(kDepths)) {
    return MalformedImage(what, absl::StrCat("BMP of ", header.bits, " bits a pixel"));
  }
  if (!IsKnown(header_bytes, header.bits, header.packing)) {
    const std::string kind =
        absl::StrCat("BMP with packing ", header.packing, " of ", header.bits, " bits");
    return NotReadError(kind, MediaKind::kPicture, what);
  }
  if (header.bits <= 8) {
    NIWAKI_RETURN_IF_ERROR(ReadPalette(bytes, header_bytes, used, what, header));
  } else if (header.bits != 24) {
    NIWAKI_RETURN_IF_ERROR(ReadMasks(bytes, header_bytes, what, header));
  }
  if (header.pixels_at < kFileHeaderBytes + header_bytes || header.pixels_at > bytes.size()) {
    return MalformedImage(
        what, absl::StrCat("its pixels begin at byte ", header.pixels_at, " of ", bytes.size()));
  }
  return header;
}

absl::Status PaletteError(int index, const Header& header, absl::string_view what) {
  return MalformedImage(what,
                        absl::StrCat("colour ", index, " of a palette of ", header.palette.size()));
}

// Of the rows as the file has them, the first is the lowest.
uint8_t* RowOf(const Header& header, int64_t stored, Image& image) {
  const int64_t y = header.from_above ? stored : header.height - 1 - stored;
  return image.pixels.data() + y * header.width * kRgb;
}

absl::Status ReadIndices(absl::string_view data, const Header& header, absl::string_view what,
                         Image& image) {
  const int per_byte = 8 / header.bits;
  const int mask = (1 << header.bits) - 1;
  for (int64_t stored = 0; stored < header.height; ++stored) {
    const char* row = data.data() + stored * header.RowBytes();
    uint8_t* rgb = RowOf(header, stored, image);
    for (int64_t x = 0; x < header.width; ++x, rgb += kRgb) {
      const int shift = 8 - header.bits * static_cast<int>(x % per_byte + 1);
      const int index = static_cast<uint8_t>(row[x / per_byte]) >> shift & mask;
      if (index >= static_cast<int>(header.palette.size()))
        return PaletteError(index, header, what);
      std::copy_n(header.palette[index].data(), kRgb, rgb);
    }
  }
  return absl::OkStatus();
}

void ReadBytes(absl::string_view data, const Header& header, Image& image) {
  for (int64_t stored = 0; stored < header.height; ++stored) {
    const char* bgr = data.data() + stored * header.RowBytes();
    uint8_t* rgb = RowOf(header, stored, image);
    for (int64_t x = 0; x < header.width; ++x, bgr += kRgb, rgb += kRgb) {
      for (int c = 0; c < kRgb; ++c) rgb[c] = static_cast<uint8_t>(bgr[kRgb - 1 - c]);
    }
  }
}

// Some programs name a mask for alpha and leave every one at 0.
bool HasAlpha(absl::string_view data, const Header& header) {
  const int pixel_bytes = header.bits / 8;
  if (header.masks[kRgb].bits == 0) return false;
  for (int64_t stored = 0; stored < header.height; ++stored) {
    for (int64_t x = 0; x < header.width; ++x) {
      const size_t at = stored * header.RowBytes() + x * pixel_bytes;
      if (header.masks[kRgb].Of(Get(data, at, pixel_bytes)) != 0) return true;
    }
  }
  return false;
}

void ReadMasked(absl::string_view data, const Header& header, Image& image) {
  const int pixel_bytes = header.bits / 8;
  const bool has_alpha = HasAlpha(data, header);
  for (int64_t stored = 0; stored < header.height; ++stored) {
    uint8_t* rgb = RowOf(header, stored, image);
    for (int64_t x = 0; x < header.width; ++x, rgb += kRgb) {
      const uint32_t pixel = Get(data, stored * header.RowBytes() + x * pixel_bytes, pixel_bytes);
      const Mask& alpha = header.masks[kRgb];
      for (int c = 0; c < kRgb; ++c) {
        const Mask& mask = header.masks[c];
        const uint8_t byte = mask.bits == 0 ? 0 : ScaleToByte(mask.Of(pixel), mask.max);
        rgb[c] =
            has_alpha ? static_cast<uint8_t>(OverBlack(byte, alpha.Of(pixel), alpha.max)) : byte;
      }
    }
  }
}

// RLE4 and RLE8: pairs of bytes, (count, colours) or (0, command).
class RunReader {
 public:
  RunReader(absl::string_view data, const Header& header, absl::string_view what, Image& image)
      : data_(data), header_(header), what_(what), image_(image) {}

  absl::Status Read() {
    constexpr int kEndOfRow = 0, kEnd = 1, kMove = 2;
    while (data_.size() - at_ >= 2) {
      const int count = Next(), command = Next();
      if (count > 0) {
        NIWAKI_RETURN_IF_ERROR(Run(count, command));
      } else if (command == kEndOfRow) {
        x_ = 0;
        ++row_;
      } else if (command == kEnd) {
        return absl::OkStatus();
      } else if (command == kMove) {
        if (data_.size() - at_ < 2) break;
        x_ += Next();
        row_ += Next();
      } else {
        NIWAKI_RETURN_IF_ERROR(Literal(command));
      }
    }
    // Without an end mark all rows must be there.
    if (row_ >= header_.height || (row_ == header_.height - 1 && x_ >= header_.width)) {
      return absl::OkStatus();
    }
    return MalformedImage(
        what_, absl::StrCat("cut short: ", row_, " of ", header_.height, " rows are there"));
  }

 private:
  int Next() { return static_cast<uint8_t>(data_[at_++]); }

  // The `i`th of the colours that `byte` repeats, or the two halves of it.
  int IndexIn(int byte, int i) const {
    if (header_.packing == kRle8) return byte;
    return i % 2 == 0 ? byte >> 4 : byte & 15;
  }

  absl::Status Run(int count, int byte) {
    for (int i = 0; i < count; ++i) NIWAKI_RETURN_IF_ERROR(Put(IndexIn(byte, i)));
    return absl::OkStatus();
  }

  // `count` colours one by one, padded to an even number of bytes.
  absl::Status Literal(int count) {
    const size_t bytes = header_.packing == kRle8 ? count : (count + 1) / 2;
    if (data_.size() - at_ < bytes) return MalformedImage(what_, "cut short in a run of colours");
    for (int i = 0; i < count; ++i) {
      const size_t at = at_ + (header_.packing == kRle8 ? i : i / 2);
      NIWAKI_RETURN_IF_ERROR(Put(IndexIn(static_cast<uint8_t>(data_[at]), i)));
    }
    at_ = std::min(data_.size(), at_ + bytes + bytes % 2);
    return absl::OkStatus();
  }

  // Colours beyond the end of a row or of the picture are padding of some programs.
  absl::Status Put(int index) {
    if (index >= static_cast<int>(header_.palette.size())) {
      return PaletteError(index, header_, what_);
    }
    if (x_ < header_.width && row_ < header_.height) {
      std::copy_n(header_.palette[index].data(), kRgb, RowOf(header_, row_, image_) + x_ * kRgb);
    }
    ++x_;
    return absl::OkStatus();
  }

  const absl::string_view data_;
  const Header& header_;
  const absl::string_view what_;
  Image& image_;
  size_t at_ = 0;
  int64_t x_ = 0;
  int64_t row_ = 0;
};

// Every row but the last must have its padding.
absl::Status CheckLength(absl::string_view data, const Header& header, absl::string_view what) {
  const int64_t needed = (header.height - 1) * header.RowBytes() + (header.RowBits() + 7) / 8;
  if (static_cast<int64_t>(data.size()) >= needed) return absl::OkStatus();
  return MalformedImage(
      what, absl::StrCat("cut short: pixels of ", needed, " bytes, ", data.size(), " are there"));
}

}  // namespace

bool IsBmp(absl::string_view bytes) { return absl::StartsWith(bytes, "BM"); }

absl::StatusOr<Image> DecodeBmp(absl::string_view bytes, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Header header, ReadHeader(bytes, what));
  const absl::string_view data = bytes.substr(header.pixels_at);
  const bool runs = header.packing == kRle8 || header.packing == kRle4;
  if (!runs) NIWAKI_RETURN_IF_ERROR(CheckLength(data, header, what));
  Image image;
  image.height = static_cast<int>(header.height);
  image.width = static_cast<int>(header.width);
  image.pixels.resize(size_t{kRgb} * header.height * header.width);
  if (runs) {
    for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = header.palette[0][i % kRgb];
    NIWAKI_RETURN_IF_ERROR(RunReader(data, header, what, image).Read());
  } else if (header.bits <= 8) {
    NIWAKI_RETURN_IF_ERROR(ReadIndices(data, header, what, image));
  } else if (header.bits == 24) {
    ReadBytes(data, header, image);
  } else {
    ReadMasked(data, header, image);
  }
  return image;
}

}  // namespace niwaki::data
