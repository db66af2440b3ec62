#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/board/protocol/message.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

// What was read is written as it came.
template <typename T>
bool Same(const absl::StatusOr<T>& message, absl::string_view payload) {
  if (!message.ok()) return false;
  NIWAKI_CHECK(board::Encode(*message) == payload);
  return true;
}

board::BoardIdentity Identity() {
  board::BoardIdentity identity;
  identity.max_payload_bytes = 1024;
  identity.clock_hz = identity.tick_hz = 25000000;
  identity.input_bytes = 360;
  identity.output_bytes = 10;
  identity.board = "mps2-an386";
  identity.firmware_digest = std::string(64, 'a');
  return identity;
}

}  // namespace

// The first byte of an input is the type, as in a frame.
std::vector<std::string> Seeds() {
  return {
      "\x01" + board::Encode(board::IdentifyRequest()),
      "\x81" + board::Encode(Identity()),
      "\x03" + board::Encode(board::WriteInputRequest{8, "bytes"}),
      "\x04" + board::Encode(board::RunSource::kTestVector),
      "\x84" + board::Encode(board::RunFigures{1, 2, 3, 4}),
      "\x05" + board::Encode(board::ReadRequest{0, 10}),
      "\x85" + board::Encode(board::OutputPart{0, "output"}),
      "\x86" + board::Encode(board::OperatorsPart{3, {1, 2, 3}}),
      "\xF1" + board::Encode(board::Fault{1, 2, 3}),
      "\xFF" + board::Encode(board::Refusal{board::RefusalReason::kNoSession, 1}),
  };
}

bool Run(absl::string_view input) {
  if (input.empty()) return false;
  const absl::string_view payload = input.substr(1);
  switch (static_cast<uint8_t>(input[0])) {
    case 0x01:
      return Same(board::DecodeIdentifyRequest(payload), payload);
    case 0x81: {
      // Flags that are not known are passed over.
      const auto identity = board::DecodeIdentity(payload);
      if (!identity.ok()) return false;
      NIWAKI_CHECK(*board::DecodeIdentity(board::Encode(*identity)) == *identity);
      return true;
    }
    case 0x03:
      return Same(board::DecodeWriteInput(payload), payload);
    case 0x04:
      return Same(board::DecodeRunSource(payload), payload);
    case 0x84:
      return Same(board::DecodeRunFigures(payload), payload);
    case 0x05:
      return Same(board::DecodeRead(payload), payload);
    case 0x85:
      return Same(board::DecodeOutputPart(payload), payload);
    case 0x86:
      return Same(board::DecodeOperatorsPart(payload), payload);
    case 0xF1:
      return Same(board::DecodeFault(payload), payload);
    case 0xFF:
      return Same(board::DecodeRefusal(payload), payload);
    default:
      return board::DecodeWritten(payload).ok();
  }
}

}  // namespace niwaki::fuzz
