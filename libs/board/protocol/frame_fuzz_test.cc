#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/board/firmware/frame.h"
#include "libs/board/protocol/frame.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  const std::string run = board::EncodeFrame({4, 0x2A0003, "\1"});
  return {run, "m-ready\r\n" + run + board::EncodeFrame({2, 1, ""}),
          board::EncodeFrame({3, 7, std::string(40, '\xE7')}) + run.substr(0, 9) + run};
}

// The same frames whatever the pieces; the firmware's C finds what the host's code does, and both
// keep to their limits.
bool Run(absl::string_view input) {
  board::FrameDecoder whole(NW_FRAME_PAYLOAD), pieces(NW_FRAME_PAYLOAD);
  std::vector<board::Frame> frames, by_byte;
  whole.Push(input, frames);
  static nw_frame_reader reader;
  reader = {};
  size_t found = 0;
  for (const char byte : input) {
    pieces.Push(absl::string_view(&byte, 1), by_byte);
    nw_frame_push(&reader, static_cast<uint8_t>(byte));
    nw_frame frame;
    while (nw_frame_next(&reader, &frame) != 0) {
      NIWAKI_CHECK(found < by_byte.size());
      NIWAKI_CHECK(by_byte[found].sequence == frame.sequence);
      NIWAKI_CHECK(by_byte[found].payload.size() == frame.size);
      ++found;
    }
    NIWAKI_CHECK(reader.size <= NW_FRAME_BYTES);
  }
  NIWAKI_CHECK(frames == by_byte);
  NIWAKI_CHECK(found == frames.size());
  NIWAKI_CHECK(whole.waiting_bytes() <= NW_FRAME_BYTES);
  size_t bytes = 0;
  for (const board::Frame& frame : frames) bytes += board::EncodeFrame(frame).size();
  NIWAKI_CHECK(bytes + whole.counts().skipped_bytes + whole.waiting_bytes() == input.size());
  whole.GiveUp(frames);
  NIWAKI_CHECK(whole.waiting_bytes() == 0);
  return !frames.empty();
}

}  // namespace niwaki::fuzz
