#include "libs/board/protocol/frame.h"

#include <algorithm>

#include "libs/base/crc32.h"
#include "libs/base/log.h"

namespace niwaki::board {
namespace {

constexpr char kSync[] = "\xE7\x9D";
constexpr uint8_t kLayoutVersion = 1;
// Where the checks begin: behind the sync bytes.
constexpr size_t kChecked = 2;
constexpr size_t kHeaderCheckAt = 10;

void Append(std::string& bytes, uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

uint32_t Get(absl::string_view bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  }
  return value;
}

uint32_t HeaderCheck(absl::string_view bytes) {
  return Crc32(bytes.substr(kChecked, kHeaderCheckAt - kChecked)) & 0xFFFF;
}

// Whether the first bytes, all or one of them, are the sync.
bool MayBeFrame(absl::string_view bytes) {
  return bytes[0] == kSync[0] && (bytes.size() < 2 || bytes[1] == kSync[1]);
}

size_t WholeBytes(absl::string_view header) { return kFrameOverheadBytes + Get(header, 8, 2); }

}  // namespace

std::string EncodeFrame(const Frame& frame) {
  NIWAKI_CHECK(frame.payload.size() <= kMaxPayloadBytes);
  std::string bytes(kSync, 2);
  bytes.reserve(kFrameOverheadBytes + frame.payload.size());
  Append(bytes, kLayoutVersion, 1);
  Append(bytes, frame.type, 1);
  Append(bytes, frame.sequence, 4);
  Append(bytes, static_cast<uint32_t>(frame.payload.size()), 2);
  Append(bytes, HeaderCheck(bytes), 2);
  bytes += frame.payload;
  Append(bytes, Crc32(absl::string_view(bytes).substr(kChecked)), 4);
  return bytes;
}

FrameDecoder::Verdict FrameDecoder::Look(absl::string_view bytes) {
  if (!MayBeFrame(bytes)) return Verdict::kNone;
  if (bytes.size() < kFrameHeaderBytes) return Verdict::kIncomplete;
  if (Get(bytes, kHeaderCheckAt, 2) != HeaderCheck(bytes)) {
    ++counts_.broken_headers;
    return Verdict::kNone;
  }
  if (Get(bytes, 2, 1) != kLayoutVersion) {
    ++counts_.other_versions;
    return Verdict::kNone;
  }
  if (WholeBytes(bytes) > kFrameOverheadBytes + max_payload_bytes_) {
    ++counts_.too_long;
    return Verdict::kNone;
  }
  const size_t whole = WholeBytes(bytes);
  if (bytes.size() < whole) return Verdict::kIncomplete;
  if (Get(bytes, whole - 4, 4) != Crc32(bytes.substr(kChecked, whole - 4 - kChecked))) {
    ++counts_.broken_frames;
    return Verdict::kNone;
  }
  return Verdict::kFrame;
}

void FrameDecoder::Scan(std::vector<Frame>& frames) {
  absl::string_view rest = buffer_;
  while (!rest.empty()) {
    const Verdict verdict = Look(rest);
    if (verdict == Verdict::kIncomplete) break;
    if (verdict == Verdict::kFrame) {
      const size_t whole = WholeBytes(rest);
      frames.push_back({static_cast<uint8_t>(Get(rest, 3, 1)), Get(rest, 4, 4),
                        std::string(rest.substr(kFrameHeaderBytes, whole - kFrameOverheadBytes))});
      ++counts_.frames;
      rest.remove_prefix(whole);
      continue;
    }
    const size_t next = std::min(rest.find(kSync[0], 1), rest.size());
    counts_.skipped_bytes += static_cast<int64_t>(next);
    rest.remove_prefix(next);
  }
  buffer_.erase(0, buffer_.size() - rest.size());
}

void FrameDecoder::Push(absl::string_view bytes, std::vector<Frame>& frames) {
  const size_t most = kFrameOverheadBytes + max_payload_bytes_;
  while (!bytes.empty()) {
    // After a scan the buffer holds less than a whole frame, so that there is room.
    const absl::string_view piece = bytes.substr(0, most - buffer_.size());
    buffer_.append(piece.data(), piece.size());
    bytes.remove_prefix(piece.size());
    Scan(frames);
  }
}

void FrameDecoder::GiveUp(std::vector<Frame>& frames) {
  while (!buffer_.empty()) {
    ++counts_.broken_frames;
    ++counts_.skipped_bytes;
    buffer_.erase(0, 1);
    Scan(frames);
  }
}

}  // namespace niwaki::board
