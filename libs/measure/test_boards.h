// Boards, measurements and figures for tests.

#ifndef NIWAKI_LIBS_MEASURE_TEST_BOARDS_H_
#define NIWAKI_LIBS_MEASURE_TEST_BOARDS_H_

#include <cstdint>
#include <string>

#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

inline constexpr char kService[] = "lab";
inline constexpr char kInstance[] = "4dbb2d32-6b92-4f5c-a6a4-8ac2d8a35f4e";
inline constexpr char kOtherInstance[] = "bd4ac1f3-7a2d-44c4-8f79-b2b6d8d29c12";
inline constexpr int64_t kClockHz = 216'000'000;

inline v1::BoardDescription DescriptionOf(const std::string& name) {
  v1::BoardDescription board;
  board.set_name(name);
  board.set_device("devices/stm32f746");
  board.set_type("stm32f7");
  board.set_core("cortex-m7");
  board.set_clock_hz(kClockHz);
  board.add_tags("bench");
  board.set_firmware_digest(std::string(64, 'f'));
  board.set_compiler("gcc 13");
  board.set_compiler_digest(std::string(64, 'c'));
  board.set_provenance(v1::PROVENANCE_MEASURED);
  board.set_has_flash(true);
  return board;
}

// Of any board.
inline v1::MeasurementSpec NetworkSpec() {
  v1::MeasurementSpec spec;
  spec.mutable_network()->set_artifact_digest(std::string(64, 'a'));
  return spec;
}

// As such a board gives them.
inline v1::MeasurementResult ResultOf(int64_t count) {
  v1::MeasurementResult result;
  result.set_provenance(v1::PROVENANCE_MEASURED);
  result.set_unit("cycles");
  result.set_count(count);
  result.set_count_low(count);
  result.set_count_high(count);
  result.set_inputs(1);
  result.set_outputs_digest(std::string(64, '0'));
  result.set_clock_hz(kClockHz);
  result.set_firmware_digest(std::string(64, 'f'));
  result.set_network_digest(std::string(64, '1'));
  result.set_compiler_digest(std::string(64, 'c'));
  result.set_flash_writes(1);
  return result;
}

inline v1::MeasurementFailure FailureOf(const std::string& failure_class,
                                        const std::string& reason = "") {
  v1::MeasurementFailure failure;
  failure.set_failure_class(failure_class);
  failure.set_reason(reason);
  failure.set_message("run: as told");
  failure.add_chain("RUN 1: no reply");
  return failure;
}

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_TEST_BOARDS_H_
