// What a network's firmware prints (libs/board/firmware/report.c), read.

#ifndef NIWAKI_LIBS_BOARD_EMULATOR_FIRMWARE_OUTPUT_H_
#define NIWAKI_LIBS_BOARD_EMULATOR_FIRMWARE_OUTPUT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::board {

struct FirmwareOutput {
  // Of one invocation, in ticks of the board's timer.
  uint64_t ticks = 0;
  // From the sensor to the input; 0 where the test vector starts at the input.
  uint64_t sensor_ticks = 0;
  // By operator; empty without a profile, 0 for an operator that computes nothing.
  std::vector<uint64_t> operator_ticks;
  int64_t stack_bytes = 0;
  std::vector<int8_t> output;
};

// DataLoss with reason DATA_CORRUPT for anything but a whole report: what is missing, and the line.
absl::StatusOr<FirmwareOutput> ParseFirmwareOutput(absl::string_view text);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_EMULATOR_FIRMWARE_OUTPUT_H_
