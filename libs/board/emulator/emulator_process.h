// An emulated board that stays: the emulator beside this process, its serial line a port.

#ifndef NIWAKI_LIBS_BOARD_EMULATOR_EMULATOR_PROCESS_H_
#define NIWAKI_LIBS_BOARD_EMULATOR_EMULATOR_PROCESS_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/process/child_program.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/port/byte_port.h"
#include "libs/board/port/deadline.h"
#include "libs/board/port/socket_port.h"

namespace niwaki::board {

// Time is counted in instructions, as RunFirmware's. An emulated board that waits for its host
// takes no processor time. Thread-safe; it must be destroyed, or Kill()ed, by its owner, and the
// thread that started it must outlive it.
class EmulatorProcess {
 public:
  // Starts the emulator with firmware that serves (FirmwareProgram::kServe) and waits until its
  // serial line is connected. Of `options`, timeout_ms is not used. FailedPrecondition with
  // TOOL_MISSING; DeadlineExceeded; Unavailable with BOARD_VANISHED for an emulator that ends at
  // once, with what it said.
  static absl::StatusOr<std::unique_ptr<EmulatorProcess>> Start(const EmulatorOptions& options,
                                                                const Deadline& deadline);

  // The serial line, once. The port has vanished when the emulator ends.
  std::unique_ptr<BytePort> TakePort() { return std::move(port_); }

  // OK while it runs; else Unavailable with BOARD_VANISHED, how it ended and what it said.
  absl::Status Health();

  // Ends it. Idempotent.
  void Kill() { child_->Kill(); }

 private:
  EmulatorProcess(std::unique_ptr<TemporaryFolder> folder, std::unique_ptr<ChildProgram> child)
      : folder_(std::move(folder)), child_(std::move(child)) {}

  // Holds the socket.
  const std::unique_ptr<TemporaryFolder> folder_;
  const std::unique_ptr<ChildProgram> child_;
  std::unique_ptr<BytePort> port_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_EMULATOR_EMULATOR_PROCESS_H_
