// One network on one board: emitted, built, run on inputs, every output compared with the host's.

#ifndef NIWAKI_SERVICES_BOARDS_NETWORK_RUN_H_
#define NIWAKI_SERVICES_BOARDS_NETWORK_RUN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/config/board_config.h"
#include "libs/board/protocol/message.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/quantise/quantised_network.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::boards {

// What networks run on.
struct BoardSetup {
  board::BoardConfig config;
  std::string compiler = board::kCrossCompiler;
  // Of the compiler that the board is registered with.
  std::string compiler_digest;
};

struct RunRequest {
  // Name of a schedule; empty for the fastest in the board's memory.
  std::string schedule;
  // From 1; random levels from the seed.
  int inputs = 1;
  uint64_t seed = 0;
  // Inputs instead, one behind the other; empty for those.
  std::string input_bytes;
};

// What came of a measurement: figures or a failure.
struct RunOutcome {
  // A failure in a phase ("emit", "build", "connect", "run", "check"); empty where there are
  // figures.
  std::string failed_phase;
  absl::Status status;
  v1::MeasurementResult result;
};

// Blocks, within the time-outs of the board's file. A failed check is DataLoss with reason
// BOARD_WRONG_OUTPUT. Thread-safe for different boards.
RunOutcome RunNetwork(const BoardSetup& setup, const engine::QuantisedNetwork& network,
                      const RunRequest& request);

// The failure of a phase as it is reported: whose fault it is (libs/board/failure), but that
// nothing before "connect" is the board's, and that a network that cannot be read, planned or
// fitted is to blame itself.
v1::MeasurementFailure FailureOf(absl::string_view phase, const absl::Status& status);

// What the firmware of every network has on this board, the network's own folder, sources and
// digest apart; its names begin with `prefix`.
absl::StatusOr<board::FirmwareOptions> FirmwareOf(const BoardSetup& setup);

// How what runs on boards is emitted.
engine::EmitOptions EmitOptionsOfBoards();

// Of RAM, for the firmware's own variables.
inline constexpr int64_t kFirmwareRam = 8 * 1024;

// Whether the board is emulated: then counts are instructions, else cycles.
bool IsEmulated(const BoardSetup& setup);

// What the board says of itself and of what it counts, put into `result`.
void FillIdentity(const BoardSetup& setup, const board::BoardIdentity& identity,
                  v1::MeasurementResult& result);

// Instructions of an emulated board, cycles of the core of a real one.
int64_t CountOf(const BoardSetup& setup, const board::BoardIdentity& identity, uint64_t ticks);

// What firmware of any network says of itself on this board. The errors of board::FirmwareDigest.
absl::StatusOr<std::string> FirmwareDigestOf(const BoardSetup& setup);

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_NETWORK_RUN_H_
