// Many operators on one board: emitted into as few firmware images as flash allows, built once
// each, counted in several runs, every output compared with the host's.

#ifndef NIWAKI_SERVICES_BOARDS_OPERATORS_RUN_H_
#define NIWAKI_SERVICES_BOARDS_OPERATORS_RUN_H_

#include "proto/niwaki/v1/board_service.pb.h"
#include "services/boards/network_run.h"

namespace niwaki::boards {

// One that no kernel runs, or that does not fit the board, has its problem in the result and fails
// nothing else. Failures are those of RunNetwork; counts that cannot be are of phase "check":
// DataLoss with reason BOARD_GARBLED. Blocks. Thread-safe for different boards.
RunOutcome RunOperators(const BoardSetup& setup, const v1::OperatorsMeasurement& wanted);

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_OPERATORS_RUN_H_
