// A host's conversation with one board, over any port.
//
//   NIWAKI_ASSIGN_OR_RETURN(auto session, BoardSession::Open(std::move(port), options));
//   NIWAKI_RETURN_IF_ERROR(session->WriteInput(input));
//   NIWAKI_ASSIGN_OR_RETURN(const RunFigures figures, session->Run(RunSource::kInput));
//   NIWAKI_ASSIGN_OR_RETURN(const std::vector<int8_t> output, session->ReadOutput());

#ifndef NIWAKI_LIBS_BOARD_SESSION_BOARD_SESSION_H_
#define NIWAKI_LIBS_BOARD_SESSION_BOARD_SESSION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/board/port/byte_port.h"
#include "libs/board/port/deadline.h"
#include "libs/board/protocol/frame.h"
#include "libs/board/protocol/message.h"
#include "libs/board/session/phase_timeouts.h"

namespace niwaki::board {

// What a board must say that it is; empty for anything.
struct ExpectedIdentity {
  std::string board;
  std::string core;
  std::string serial_number;
  std::string firmware_digest;
  std::string network_digest;
};

struct SessionOptions {
  // Of the numbers of sessions, which should differ from those of other sessions with the board:
  // EntropySeed().
  uint64_t seed = 0;
  ExpectedIdentity expected;
  PhaseTimeouts timeouts;
  // Until a request is sent again; then twice as long, and so on.
  absl::Duration patience = absl::Milliseconds(500);
};

struct SessionCounts {
  int64_t requests = 0;
  // Sent again, because no reply came.
  int64_t repeats = 0;
  // Of what the board sent.
  FrameCounts frames;
};

// Requests are sent again until they are answered or their phase's time is over; the board executes
// each once. Blocks. One thread calls at a time; Cancel may be called from any.
//
// Errors, whose classes FailureClassOf tells:
//   DeadlineExceeded  DEADLINE_EXCEEDED  no answer: it hangs, or is not there
//   DataLoss          BOARD_GARBLED      answers that nobody understands, or to other requests; an
//                                        output whose check is not the run's
//   Unavailable       BOARD_RESET        it has started anew in between; Open another session
//   Unavailable       BOARD_VANISHED     the port is gone
//   Unavailable       BOARD_FAULT        its program ran into a fault outside of a run
//   FailedPrecondition NETWORK_FAULT     a run failed: a fault in it, no stack left, the sensor's
//                                        input is not the host's
//   FailedPrecondition BOARD_MISMATCH    it is another than expected, or speaks another version
//   FailedPrecondition BOARD_REFUSED     it refuses the request
//   InvalidArgument   ARGUMENT_INVALID   an input of another size
//   Cancelled         CANCELLED
// Messages begin with the port's name and the request; items of the error are what was tried.
class BoardSession {
 public:
  // Identifies the board and compares it with what is expected.
  static absl::StatusOr<std::unique_ptr<BoardSession>> Open(std::unique_ptr<BytePort> port,
                                                            const SessionOptions& options);

  const BoardIdentity& identity() const { return identity_; }

  // All of the network's input, [H, W, C] int8.
  absl::Status WriteInput(absl::Span<const int8_t> input);

  // One inference. Figures are in ticks of identity().tick_hz.
  absl::StatusOr<RunFigures> Run(RunSource source);

  // Of the last run, compared with the check that it gave.
  absl::StatusOr<std::vector<int8_t>> ReadOutput();

  // Ticks by operator of the last run; empty where identity() is not profiled.
  absl::StatusOr<std::vector<uint64_t>> ReadOperators();

  // Lets the board start anew and identifies it again: the same network, nothing in its input.
  absl::Status Reset();

  // Ends what blocks, and every later call, with Cancelled.
  void Cancel() { port_->Cancel(); }

  SessionCounts counts() const;

 private:
  // One request and what was seen while its answer was waited for.
  struct Exchange {
    MessageType type;
    uint32_t sequence;
    FrameCounts counts_before;
    int asked = 0;
    // Answers to others.
    int strange = 0;
    std::vector<ErrorItem> items;
  };
  enum class Next { kWait, kAskAgain, kDone };

  BoardSession(std::unique_ptr<BytePort> port, const SessionOptions& options)
      : port_(std::move(port)), options_(options), random_(options.seed) {}

  absl::Status Identify(const Deadline& deadline);
  absl::Status CheckIdentity() const;

  // The payload of the reply.
  absl::StatusOr<std::string> Ask(MessageType type, const std::string& payload,
                                  const Deadline& deadline);
  absl::StatusOr<std::string> AskUntilAnswered(Exchange& exchange, const std::string& payload,
                                               const Deadline& deadline);
  absl::Status Send(Exchange& exchange, const std::string& frame, const Deadline& deadline);
  absl::StatusOr<Next> AwaitReply(Exchange& exchange, const Deadline& deadline,
                                  std::string& payload);
  absl::StatusOr<Next> Judge(Exchange& exchange, Frame& frame, std::string& payload);
  absl::Status GaveUp(const Exchange& exchange) const;

  const std::unique_ptr<BytePort> port_;
  const SessionOptions options_;
  Random random_;
  FrameDecoder decoder_;
  // Decoded, not looked at yet.
  std::deque<Frame> frames_;
  uint32_t sequence_ = 0;
  BoardIdentity identity_;
  std::optional<RunFigures> last_run_;
  SessionCounts counts_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_SESSION_BOARD_SESSION_H_
