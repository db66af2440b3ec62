#include "libs/data/audio/wav.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

constexpr uint32_t kUnfinishedStream = 0x7FFFF000;
constexpr int kPcm = 1;
constexpr int kFloat = 3;
constexpr int kExtensible = 0xFFFE;
constexpr int kMinRateHz = 1000;
constexpr int kMaxRateHz = 384000;

uint16_t Get16(const char* p) {
  return static_cast<uint8_t>(p[0]) | static_cast<uint8_t>(p[1]) << 8;
}
uint32_t Get32(const char* p) { return Get16(p) | static_cast<uint32_t>(Get16(p + 2)) << 16; }

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
      .Field(what)
      .Message(absl::StrCat(what, ": ", problem));
}

struct Format {
  int codec = 0;
  int channels = 0;
  int sample_rate_hz = 0;
  int bits = 0;
};

absl::StatusOr<Format> ParseFormat(absl::string_view chunk, absl::string_view what) {
  if (chunk.size() < 16) return Malformed(what, "fmt chunk shorter than 16 bytes");
  Format format;
  format.codec = Get16(chunk.data());
  format.channels = Get16(chunk.data() + 2);
  format.bits = Get16(chunk.data() + 14);
  const uint32_t rate = Get32(chunk.data() + 4);
  if (rate < kMinRateHz || rate > kMaxRateHz) {
    return Malformed(
        what, absl::StrCat("sample rate ", rate, " not in [", kMinRateHz, ", ", kMaxRateHz, "]"));
  }
  format.sample_rate_hz = rate;
  // The real codec of an extensible header is the start of its sub-format.
  if (format.codec == kExtensible && chunk.size() >= 26) format.codec = Get16(chunk.data() + 24);
  const bool known =
      (format.codec == kPcm && format.bits == 16) || (format.codec == kFloat && format.bits == 32);
  if (!known) {
    return Error(absl::StatusCode::kUnimplemented, reason::kFileMalformed)
        .Field(what)
        .Value(absl::StrCat("codec ", format.codec, ", ", format.bits, " bits"))
        .Limit("{PCM of 16 bits, float of 32 bits}")
        .Message(absl::StrCat(what, ": codec ", format.codec, " with ", format.bits,
                              " bits not in {PCM of 16 bits, float of 32 bits}"));
  }
  if (format.channels != 1 && format.channels != 2) {
    return Malformed(what, absl::StrCat("channels ", format.channels, " not in {1, 2}"));
  }
  return format;
}

float SampleAt(const char* p, const Format& format) {
  if (format.codec == kPcm) return static_cast<int16_t>(Get16(p)) / 32768.0f;
  const uint32_t bits = Get32(p);
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return std::isfinite(value) ? std::clamp(value, -1.0f, 1.0f) : 0.0f;
}

std::vector<float> Decode(absl::string_view data, const Format& format) {
  const int sample_bytes = format.bits / 8;
  const size_t frame_bytes = sample_bytes * format.channels;
  std::vector<float> samples(data.size() / frame_bytes);
  for (size_t i = 0; i < samples.size(); ++i) {
    float sum = 0;
    for (int c = 0; c < format.channels; ++c) {
      sum += SampleAt(data.data() + i * frame_bytes + c * sample_bytes, format);
    }
    samples[i] = sum / format.channels;
  }
  return samples;
}

}  // namespace

absl::StatusOr<WavClip> ParseWav(absl::string_view bytes, absl::string_view what) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") {
    return Malformed(what, "not a RIFF WAVE file");
  }
  Format format;
  size_t at = 12;
  while (bytes.size() - at >= 8) {
    const absl::string_view id = bytes.substr(at, 4);
    uint32_t size = Get32(bytes.data() + at + 4);
    at += 8;
    const size_t left = bytes.size() - at;
    const bool is_data = id == "data";
    if (is_data && size >= kUnfinishedStream && size > left) size = left;
    if (size > left) {
      return Malformed(what, absl::StrCat("chunk of ", size, " bytes, ", left, " are left"));
    }
    const absl::string_view chunk = bytes.substr(at, size);
    if (id == "fmt ") {
      NIWAKI_ASSIGN_OR_RETURN(format, ParseFormat(chunk, what));
    } else if (is_data) {
      if (format.codec == 0) return Malformed(what, "data chunk before fmt chunk");
      return WavClip{format.sample_rate_hz, Decode(chunk, format)};
    }
    // Chunks are padded to an even size.
    at += std::min<size_t>(left, size + (size & 1));
  }
  return Malformed(what, "no data chunk");
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
    const float scaled = std::round(std::clamp(sample, -1.0f, 1.0f) * 32767.0f);
    Put16(out, static_cast<uint16_t>(static_cast<int16_t>(scaled)));
  }
  return out;
}

}  // namespace niwaki::data
