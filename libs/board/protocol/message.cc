#include "libs/board/protocol/message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/board/protocol/frame.h"

namespace niwaki::board {
namespace {

constexpr uint32_t kFlagProfiled = 1;
constexpr uint32_t kFlagSensor = 2;
constexpr size_t kMaxTextBytes = 127;
// No microcontroller has more of any of them.
constexpr uint32_t kMaxBytes = uint32_t{1} << 30;
constexpr uint32_t kMaxOperators = 1 << 16;

class Writer {
 public:
  Writer& Put(uint64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  Writer& Text(absl::string_view text) {
    const absl::string_view part = text.substr(0, kMaxTextBytes);
    Put(part.size(), 1);
    return Rest(part);
  }
  Writer& Rest(absl::string_view bytes) {
    bytes_.append(bytes.data(), bytes.size());
    return *this;
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

absl::Status Wrong(absl::string_view message, absl::string_view field, const absl::AlphaNum& value,
                   absl::string_view limit) {
  return Error(absl::StatusCode::kDataLoss, reason::kBoardGarbled)
      .Field(absl::StrCat(message, ".", field))
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(message, " of the board protocol has ", field, " ", value.Piece(),
                            ", wanted ", limit));
}

// Reads fields in order; the first that is wrong is the error, and what follows reads as 0.
class Reader {
 public:
  Reader(absl::string_view message, absl::string_view payload)
      : message_(message), payload_(payload), rest_(payload) {}

  uint64_t Get(int count) {
    if (rest_.size() < static_cast<size_t>(count)) {
      Fail("length", payload_.size(), "more bytes");
      return 0;
    }
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) {
      value |= uint64_t{static_cast<uint8_t>(rest_[i])} << (8 * i);
    }
    rest_.remove_prefix(count);
    return value;
  }

  // 4 bytes, at least `least` and at most `most`.
  uint32_t GetWithin(absl::string_view field, uint32_t least, uint32_t most) {
    const auto value = static_cast<uint32_t>(Get(4));
    if (status_.ok() && (value < least || value > most)) {
      Fail(field, value, absl::StrCat(least, " to ", most));
    }
    return value;
  }

  std::string Text(absl::string_view field) {
    const size_t size = Get(1);
    if (size > kMaxTextBytes || size > rest_.size()) {
      Fail(field, absl::StrCat("of ", size, " bytes"),
           absl::StrCat("at most ", std::min(kMaxTextBytes, rest_.size())));
      return "";
    }
    const std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    for (const char c : text) {
      if (c < ' ' || c > '~') Fail(field, "of other bytes", "printable ASCII");
    }
    return text;
  }

  std::string Digest(absl::string_view field) {
    std::string text = Text(field);
    if (!text.empty() && !IsSha256Hex(text)) Fail(field, text, "SHA-256 in hexadecimal or nothing");
    return text;
  }

  absl::string_view Rest() {
    const absl::string_view rest = rest_;
    rest_ = "";
    return rest;
  }

  void Fail(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
    if (status_.ok()) status_ = Wrong(message_, field, value, limit);
  }

  // `message`, once all fields have been read, or what is wrong.
  template <typename Message>
  absl::StatusOr<Message> Finish(Message message) {
    if (!rest_.empty()) {
      Fail("length", payload_.size(), absl::StrCat(payload_.size() - rest_.size(), " bytes"));
    }
    if (!status_.ok()) return status_;
    return message;
  }

 private:
  const absl::string_view message_;
  const absl::string_view payload_;
  absl::string_view rest_;
  absl::Status status_;
};

absl::string_view RefusalName(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kUnknownType:
      return "UNKNOWN_TYPE";
    case RefusalReason::kMalformed:
      return "MALFORMED";
    case RefusalReason::kOutOfRange:
      return "OUT_OF_RANGE";
    case RefusalReason::kNoSession:
      return "NO_SESSION";
    case RefusalReason::kNoCommonVersion:
      return "NO_COMMON_VERSION";
    case RefusalReason::kInputIncomplete:
      return "INPUT_INCOMPLETE";
    case RefusalReason::kRunFailed:
      return "RUN_FAILED";
    case RefusalReason::kSensorDiffers:
      return "SENSOR_DIFFERS";
    case RefusalReason::kNoRunYet:
      return "NO_RUN_YET";
    case RefusalReason::kStackFull:
      return "STACK_FULL";
  }
  return "";
}

absl::string_view RequestName(uint8_t type) {
  switch (static_cast<MessageType>(type)) {
    case MessageType::kIdentify:
      return "IDENTIFY";
    case MessageType::kReset:
      return "RESET";
    case MessageType::kWriteInput:
      return "WRITE_INPUT";
    case MessageType::kRun:
      return "RUN";
    case MessageType::kReadOutput:
      return "READ_OUTPUT";
    case MessageType::kReadOperators:
      return "READ_OPERATORS";
    case MessageType::kStarted:
      return "STARTED";
    case MessageType::kFault:
      return "FAULT";
    case MessageType::kRefused:
      return "REFUSED";
  }
  return "";
}

}  // namespace

bool operator==(const BoardIdentity& a, const BoardIdentity& b) { return Encode(a) == Encode(b); }

std::string MessageTypeName(uint8_t type) {
  if (const absl::string_view name = RequestName(type); !name.empty()) return std::string(name);
  const absl::string_view request = type >= 0x80 ? RequestName(type & 0x7F) : "";
  if (!request.empty()) return absl::StrCat("reply to ", request);
  return absl::StrFormat("type 0x%02x", type);
}

std::string RefusalText(const Refusal& refusal) {
  const absl::string_view name = RefusalName(refusal.reason);
  if (name.empty()) {
    return absl::StrCat("reason ", static_cast<int>(refusal.reason), " (", refusal.detail, ")");
  }
  return absl::StrCat(name, " (", refusal.detail, ")");
}

std::string Encode(const IdentifyRequest& message) {
  return Writer().Put(message.lowest_version, 2).Put(message.highest_version, 2).Take();
}

std::string Encode(const BoardIdentity& message) {
  Writer writer;
  writer.Put(message.protocol_version, 2).Put(message.max_payload_bytes, 2);
  writer.Put((message.profiled ? kFlagProfiled : 0) | (message.sensor ? kFlagSensor : 0), 4);
  for (const uint32_t number :
       {message.clock_hz, message.tick_hz, message.flash_bytes, message.stack_bytes,
        message.input_bytes, message.output_bytes, message.arena_bytes, message.operators}) {
    writer.Put(number, 4);
  }
  for (const std::string* text :
       {&message.board, &message.core, &message.serial_number, &message.network,
        &message.firmware_digest, &message.network_digest}) {
    writer.Text(*text);
  }
  return writer.Take();
}

std::string Encode(const WriteInputRequest& message) {
  return Writer().Put(message.offset, 4).Rest(message.bytes).Take();
}

std::string Encode(RunSource source) {
  return Writer().Put(static_cast<uint8_t>(source), 1).Take();
}

std::string Encode(const RunFigures& message) {
  return Writer()
      .Put(message.ticks, 8)
      .Put(message.sensor_ticks, 8)
      .Put(message.stack_bytes, 4)
      .Put(message.output_crc32, 4)
      .Take();
}

std::string Encode(const ReadRequest& message) {
  return Writer().Put(message.first, 4).Put(message.count, 2).Take();
}

std::string Encode(const OutputPart& message) {
  return Writer().Put(message.offset, 4).Rest(message.bytes).Take();
}

std::string Encode(const OperatorsPart& message) {
  Writer writer;
  writer.Put(message.first, 4);
  for (const uint64_t ticks : message.ticks) writer.Put(ticks, 8);
  return writer.Take();
}

std::string Encode(const Fault& message) {
  return Writer()
      .Put(message.address, 4)
      .Put(message.fault_status, 4)
      .Put(message.hard_fault_status, 4)
      .Take();
}

std::string Encode(const Refusal& message) {
  return Writer().Put(static_cast<uint16_t>(message.reason), 2).Put(message.detail, 4).Take();
}

std::string EncodeWritten(uint32_t bytes) { return Writer().Put(bytes, 4).Take(); }

std::string EncodeStarted(uint16_t version) { return Writer().Put(version, 2).Take(); }

absl::StatusOr<IdentifyRequest> DecodeIdentifyRequest(absl::string_view payload) {
  Reader reader("IDENTIFY", payload);
  IdentifyRequest message;
  message.lowest_version = static_cast<uint16_t>(reader.Get(2));
  message.highest_version = static_cast<uint16_t>(reader.Get(2));
  return reader.Finish(std::move(message));
}

absl::StatusOr<BoardIdentity> DecodeIdentity(absl::string_view payload) {
  Reader reader("reply to IDENTIFY", payload);
  BoardIdentity message;
  message.protocol_version = static_cast<uint16_t>(reader.Get(2));
  message.max_payload_bytes = static_cast<uint16_t>(reader.Get(2));
  if (message.max_payload_bytes < kMinPayloadLimit ||
      message.max_payload_bytes > kMaxPayloadBytes) {
    reader.Fail("payload limit", message.max_payload_bytes,
                absl::StrCat(kMinPayloadLimit, " to ", kMaxPayloadBytes));
  }
  const uint64_t flags = reader.Get(4);
  message.profiled = (flags & kFlagProfiled) != 0;
  message.sensor = (flags & kFlagSensor) != 0;
  message.clock_hz = reader.GetWithin("clock", 1, UINT32_MAX);
  message.tick_hz = reader.GetWithin("counter", 1, UINT32_MAX);
  message.flash_bytes = reader.GetWithin("flash", 0, kMaxBytes);
  message.stack_bytes = reader.GetWithin("stack", 0, kMaxBytes);
  message.input_bytes = reader.GetWithin("input", 1, kMaxBytes);
  message.output_bytes = reader.GetWithin("output", 1, kMaxBytes);
  message.arena_bytes = reader.GetWithin("arena", 0, kMaxBytes);
  message.operators = reader.GetWithin("operators", 0, kMaxOperators);
  message.board = reader.Text("board");
  message.core = reader.Text("core");
  message.serial_number = reader.Text("serial number");
  message.network = reader.Text("network");
  message.firmware_digest = reader.Digest("digest of the firmware");
  message.network_digest = reader.Digest("digest of the network");
  return reader.Finish(std::move(message));
}

absl::StatusOr<WriteInputRequest> DecodeWriteInput(absl::string_view payload) {
  Reader reader("WRITE_INPUT", payload);
  WriteInputRequest message;
  message.offset = static_cast<uint32_t>(reader.Get(4));
  message.bytes = std::string(reader.Rest());
  return reader.Finish(std::move(message));
}

absl::StatusOr<RunSource> DecodeRunSource(absl::string_view payload) {
  Reader reader("RUN", payload);
  const uint64_t source = reader.Get(1);
  if (source > 1) reader.Fail("source", source, "0 or 1");
  return reader.Finish(static_cast<RunSource>(source));
}

absl::StatusOr<RunFigures> DecodeRunFigures(absl::string_view payload) {
  Reader reader("reply to RUN", payload);
  RunFigures message;
  message.ticks = reader.Get(8);
  message.sensor_ticks = reader.Get(8);
  message.stack_bytes = static_cast<uint32_t>(reader.Get(4));
  message.output_crc32 = static_cast<uint32_t>(reader.Get(4));
  return reader.Finish(std::move(message));
}

absl::StatusOr<ReadRequest> DecodeRead(absl::string_view payload) {
  Reader reader("READ", payload);
  ReadRequest message;
  message.first = static_cast<uint32_t>(reader.Get(4));
  message.count = static_cast<uint16_t>(reader.Get(2));
  return reader.Finish(std::move(message));
}

absl::StatusOr<OutputPart> DecodeOutputPart(absl::string_view payload) {
  Reader reader("reply to READ_OUTPUT", payload);
  OutputPart message;
  message.offset = static_cast<uint32_t>(reader.Get(4));
  message.bytes = std::string(reader.Rest());
  return reader.Finish(std::move(message));
}

absl::StatusOr<OperatorsPart> DecodeOperatorsPart(absl::string_view payload) {
  Reader reader("reply to READ_OPERATORS", payload);
  OperatorsPart message;
  message.first = static_cast<uint32_t>(reader.Get(4));
  const size_t bytes = payload.size() < 4 ? 0 : payload.size() - 4;
  for (size_t i = 0; i < bytes / 8; ++i) message.ticks.push_back(reader.Get(8));
  return reader.Finish(std::move(message));
}

absl::StatusOr<Fault> DecodeFault(absl::string_view payload) {
  Reader reader("FAULT", payload);
  Fault message;
  message.address = static_cast<uint32_t>(reader.Get(4));
  message.fault_status = static_cast<uint32_t>(reader.Get(4));
  message.hard_fault_status = static_cast<uint32_t>(reader.Get(4));
  return reader.Finish(std::move(message));
}

absl::StatusOr<Refusal> DecodeRefusal(absl::string_view payload) {
  Reader reader("REFUSED", payload);
  Refusal message;
  message.reason = static_cast<RefusalReason>(reader.Get(2));
  message.detail = static_cast<uint32_t>(reader.Get(4));
  return reader.Finish(std::move(message));
}

absl::StatusOr<uint32_t> DecodeWritten(absl::string_view payload) {
  Reader reader("reply to WRITE_INPUT", payload);
  const auto bytes = static_cast<uint32_t>(reader.Get(4));
  return reader.Finish(bytes);
}

}  // namespace niwaki::board
