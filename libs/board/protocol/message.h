// What a host asks and a board answers (FRAME.md): payloads of frames, both ways. Pure.
//
// Decoders return DataLoss with reason BOARD_GARBLED for a payload that is not of its type: which
// field, its value and the limit.

#ifndef NIWAKI_LIBS_BOARD_PROTOCOL_MESSAGE_H_
#define NIWAKI_LIBS_BOARD_PROTOCOL_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::board {

enum class MessageType : uint8_t {
  kIdentify = 0x01,
  kReset = 0x02,
  kWriteInput = 0x03,
  kRun = 0x04,
  kReadOutput = 0x05,
  kReadOperators = 0x06,
  // Of what a board says unasked.
  kStarted = 0xF0,
  kFault = 0xF1,
  kRefused = 0xFF,
};

// The type of the reply to a request.
constexpr uint8_t ReplyTo(MessageType request) { return static_cast<uint8_t>(request) | 0x80; }

// "IDENTIFY", "type 0x2a" for one that is unknown.
std::string MessageTypeName(uint8_t type);

// Of these messages.
inline constexpr uint16_t kProtocolVersion = 1;

struct IdentifyRequest {
  uint16_t lowest_version = kProtocolVersion;
  uint16_t highest_version = kProtocolVersion;
};

// What a board says that it is.
struct BoardIdentity {
  uint16_t protocol_version = kProtocolVersion;
  // What it takes and sends in one frame: kMinPayloadLimit to kMaxPayloadBytes.
  uint16_t max_payload_bytes = 0;
  // Whether it measures operators; whether its test vector starts at a sensor.
  bool profiled = false;
  bool sensor = false;
  // Of the core, and of the counter in whose ticks it measures; above 0.
  uint32_t clock_hz = 0;
  uint32_t tick_hz = 0;
  // 0 where the chip does not say.
  uint32_t flash_bytes = 0;
  uint32_t stack_bytes = 0;
  uint32_t input_bytes = 0;
  uint32_t output_bytes = 0;
  uint32_t arena_bytes = 0;
  uint32_t operators = 0;
  // Its type, "stm32h7"; its processor, "cortex-m7"; the chip's own number, may be empty.
  std::string board;
  std::string core;
  std::string serial_number;
  // The network's prefix.
  std::string network;
  // SHA-256 in hexadecimal, or empty.
  std::string firmware_digest;
  std::string network_digest;

  friend bool operator==(const BoardIdentity& a, const BoardIdentity& b);
};

enum class RunSource : uint8_t { kInput = 0, kTestVector = 1 };

struct WriteInputRequest {
  uint32_t offset = 0;
  std::string bytes;
};

struct RunFigures {
  uint64_t ticks = 0;
  // From the sensor to the input; 0 for a run from the input.
  uint64_t sensor_ticks = 0;
  uint32_t stack_bytes = 0;
  uint32_t output_crc32 = 0;

  friend bool operator==(const RunFigures& a, const RunFigures& b) {
    return a.ticks == b.ticks && a.sensor_ticks == b.sensor_ticks &&
           a.stack_bytes == b.stack_bytes && a.output_crc32 == b.output_crc32;
  }
};

// Of output bytes, or of operators.
struct ReadRequest {
  uint32_t first = 0;
  uint16_t count = 0;
};

struct OutputPart {
  uint32_t offset = 0;
  std::string bytes;
};

struct OperatorsPart {
  uint32_t first = 0;
  std::vector<uint64_t> ticks;
};

struct Fault {
  // Of the instruction; 0 where the stack was lost.
  uint32_t address = 0;
  uint32_t fault_status = 0;
  uint32_t hard_fault_status = 0;
};

enum class RefusalReason : uint16_t {
  kUnknownType = 1,
  kMalformed = 2,
  kOutOfRange = 3,
  kNoSession = 4,
  kNoCommonVersion = 5,
  kInputIncomplete = 6,
  kRunFailed = 7,
  kSensorDiffers = 8,
  kNoRunYet = 9,
  kStackFull = 10,
};

struct Refusal {
  // One that this host does not know is kept as its number.
  RefusalReason reason = RefusalReason::kUnknownType;
  uint32_t detail = 0;
};

// "NO_SESSION (0)", in FRAME.md's words.
std::string RefusalText(const Refusal& refusal);

std::string Encode(const IdentifyRequest& message);
std::string Encode(const BoardIdentity& message);
std::string Encode(const WriteInputRequest& message);
// Of a request to run.
std::string Encode(RunSource source);
std::string Encode(const RunFigures& message);
std::string Encode(const ReadRequest& message);
std::string Encode(const OutputPart& message);
std::string Encode(const OperatorsPart& message);
std::string Encode(const Fault& message);
std::string Encode(const Refusal& message);
// Of the reply to WRITE_INPUT: bytes that there are.
std::string EncodeWritten(uint32_t bytes);
// Of STARTED.
std::string EncodeStarted(uint16_t version);

absl::StatusOr<IdentifyRequest> DecodeIdentifyRequest(absl::string_view payload);
absl::StatusOr<BoardIdentity> DecodeIdentity(absl::string_view payload);
absl::StatusOr<WriteInputRequest> DecodeWriteInput(absl::string_view payload);
absl::StatusOr<RunSource> DecodeRunSource(absl::string_view payload);
absl::StatusOr<RunFigures> DecodeRunFigures(absl::string_view payload);
absl::StatusOr<ReadRequest> DecodeRead(absl::string_view payload);
absl::StatusOr<OutputPart> DecodeOutputPart(absl::string_view payload);
absl::StatusOr<OperatorsPart> DecodeOperatorsPart(absl::string_view payload);
absl::StatusOr<Fault> DecodeFault(absl::string_view payload);
absl::StatusOr<Refusal> DecodeRefusal(absl::string_view payload);
absl::StatusOr<uint32_t> DecodeWritten(absl::string_view payload);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PROTOCOL_MESSAGE_H_
