// The network of a firmware as its protocols see it: an input that is filled, runs, an output.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_RUNNER_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_RUNNER_H_

#include <stdint.h>

typedef struct {
  // The prefix of its C names.
  const char* name;
  uint32_t input_bytes;
  uint32_t output_bytes;
  uint32_t arena_bytes;
  uint32_t operators;
  // Whether ticks of operators are known; whether the test vector starts at a sensor.
  int profiled;
  int sensor;
  // Of the output: real = scale * (level - zero_point), the scale in 2^-20.
  int32_t output_scale;
  int32_t output_zero_point;
} network_facts;

extern const network_facts network;

typedef enum { RUN_WELL = 0, RUN_FAILED = 1, RUN_SENSOR_DIFFERS = 2 } run_verdict;

typedef struct {
  uint64_t ticks;
  // From the sensor to the input; 0 where the run began at the input.
  uint64_t sensor_ticks;
  uint32_t stack_bytes;
} run_figures;

// `input_bytes` to write before a run, and `output_bytes` to read after one. A run from the stored
// test vector leaves the input as it is.
int8_t* runner_input(void);
const int8_t* runner_output(void);

// Ticks of one operator in the last run.
uint64_t runner_operator_ticks(uint32_t index);

// One run, from the test vector where `stored`, else from the input.
run_verdict runner_run(int stored, run_figures* figures);

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_RUNNER_H_
