// Frames of the board protocol (FRAME.md): written, and found in any stream of bytes.

#ifndef NIWAKI_LIBS_BOARD_PROTOCOL_FRAME_H_
#define NIWAKI_LIBS_BOARD_PROTOCOL_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace niwaki::board {

// Of a payload; what every receiver takes at least.
inline constexpr size_t kMaxPayloadBytes = 4096;
inline constexpr size_t kMinPayloadLimit = 512;
// Around a payload.
inline constexpr size_t kFrameHeaderBytes = 12;
inline constexpr size_t kFrameOverheadBytes = kFrameHeaderBytes + 4;

struct Frame {
  uint8_t type = 0;
  uint32_t sequence = 0;
  std::string payload;

  friend bool operator==(const Frame& a, const Frame& b) {
    return a.type == b.type && a.sequence == b.sequence && a.payload == b.payload;
  }
};

// The bytes of a frame; its payload has at most kMaxPayloadBytes.
std::string EncodeFrame(const Frame& frame);

struct FrameCounts {
  int64_t frames = 0;
  // In no frame: text, and what is left of broken ones.
  int64_t skipped_bytes = 0;
  // What began as a frame: with a header that does not check; of another version of the layout;
  // with a payload beyond the limit; with a check that is not its content's, or cut short.
  int64_t broken_headers = 0;
  int64_t other_versions = 0;
  int64_t too_long = 0;
  int64_t broken_frames = 0;

  int64_t broken() const { return broken_headers + other_versions + too_long + broken_frames; }
};

// Takes bytes in pieces of any size and gives the frames that are among them. Pure: no clock. Keeps
// at most one frame of the longest payload. A value; not thread-safe.
class FrameDecoder {
 public:
  explicit FrameDecoder(size_t max_payload_bytes = kMaxPayloadBytes)
      : max_payload_bytes_(max_payload_bytes) {}

  // Appends what is whole to `frames`.
  void Push(absl::string_view bytes, std::vector<Frame>& frames);

  // Nothing follows for now: what has arrived of a frame is none, and what it may have swallowed is
  // appended to `frames`.
  void GiveUp(std::vector<Frame>& frames);

  const FrameCounts& counts() const { return counts_; }
  // Of a frame that is not whole yet.
  size_t waiting_bytes() const { return buffer_.size(); }

 private:
  enum class Verdict { kIncomplete, kFrame, kNone };

  Verdict Look(absl::string_view bytes);
  void Scan(std::vector<Frame>& frames);

  size_t max_payload_bytes_;
  std::string buffer_;
  FrameCounts counts_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PROTOCOL_FRAME_H_
