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
  board.set_placement("ram/flash");
  board.set_kernel_set("fast");
  board.set_engine_version("0123456789abcdef");
  return board;
}

// Of any board.
inline v1::MeasurementSpec NetworkSpec() {
  v1::MeasurementSpec spec;
  spec.mutable_network()->set_artifact_digest(std::string(64, 'a'));
  return spec;
}

// For the table of such a board's device.
inline v1::MeasurementSpec OperatorsSpec() {
  v1::MeasurementSpec spec;
  v1::OperatorsMeasurement& operators = *spec.mutable_operators();
  operators.set_table_device("devices/stm32f746");
  for (const char* signature :
       {"conv2d 8x8x8 8x8x16 k1 s1 relu6 int8", "add 8x8x8 8x8x8 k1 s1 none int8",
        "concat 8x8x8 8x8x16 k1 s1 none int8"}) {
    v1::OperatorToMeasure& op = *operators.add_operators();
    op.set_signature(signature);
    op.set_form("whole");
  }
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

// Of OperatorsSpec: the third one could not run.
inline v1::MeasurementResult OperatorsResultOf(double count) {
  v1::MeasurementResult result = ResultOf(static_cast<int64_t>(3 * count));
  const v1::MeasurementSpec spec = OperatorsSpec();
  for (int i = 0; i < spec.operators().operators_size(); ++i) {
    v1::MeasuredOperator& measured = *result.add_measured();
    *measured.mutable_op() = spec.operators().operators(i);
    if (i == 2) {
      measured.set_problem("no kernel runs it");
      continue;
    }
    measured.set_count((i + 1) * count);
    measured.set_spread(2);
    measured.set_samples(4);
  }
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
