// One network on one configured board, from its firmware to its figures.

#ifndef NIWAKI_LIBS_BOARD_RUN_BOARD_RUN_H_
#define NIWAKI_LIBS_BOARD_RUN_BOARD_RUN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/config/board_config.h"
#include "libs/board/emulator/emulator_process.h"
#include "libs/board/protocol/message.h"
#include "libs/board/session/board_session.h"

namespace niwaki::board {

// What a board's file says of firmware, put into `options`: target, floating point, and that it
// serves.
void ApplyBoardConfig(const BoardConfig& config, FirmwareOptions& options);

// A board with firmware in it, and a session with it. Not thread-safe but for session().Cancel();
// boards of their own are driven by threads of their own.
class ConnectedBoard {
 public:
  // Flashes `elf` where the file has flash.command, starts an emulator with it where the port is
  // one, opens the port, and asks the board what it is. `expected` is compared with what it says,
  // with the file's serial number. A board with power.cycle that does not answer is switched off
  // and on, and asked once more. Errors of FlashBoard, OpenBoardPort, EmulatorProcess,
  // BoardSession; their messages begin with the board's name. `seed` as SessionOptions.
  static absl::StatusOr<std::unique_ptr<ConnectedBoard>> Connect(const BoardConfig& config,
                                                                 const std::string& elf,
                                                                 const ExpectedIdentity& expected,
                                                                 uint64_t seed);

  BoardSession& session() { return *session_; }

 private:
  ConnectedBoard() = default;

  absl::Status OpenSession(const BoardConfig& config, const std::string& elf,
                           const SessionOptions& options);

  // Outlives the session, whose port ends in it; null for a real board.
  std::unique_ptr<EmulatorProcess> emulator_;
  std::unique_ptr<BoardSession> session_;
};

struct BoardFigures {
  BoardIdentity identity;
  RunFigures run;
  std::vector<int8_t> output;
  // Ticks; empty without a profile.
  std::vector<uint64_t> operator_ticks;
};

// One run of the stored test vector, and all that it gave.
absl::StatusOr<BoardFigures> RunTestVector(BoardSession& session);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_RUN_BOARD_RUN_H_
