#include "libs/data/audio/wav.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/file_kind.h"

namespace niwaki::data {
namespace {

constexpr uint64_t kUnfinishedStream = 0x7FFFF000;
// What RF64 has in place of a size that its ds64 chunk gives.
constexpr uint64_t kSizeElsewhere = 0xFFFFFFFF;
constexpr int kPcm = 1;
constexpr int kFloat = 3;
constexpr int kExtensible = 0xFFFE;
constexpr int kMinRateHz = 1000;
constexpr int kMaxRateHz = 384000;
constexpr size_t kFileHeaderBytes = 12;
constexpr size_t kChunkHeaderBytes = 8;
// More elements beyond [-1, 1] than one of so many are worth a warning.
constexpr size_t kFewCut = 1000;

void Put16(std::string& out, uint16_t value) {
  out.push_back(static_cast<char>(value & 0xFF));
  out.push_back(static_cast<char>(value >> 8));
}
void Put32(std::string& out, uint32_t value) {
  Put16(out, value & 0xFFFF);
  Put16(out, value >> 16);
}

absl::Status Malformed(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

void Warn(WavClip& clip, absl::string_view problem) {
  absl::StrAppend(&clip.warning, clip.warning.empty() ? "" : "; ", problem);
}

// The number of `count` bytes at `p`.
uint64_t Get(const char* p, int count, bool big_endian) {
  uint64_t value = 0;
  for (int k = 0; k < count; ++k) {
    value = value << 8 | static_cast<uint8_t>(p[big_endian ? k : count - 1 - k]);
  }
  return value;
}

struct Format {
  int codec = 0;
  int channels = 0;
  int sample_rate_hz = 0;
  int bits = 0;
  bool big_endian = false;

  int SampleBytes() const { return (bits + 7) / 8; }
  size_t FrameBytes() const { return size_t{1} * SampleBytes() * channels; }
};

absl::string_view CodecName(int codec) {
  switch (codec) {
    case kPcm:
      return "PCM";
    case 0x0002:
      return "Microsoft ADPCM";
    case kFloat:
      return "float";
    case 0x0006:
      return "A-law";
    case 0x0007:
      return "mu-law";
    case 0x0011:
      return "IMA ADPCM";
    case 0x0031:
      return "GSM 6.10";
    case 0x0050:
      return "MPEG audio";
    case 0x0055:
      return "MP3";
    case 0x0161:
      return "Windows Media";
    case 0xF1AC:
      return "FLAC";
    default:
      return "another codec";
  }
}

// The real codec of an extensible header is the start of its sub-format, whose end is the same for
// all that have a number.
int SubFormat(absl::string_view chunk, bool big_endian) {
  constexpr absl::string_view kNumbered("\x80\0\0\xAA\0\x38\x9B\x71", 8);
  if (chunk.size() < 26) return kExtensible;
  if (chunk.size() < 40) return static_cast<int>(Get(chunk.data() + 24, 2, big_endian));
  if (chunk.substr(32, 8) != kNumbered) return kExtensible;
  return static_cast<int>(Get(chunk.data() + 24, 4, big_endian) & 0xFFFF);
}

// The size of a frame is written twice; where both disagree, the bits decide.
absl::Status CheckBlock(int block, const Format& format, absl::string_view what, WavClip& clip) {
  if (block == 0 || block == static_cast<int>(format.FrameBytes())) return absl::OkStatus();
  const std::string problem = absl::StrCat("a block of ", block, " bytes is not ", format.channels,
                                           " channels of ", format.bits, " bits");
  // Some programs write 24 bits at the top of four bytes, others at the bottom.
  if (format.SampleBytes() == 3 && block == 4 * format.channels) return Malformed(what, problem);
  Warn(clip, problem);
  return absl::OkStatus();
}

absl::StatusOr<Format> ParseFormat(absl::string_view chunk, bool big_endian, absl::string_view what,
                                   WavClip& clip) {
  if (chunk.size() < 16) return Malformed(what, "fmt chunk shorter than 16 bytes");
  const auto number = [&](size_t at, int count) {
    return static_cast<int64_t>(Get(chunk.data() + at, count, big_endian));
  };
  Format format;
  format.big_endian = big_endian;
  format.codec = static_cast<int>(number(0, 2));
  format.channels = static_cast<int>(number(2, 2));
  format.bits = static_cast<int>(number(14, 2));
  const int64_t rate = number(4, 4);
  if (rate < kMinRateHz || rate > kMaxRateHz) {
    return Malformed(
        what, absl::StrCat("sample rate ", rate, " not in [", kMinRateHz, ", ", kMaxRateHz, "]"));
  }
  format.sample_rate_hz = static_cast<int>(rate);
  if (format.codec == kExtensible) format.codec = SubFormat(chunk, big_endian);
  const bool known = (format.codec == kPcm && format.bits >= 1 && format.bits <= 32) ||
                     (format.codec == kFloat && (format.bits == 32 || format.bits == 64));
  if (!known) {
    const std::string name = absl::StrCat(CodecName(format.codec), " (WAV codec ", format.codec,
                                          " with ", format.bits, " bits)");
    return NotReadError(name, MediaKind::kSound, what);
  }
  if (format.channels < 1) return Malformed(what, "no channels");
  NIWAKI_RETURN_IF_ERROR(CheckBlock(static_cast<int>(number(12, 2)), format, what, clip));
  return format;
}

// PCM as a part of full scale: what has fewer bits than bytes is written at their top.
double PcmAt(const char* p, const Format& format) {
  // Nearly all files.
  if (format.SampleBytes() == 2 && !format.big_endian) {
    return static_cast<int16_t>(static_cast<uint8_t>(p[0]) | static_cast<uint8_t>(p[1]) << 8) /
           32768.0;
  }
  const uint64_t raw = Get(p, format.SampleBytes(), format.big_endian);
  if (format.SampleBytes() == 1) return (static_cast<double>(raw) - 128) / 128;
  const auto top =
      static_cast<int32_t>(static_cast<uint32_t>(raw << (32 - 8 * format.SampleBytes())));
  return top / 2147483648.0;
}

double FloatAt(const char* p, const Format& format) {
  const uint64_t raw = Get(p, format.SampleBytes(), format.big_endian);
  if (format.bits == 64) {
    double value;
    std::memcpy(&value, &raw, sizeof(value));
    return value;
  }
  const auto bits = static_cast<uint32_t>(raw);
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

absl::Status DecodeFrames(absl::string_view data, const Format& format, absl::string_view what,
                          WavClip& clip) {
  clip.sample_rate_hz = format.sample_rate_hz;
  clip.samples.resize(data.size() / format.FrameBytes());
  double peak = 0;
  size_t cut = 0;
  const char* p = data.data();
  for (size_t i = 0; i < clip.samples.size(); ++i) {
    double sum = 0;
    for (int c = 0; c < format.channels; ++c, p += format.SampleBytes()) {
      const double value = format.codec == kPcm ? PcmAt(p, format) : FloatAt(p, format);
      if (!std::isfinite(value)) {
        return Malformed(what, absl::StrCat("sample ", i, " of channel ", c + 1, " is ", value));
      }
      if (std::abs(value) > 1) ++cut;
      peak = std::max(peak, std::abs(value));
      sum += std::clamp(value, -1.0, 1.0);
    }
    clip.samples[i] = static_cast<float>(sum / format.channels);
  }
  const size_t elements = clip.samples.size() * format.channels;
  if (cut > elements / kFewCut) {
    Warn(clip, absl::StrCat(cut, " of ", elements, " elements are beyond 1 (up to ", peak,
                            ") and are cut to it"));
  }
  return absl::OkStatus();
}

bool IsName(absl::string_view id) {
  return std::all_of(id.begin(), id.end(), [](unsigned char c) { return absl::ascii_isprint(c); });
}

// Of chunks that programs write behind the sound.
bool IsUsualName(absl::string_view id) {
  constexpr absl::string_view kNames[] = {"LIST", "fact", "cue ", "bext", "iXML", "id3 ",
                                          "ID3 ", "smpl", "inst", "PEAK", "JUNK", "junk"};
  return std::find(std::begin(kNames), std::end(kNames), id) != std::end(kNames);
}

// Whether `bytes` are nothing but chunks, or nothing.
bool AreChunks(absl::string_view bytes, bool big_endian) {
  while (bytes.size() >= kChunkHeaderBytes) {
    const uint64_t size = Get(bytes.data() + 4, 4, big_endian);
    const uint64_t left = bytes.size() - kChunkHeaderBytes;
    if (!IsName(bytes.substr(0, 4)) || size > left) return false;
    bytes.remove_prefix(kChunkHeaderBytes + std::min(left, size + (size & 1)));
  }
  return bytes.empty();
}

// Reads the chunks of one file in their order.
class WavParser {
 public:
  WavParser(absl::string_view bytes, absl::string_view what) : bytes_(bytes), what_(what) {}

  absl::StatusOr<WavClip> Parse() {
    const absl::string_view id = bytes_.substr(0, 4);
    const bool riff = id == "RIFF" || id == "RIFX" || id == "RF64" || id == "BW64";
    if (!riff || bytes_.size() < kFileHeaderBytes || bytes_.substr(8, 4) != "WAVE") {
      return UnknownFileError(bytes_, MediaKind::kSound, what_);
    }
    big_endian_ = id == "RIFX";
    has_sizes_elsewhere_ = id == "RF64" || id == "BW64";
    while (bytes_.size() - at_ >= kChunkHeaderBytes) {
      const absl::string_view name = bytes_.substr(at_, 4);
      const uint64_t size = Get(bytes_.data() + at_ + 4, 4, big_endian_);
      at_ += kChunkHeaderBytes;
      if (name == "data") {
        NIWAKI_RETURN_IF_ERROR(ReadSound(size));
        return std::move(clip_);
      }
      NIWAKI_RETURN_IF_ERROR(ReadChunk(name, size));
    }
    return Malformed(what_, "no data chunk");
  }

 private:
  uint64_t Left() const { return bytes_.size() - at_; }

  absl::Status ReadChunk(absl::string_view name, uint64_t size) {
    if (size > Left()) {
      return Malformed(what_, absl::StrCat("chunk of ", size, " bytes, ", Left(), " are left"));
    }
    const absl::string_view chunk = bytes_.substr(at_, size);
    if (name == "fmt ") {
      NIWAKI_ASSIGN_OR_RETURN(format_, ParseFormat(chunk, big_endian_, what_, clip_));
    } else if (name == "ds64" && chunk.size() >= 16) {
      sound_bytes_ = Get(chunk.data() + 8, 8, big_endian_);
    }
    at_ += size;
    if (size % 2 == 1 && Left() > 0 && !PaddingIsMissing()) ++at_;
    return absl::OkStatus();
  }

  // Chunks are padded to an even size, which some programs forget.
  bool PaddingIsMissing() const {
    const absl::string_view padded = bytes_.substr(at_ + 1, 4);
    return IsName(bytes_.substr(at_, 4)) && padded != "data" && padded != "fmt ";
  }

  // The sound whose length nobody wrote ends with what the header calls the file, if that is more
  // than nothing, else with the bytes; but before chunks that stand behind it.
  absl::string_view ToTheEnd() const {
    const uint64_t file_end = Get(bytes_.data() + 4, 4, big_endian_) + kChunkHeaderBytes;
    const bool plausible = file_end > at_ && file_end <= bytes_.size();
    const absl::string_view rest = bytes_.substr(at_, (plausible ? file_end : bytes_.size()) - at_);
    for (size_t i = 0; i + kChunkHeaderBytes <= rest.size(); i += 2) {
      if (IsUsualName(rest.substr(i, 4)) && AreChunks(rest.substr(i), big_endian_)) {
        return rest.substr(0, i);
      }
    }
    return rest;
  }

  absl::Status ReadSound(uint64_t size) {
    if (format_.codec == 0) return Malformed(what_, "data chunk before fmt chunk");
    if (has_sizes_elsewhere_ && size == kSizeElsewhere) size = sound_bytes_;
    if (size >= kUnfinishedStream && size > Left()) return Decode(ToTheEnd());
    if (size == 0 && !AreChunks(bytes_.substr(at_), big_endian_)) {
      Warn(clip_, "the header gives the sound no length, so it ends with the file");
      return Decode(ToTheEnd());
    }
    if (size > Left()) {
      const std::string problem =
          absl::StrCat("cut short: of ", size, " bytes of sound ", Left(), " are there");
      if (Left() < format_.FrameBytes()) return Malformed(what_, problem);
      Warn(clip_, problem);
      return Decode(bytes_.substr(at_));
    }
    const absl::string_view rest = bytes_.substr(at_ + size);
    if (!NeedNotBeSound(rest)) {
      Warn(clip_, absl::StrCat(rest.size(), " bytes behind the sound are not used"));
    }
    return Decode(bytes_.substr(at_, size));
  }

  // Chunks, with or without padding before them, a tag of MP3 players, or zeros.
  bool NeedNotBeSound(absl::string_view rest) const {
    return AreChunks(rest, big_endian_) || AreChunks(rest.substr(1), big_endian_) ||
           absl::StartsWith(rest, "TAG") || absl::StartsWith(rest, "ID3") ||
           std::all_of(rest.begin(), rest.end(), [](char c) { return c == '\0'; });
  }

  absl::Status Decode(absl::string_view data) { return DecodeFrames(data, format_, what_, clip_); }

  const absl::string_view bytes_;
  const absl::string_view what_;
  size_t at_ = kFileHeaderBytes;
  bool big_endian_ = false;
  bool has_sizes_elsewhere_ = false;
  // Of the ds64 chunk.
  uint64_t sound_bytes_ = kSizeElsewhere;
  Format format_;
  WavClip clip_;
};

}  // namespace

absl::StatusOr<WavClip> ParseWav(absl::string_view bytes, absl::string_view what) {
  return WavParser(bytes, what).Parse();
}

std::string FormatWav(absl::Span<const float> samples, int sample_rate_hz) {
  const uint32_t data_bytes = samples.size() * 2;
  std::string out = "RIFF";
  Put32(out, 36 + data_bytes);
  out += "WAVEfmt ";
  Put32(out, 16);
  Put16(out, kPcm);
  Put16(out, 1);
  Put32(out, sample_rate_hz);
  Put32(out, sample_rate_hz * 2);
  Put16(out, 2);
  Put16(out, 16);
  out += "data";
  Put32(out, data_bytes);
  for (float sample : samples) {
    const float scaled = std::nearbyint(std::clamp(sample * 32768.0f, -32768.0f, 32767.0f));
    Put16(out, static_cast<uint16_t>(static_cast<int16_t>(scaled)));
  }
  return out;
}

}  // namespace niwaki::data
