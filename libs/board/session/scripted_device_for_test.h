// A board made of a thread at one side of a pseudo-terminal: it does what FRAME.md says, but for
// the troubles that a script names.

#ifndef NIWAKI_LIBS_BOARD_SESSION_SCRIPTED_DEVICE_FOR_TEST_H_
#define NIWAKI_LIBS_BOARD_SESSION_SCRIPTED_DEVICE_FOR_TEST_H_

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "libs/base/crc32.h"
#include "libs/board/port/deadline.h"
#include "libs/board/port/pty_for_test.h"
#include "libs/board/protocol/frame.h"
#include "libs/board/protocol/message.h"

namespace niwaki::board {

enum class Trouble {
  kNone,
  // The request is not seen; its reply is not sent, or has a byte less, twice, or another one.
  kLoseRequest,
  kLoseReply,
  kDropByte,
  kDoubleByte,
  kCorruptByte,
  // The reply comes twice, or with noise and text before it, or with another sequence.
  kDoubleReply,
  kNoise,
  kWrongSequence,
  // The device starts anew in place of a reply, and says so or not.
  kReset,
  kSilentReset,
  kFault,
  // Nothing is answered from here on; every reply from here on is corrupt, or of another sequence.
  kHang,
  kAlwaysCorrupt,
  kAlwaysWrongSequence,
  // The plug is pulled.
  kUnplug,
  // A wrong byte of output in a frame that checks.
  kLie,
  kRefuse,
};

// One network: output = input + 1, or 1, 2, 3 … for the test vector.
inline BoardIdentity ScriptedIdentity() {
  BoardIdentity identity;
  identity.max_payload_bytes = 512;
  identity.profiled = true;
  identity.clock_hz = 168000000;
  identity.tick_hz = 168000000;
  identity.flash_bytes = 1 << 20;
  identity.stack_bytes = 16384;
  identity.input_bytes = 1300;
  identity.output_bytes = 1300;
  identity.arena_bytes = 4000;
  identity.operators = 70;
  identity.board = "stm32f4";
  identity.core = "cortex-m4";
  identity.serial_number = "0011223344";
  identity.network = "add";
  identity.network_digest = std::string(64, 'a');
  return identity;
}

class ScriptedDevice {
 public:
  // Troubles by the number of the frame that arrives, from 0 (the first IDENTIFY).
  explicit ScriptedDevice(std::map<int, Trouble> troubles,
                          BoardIdentity identity = ScriptedIdentity())
      : troubles_(std::move(troubles)), identity_(std::move(identity)), pty_(OpenPty()) {
    thread_ = std::thread([this] { Serve(); });
  }

  ~ScriptedDevice() {
    stopping_ = true;
    {
      absl::MutexLock lock(&mutex_);
      if (pty_.device != nullptr) pty_.device->Cancel();
    }
    thread_.join();
  }

  const std::string& path() const { return pty_.path; }
  // Runs that were executed.
  int runs() const { return runs_; }

 private:
  void Serve() {
    FrameDecoder decoder(identity_.max_payload_bytes);
    while (!stopping_ && pty_.device != nullptr) {
      const auto bytes = pty_.device->Read(Deadline::After(absl::Hours(1)));
      if (!bytes.ok()) return;
      std::vector<Frame> frames;
      decoder.Push(*bytes, frames);
      for (const Frame& frame : frames) Take(frame);
    }
  }

  void Take(const Frame& request) {
    const auto found = troubles_.find(arrived_++);
    Trouble trouble = found == troubles_.end() ? Trouble::kNone : found->second;
    if (trouble == Trouble::kHang || trouble == Trouble::kAlwaysCorrupt ||
        trouble == Trouble::kAlwaysWrongSequence) {
      for_good_ = trouble;
    }
    if (for_good_ != Trouble::kNone) trouble = for_good_;
    switch (trouble) {
      case Trouble::kLoseRequest:
      case Trouble::kHang:
        return;
      case Trouble::kReset:
      case Trouble::kSilentReset:
        last_sequence_ = 0;
        input_.clear();
        if (trouble == Trouble::kReset) {
          Send(EncodeFrame({static_cast<uint8_t>(MessageType::kStarted), 0, EncodeStarted(1)}));
        }
        return;
      case Trouble::kFault:
        Send(EncodeFrame({static_cast<uint8_t>(MessageType::kFault), request.sequence,
                          Encode(Fault{0x08001234, 0x8200, 0x40000000})}));
        return;
      case Trouble::kUnplug:
        Unplug();
        return;
      default:
        break;
    }
    if (request.sequence != last_sequence_) reply_ = Answer(request, trouble);
    SendWith(trouble, reply_);
  }

  void Unplug() {
    absl::MutexLock lock(&mutex_);
    pty_.device.reset();
  }

  Frame Refuse(const Frame& request, RefusalReason reason) {
    return {static_cast<uint8_t>(MessageType::kRefused), request.sequence,
            Encode(Refusal{reason, 0})};
  }

  Frame Answer(const Frame& request, Trouble trouble) {
    const auto type = static_cast<MessageType>(request.type);
    if (type != MessageType::kIdentify && request.sequence >> 16 != last_sequence_ >> 16) {
      return Refuse(request, RefusalReason::kNoSession);
    }
    last_sequence_ = request.sequence;
    if (trouble == Trouble::kRefuse) return Refuse(request, RefusalReason::kOutOfRange);
    Frame reply = {ReplyTo(type), request.sequence, Payload(type, request.payload)};
    if (trouble == Trouble::kLie) reply.payload.back() ^= 1;
    return reply;
  }

  std::string Payload(MessageType type, const std::string& payload) {
    switch (type) {
      case MessageType::kIdentify:
        return Encode(identity_);
      case MessageType::kWriteInput: {
        const WriteInputRequest write = *DecodeWriteInput(payload);
        input_.resize(write.offset);
        input_ += write.bytes;
        return EncodeWritten(static_cast<uint32_t>(input_.size()));
      }
      case MessageType::kRun:
        return Encode(Run(*DecodeRunSource(payload)));
      case MessageType::kReadOutput: {
        const ReadRequest read = *DecodeRead(payload);
        return Encode(OutputPart{read.first, output_.substr(read.first, read.count)});
      }
      case MessageType::kReadOperators: {
        const ReadRequest read = *DecodeRead(payload);
        OperatorsPart part = {read.first, {}};
        for (uint32_t i = 0; i < read.count; ++i) part.ticks.push_back((read.first + i) * 10);
        return Encode(part);
      }
      default:
        return "";
    }
  }

  RunFigures Run(RunSource source) {
    ++runs_;
    output_.clear();
    for (uint32_t i = 0; i < identity_.output_bytes; ++i) {
      output_.push_back(static_cast<char>(1 + (source == RunSource::kTestVector ? i : input_[i])));
    }
    return {1000 + static_cast<uint64_t>(runs_), 0, 468, Crc32(output_)};
  }

  void SendWith(Trouble trouble, const Frame& reply) {
    std::string bytes = EncodeFrame(reply);
    Frame other = reply;
    other.sequence ^= 0x100;
    switch (trouble) {
      case Trouble::kLoseReply:
        return;
      case Trouble::kDropByte:
        return Send(bytes.erase(bytes.size() / 2, 1));
      case Trouble::kDoubleByte:
        return Send(bytes.insert(bytes.size() / 2, 1, bytes[bytes.size() / 2]));
      case Trouble::kCorruptByte:
      case Trouble::kAlwaysCorrupt:
        bytes[bytes.size() - 2] ^= 0x10;
        return Send(bytes);
      case Trouble::kDoubleReply:
        return Send(bytes + bytes);
      case Trouble::kNoise:
        return Send("m-ready\r\n\xE7\x9D\x01\x84 noise \xE7" + bytes);
      case Trouble::kWrongSequence:
      case Trouble::kAlwaysWrongSequence:
        return Send(EncodeFrame(other));
      default:
        return Send(bytes);
    }
  }

  void Send(const std::string& bytes) {
    // A host that left does not read.
    (void)pty_.device->Write(bytes, Deadline::After(absl::Seconds(10)));
  }

  const std::map<int, Trouble> troubles_;
  const BoardIdentity identity_;
  // The thread alone changes the device, under the mutex; it may read it without.
  absl::Mutex mutex_;
  Pty pty_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> runs_{0};
  // Of the thread.
  int arrived_ = 0;
  Trouble for_good_ = Trouble::kNone;
  uint32_t last_sequence_ = 0;
  Frame reply_;
  std::string input_;
  std::string output_;
  std::thread thread_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_SESSION_SCRIPTED_DEVICE_FOR_TEST_H_
