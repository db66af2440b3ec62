#include "libs/board/session/board_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/crc32.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

// A board whose answers are all broken is told apart by the last few tries.
constexpr size_t kMaxItems = 16;
constexpr size_t kTicksBytes = 8;
// Of a payload, before what is read or written.
constexpr size_t kOffsetBytes = 4;
// Of a slow line between two tries.
constexpr absl::Duration kLongestPatience = absl::Seconds(30);

void Note(std::vector<ErrorItem>& items, const absl::AlphaNum& name, absl::string_view problem) {
  if (items.size() >= kMaxItems) items.erase(items.begin());
  items.push_back({std::string(name.Piece()), std::string(problem)});
}

absl::Status Failure(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  return Error(code, reason).Field("board").Message(message);
}

absl::Status HasReset() {
  return Failure(absl::StatusCode::kUnavailable, reason::kBoardReset,
                 "the board has started anew in between");
}

absl::Status Refused(const Refusal& refusal) {
  const std::string text = RefusalText(refusal);
  switch (refusal.reason) {
    case RefusalReason::kNoSession:
      return HasReset();
    case RefusalReason::kRunFailed:
    case RefusalReason::kSensorDiffers:
    case RefusalReason::kStackFull:
      return Failure(absl::StatusCode::kFailedPrecondition, reason::kNetworkFault,
                     absl::StrCat("the network did not run as it should: ", text));
    case RefusalReason::kNoCommonVersion:
    case RefusalReason::kUnknownType:
      return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch)
          .Field("protocol version")
          .Value(refusal.detail)
          .Limit(kProtocolVersion)
          .Message(absl::StrCat("the board's firmware speaks another version of the protocol: ",
                                text, ", this host ", kProtocolVersion));
    default:
      return Failure(absl::StatusCode::kFailedPrecondition, reason::kBoardRefused,
                     absl::StrCat("the board refuses: ", text));
  }
}

absl::Status Faulted(const Frame& frame, bool running) {
  const absl::StatusOr<Fault> fault = DecodeFault(frame.payload);
  const std::string where =
      fault.ok() ? absl::StrFormat(" at 0x%08x (status 0x%08x, hard fault 0x%08x)", fault->address,
                                   fault->fault_status, fault->hard_fault_status)
                 : "";
  if (running) {
    return Failure(absl::StatusCode::kFailedPrecondition, reason::kNetworkFault,
                   absl::StrCat("the network ran into a fault", where));
  }
  return Failure(absl::StatusCode::kUnavailable, reason::kBoardFault,
                 absl::StrCat("the board's program ran into a fault", where));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BoardSession>> BoardSession::Open(std::unique_ptr<BytePort> port,
                                                                 const SessionOptions& options) {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  std::unique_ptr<BoardSession> session(new BoardSession(std::move(port), options));
  NIWAKI_RETURN_IF_ERROR(session->Identify(Deadline::After(options.timeouts.identify)));
  return session;
}

absl::Status BoardSession::Identify(const Deadline& deadline) {
  // A session that the board cannot have open.
  sequence_ = static_cast<uint32_t>(1 + random_.Uniform(0xFFFF)) << 16;
  last_run_.reset();
  NIWAKI_ASSIGN_OR_RETURN(const std::string payload,
                          Ask(MessageType::kIdentify, Encode(IdentifyRequest()), deadline));
  absl::StatusOr<BoardIdentity> identity = DecodeIdentity(payload);
  if (!identity.ok()) return Annotate(identity.status(), port_->name());
  identity_ = *std::move(identity);
  return Annotate(CheckIdentity(), port_->name());
}

absl::Status BoardSession::CheckIdentity() const {
  const ExpectedIdentity& expected = options_.expected;
  const struct {
    absl::string_view field;
    const std::string& is;
    const std::string& wanted;
  } kFields[] = {
      {"board", identity_.board, expected.board},
      {"core", identity_.core, expected.core},
      {"serial_number", identity_.serial_number, expected.serial_number},
      {"firmware_digest", identity_.firmware_digest, expected.firmware_digest},
      {"network_digest", identity_.network_digest, expected.network_digest},
  };
  for (const auto& [field, is, wanted] : kFields) {
    if (wanted.empty() || is == wanted) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch)
        .Field(field)
        .Value(is)
        .Limit(wanted)
        .Message(absl::StrCat("the board says that its ", field, " is '", is, "', wanted '", wanted,
                              "'"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BoardSession::Ask(MessageType type, const std::string& payload,
                                              const Deadline& deadline) {
  Exchange exchange = {type, ++sequence_, decoder_.counts()};
  ++counts_.requests;
  absl::StatusOr<std::string> reply = AskUntilAnswered(exchange, payload, deadline);
  if (reply.ok()) return reply;
  absl::Status status = Annotate(
      reply.status(),
      absl::StrCat(port_->name(), ": ", MessageTypeName(static_cast<uint8_t>(exchange.type))));
  SetErrorItems(status, exchange.items);
  return status;
}

absl::StatusOr<std::string> BoardSession::AskUntilAnswered(Exchange& exchange,
                                                           const std::string& payload,
                                                           const Deadline& deadline) {
  const std::string frame =
      EncodeFrame({static_cast<uint8_t>(exchange.type), exchange.sequence, payload});
  absl::Duration patience = options_.patience;
  std::string reply;
  do {
    const Deadline until = Earlier(deadline, Deadline::After(patience));
    NIWAKI_RETURN_IF_ERROR(Send(exchange, frame, until));
    NIWAKI_ASSIGN_OR_RETURN(const Next next, AwaitReply(exchange, until, reply));
    if (next == Next::kDone) return reply;
    if (next == Next::kAskAgain) continue;
    Note(exchange.items, absl::StrCat("try ", exchange.asked),
         absl::StrCat("no reply within ", absl::FormatDuration(patience)));
    patience = std::min(2 * patience, kLongestPatience);
  } while (!deadline.passed());
  return GaveUp(exchange);
}

absl::Status BoardSession::Send(Exchange& exchange, const std::string& frame,
                                const Deadline& deadline) {
  std::string bytes;
  if (exchange.asked++ > 0) {
    ++counts_.repeats;
    // The board may wait for the rest of a frame that lost some bytes.
    const size_t longest =
        identity_.max_payload_bytes > 0 ? identity_.max_payload_bytes : kMaxPayloadBytes;
    bytes.assign(longest + kFrameOverheadBytes, '\0');
  }
  const absl::Status sent = port_->Write(bytes + frame, deadline);
  if (sent.code() != absl::StatusCode::kDeadlineExceeded) return sent;
  // It does not read: it runs, or hangs.
  Note(exchange.items, absl::StrCat("try ", exchange.asked), "the request was not taken");
  return absl::OkStatus();
}

absl::StatusOr<BoardSession::Next> BoardSession::AwaitReply(Exchange& exchange,
                                                            const Deadline& deadline,
                                                            std::string& payload) {
  std::vector<Frame> decoded;
  for (;;) {
    while (!frames_.empty()) {
      Frame frame = std::move(frames_.front());
      frames_.pop_front();
      NIWAKI_ASSIGN_OR_RETURN(const Next next, Judge(exchange, frame, payload));
      if (next != Next::kWait) return next;
    }
    const absl::StatusOr<std::string> bytes = port_->Read(deadline);
    if (bytes.ok()) {
      decoder_.Push(*bytes, decoded);
    } else if (bytes.status().code() != absl::StatusCode::kDeadlineExceeded) {
      return bytes.status();
    } else {
      decoder_.GiveUp(decoded);
      if (decoded.empty()) return Next::kWait;
    }
    for (Frame& frame : decoded) frames_.push_back(std::move(frame));
    decoded.clear();
  }
}

absl::StatusOr<BoardSession::Next> BoardSession::Judge(Exchange& exchange, Frame& frame,
                                                       std::string& payload) {
  const bool identifying = exchange.type == MessageType::kIdentify;
  if (frame.type == static_cast<uint8_t>(MessageType::kStarted)) {
    // One that starts while it is asked what it is may have missed the question.
    if (!identifying) return HasReset();
    Note(exchange.items, absl::StrCat("try ", exchange.asked), "the board started");
    return Next::kAskAgain;
  }
  if (frame.type == static_cast<uint8_t>(MessageType::kFault)) {
    if (identifying) return Next::kWait;
    return Faulted(frame, exchange.type == MessageType::kRun);
  }
  if (frame.sequence != exchange.sequence) {
    ++exchange.strange;
    Note(exchange.items, absl::StrCat("try ", exchange.asked),
         absl::StrFormat("%s of request 0x%08x, asked was 0x%08x", MessageTypeName(frame.type),
                         frame.sequence, exchange.sequence));
    return Next::kWait;
  }
  if (frame.type == static_cast<uint8_t>(MessageType::kRefused)) {
    NIWAKI_ASSIGN_OR_RETURN(const Refusal refusal, DecodeRefusal(frame.payload));
    return Refused(refusal);
  }
  if (frame.type != ReplyTo(exchange.type)) {
    ++exchange.strange;
    Note(exchange.items, absl::StrCat("try ", exchange.asked), MessageTypeName(frame.type));
    return Next::kWait;
  }
  payload = std::move(frame.payload);
  return Next::kDone;
}

absl::Status BoardSession::GaveUp(const Exchange& exchange) const {
  const FrameCounts& now = decoder_.counts();
  const int64_t broken = now.broken() - exchange.counts_before.broken();
  const int64_t skipped = now.skipped_bytes - exchange.counts_before.skipped_bytes;
  const std::string seen =
      absl::StrCat("asked ", exchange.asked, " times; ", broken, " broken frames, ",
                   exchange.strange, " replies to other requests, ", skipped, " bytes skipped");
  const bool garbled = broken > 0 || exchange.strange > 0;
  return Error(garbled ? absl::StatusCode::kDataLoss : absl::StatusCode::kDeadlineExceeded,
               garbled ? reason::kBoardGarbled : reason::kDeadlineExceeded)
      .Field("board")
      .Value(seen)
      .Message(absl::StrCat(
          garbled ? "the board's answers cannot be understood" : "the board does not answer", " (",
          seen, ")"));
}

absl::Status BoardSession::WriteInput(absl::Span<const int8_t> input) {
  if (input.size() != identity_.input_bytes) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("input")
        .Value(input.size())
        .Limit(identity_.input_bytes)
        .Message(absl::StrCat("the input has ", input.size(), " bytes, the network's has ",
                              identity_.input_bytes));
  }
  const Deadline deadline = Deadline::After(options_.timeouts.write);
  const size_t most = identity_.max_payload_bytes - kOffsetBytes;
  for (size_t at = 0; at < input.size(); at += most) {
    const absl::Span<const int8_t> part = input.subspan(at, most);
    const WriteInputRequest request = {
        static_cast<uint32_t>(at),
        std::string(reinterpret_cast<const char*>(part.data()), part.size())};
    NIWAKI_ASSIGN_OR_RETURN(const std::string reply,
                            Ask(MessageType::kWriteInput, Encode(request), deadline));
    NIWAKI_ASSIGN_OR_RETURN(const uint32_t written, DecodeWritten(reply));
    if (written == at + part.size()) continue;
    return Failure(absl::StatusCode::kDataLoss, reason::kBoardGarbled,
                   absl::StrCat(port_->name(), ": the board has ", written,
                                " bytes of the input, sent were ", at + part.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<RunFigures> BoardSession::Run(RunSource source) {
  last_run_.reset();
  NIWAKI_ASSIGN_OR_RETURN(const std::string reply, Ask(MessageType::kRun, Encode(source),
                                                       Deadline::After(options_.timeouts.run)));
  NIWAKI_ASSIGN_OR_RETURN(last_run_, DecodeRunFigures(reply));
  return *last_run_;
}

absl::StatusOr<std::vector<int8_t>> BoardSession::ReadOutput() {
  const Deadline deadline = Deadline::After(options_.timeouts.read);
  std::string bytes;
  while (bytes.size() < identity_.output_bytes) {
    const size_t count = std::min<size_t>(identity_.output_bytes - bytes.size(),
                                          identity_.max_payload_bytes - kOffsetBytes);
    const ReadRequest request = {static_cast<uint32_t>(bytes.size()), static_cast<uint16_t>(count)};
    NIWAKI_ASSIGN_OR_RETURN(const std::string reply,
                            Ask(MessageType::kReadOutput, Encode(request), deadline));
    NIWAKI_ASSIGN_OR_RETURN(const OutputPart part, DecodeOutputPart(reply));
    if (part.offset != bytes.size() || part.bytes.size() != count) {
      return Failure(absl::StatusCode::kDataLoss, reason::kBoardGarbled,
                     absl::StrCat(port_->name(), ": the board gives ", part.bytes.size(),
                                  " bytes of the output at ", part.offset, ", asked was for ",
                                  count, " at ", bytes.size()));
    }
    bytes += part.bytes;
  }
  const uint32_t check = Crc32(bytes);
  if (last_run_.has_value() && check != last_run_->output_crc32) {
    return Failure(absl::StatusCode::kDataLoss, reason::kBoardGarbled,
                   absl::StrFormat("%s: the output's check is %08x, that of the run was %08x",
                                   port_->name(), check, last_run_->output_crc32));
  }
  const auto* levels = reinterpret_cast<const int8_t*>(bytes.data());
  return std::vector<int8_t>(levels, levels + bytes.size());
}

absl::StatusOr<std::vector<uint64_t>> BoardSession::ReadOperators() {
  std::vector<uint64_t> ticks;
  if (!identity_.profiled) return ticks;
  const Deadline deadline = Deadline::After(options_.timeouts.read);
  while (ticks.size() < identity_.operators) {
    const size_t count =
        std::min<size_t>(identity_.operators - ticks.size(),
                         (identity_.max_payload_bytes - kOffsetBytes) / kTicksBytes);
    const ReadRequest request = {static_cast<uint32_t>(ticks.size()), static_cast<uint16_t>(count)};
    NIWAKI_ASSIGN_OR_RETURN(const std::string reply,
                            Ask(MessageType::kReadOperators, Encode(request), deadline));
    NIWAKI_ASSIGN_OR_RETURN(const OperatorsPart part, DecodeOperatorsPart(reply));
    if (part.first != ticks.size() || part.ticks.size() != count) {
      return Failure(
          absl::StatusCode::kDataLoss, reason::kBoardGarbled,
          absl::StrCat(port_->name(), ": the board gives ", part.ticks.size(), " operators from ",
                       part.first, ", asked was for ", count, " from ", ticks.size()));
    }
    ticks.insert(ticks.end(), part.ticks.begin(), part.ticks.end());
  }
  return ticks;
}

absl::Status BoardSession::Reset() {
  const Deadline deadline = Deadline::After(options_.timeouts.reset);
  const absl::Status asked = Ask(MessageType::kReset, "", deadline).status();
  const std::optional<ErrorDetail> detail = GetErrorDetail(asked);
  // Where the reply was lost it has done it nonetheless.
  const bool has_reset = detail.has_value() && detail->reason == reason::kBoardReset;
  if (!asked.ok() && !has_reset) return asked;
  return Identify(deadline);
}

SessionCounts BoardSession::counts() const {
  SessionCounts counts = counts_;
  counts.frames = decoder_.counts();
  return counts;
}

}  // namespace niwaki::board
