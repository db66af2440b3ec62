// Boards and measurements as people read them.

#ifndef NIWAKI_SERVICES_CLI_SHOW_BOARD_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_BOARD_TEXT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/niwaki/v1/board_service.pb.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {

// "IDLE", "RUNNING"; GONE for a board whose service is not alive.
std::string BoardStateName(const v1::Board& board);
// "GOOD".
std::string BoardHealthName(v1::BoardHealth health);

// One line for each board.
Table BoardTable(const std::vector<v1::Board>& boards, absl::Time now);

// "a is BAD: drift: …": a line for each board that is not good, with its reason.
std::string HealthNotes(const std::vector<v1::Board>& boards);

// All that is known of one board, in lines.
std::string BoardDetails(const v1::Board& board, absl::Time now);

// What a change has led to: "boards/a is RESERVED by ann, GOOD".
std::string ChangeNote(const v1::Board& board);

// The figures of a measurement that succeeded, its operators included; of one that failed its
// failures.
std::string MeasurementText(const v1::Measurement& measurement);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_BOARD_TEXT_H_
