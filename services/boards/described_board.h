// Boards from the command line: what each is driven by, and what the oracle is told of it.

#ifndef NIWAKI_SERVICES_BOARDS_DESCRIBED_BOARD_H_
#define NIWAKI_SERVICES_BOARDS_DESCRIBED_BOARD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/niwaki/v1/board_service.pb.h"
#include "services/boards/network_run.h"
#include "services/boards/options.h"

namespace niwaki::boards {

struct DescribedBoard {
  BoardSetup setup;
  v1::BoardDescription description;

  // As resources are named.
  std::string resource() const { return "boards/" + description.name(); }
};

// All boards of the options. InvalidArgument where there is none, or two of one name; the errors of
// board::ReadBoardConfig, board::FindEmulatedBoard and board::FirmwareDigest: FailedPrecondition
// with TOOL_MISSING where there is no cross compiler.
absl::StatusOr<std::vector<DescribedBoard>> DescribeBoards(const Options& options);

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_DESCRIBED_BOARD_H_
