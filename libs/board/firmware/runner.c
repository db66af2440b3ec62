#include "runner.h"

#include <stdint.h>

#include "board.h"
#include "network.h"

#define TEXT_(name) #name
#define TEXT(name) TEXT_(name)

static int8_t input[CONSTANT(_INPUT_BYTES)];
#if NW_SENSOR
static int8_t sensed[CONSTANT(_INPUT_BYTES)];
#endif

const network_facts network = {
    .name = TEXT(NW_NETWORK),
    .input_bytes = CONSTANT(_INPUT_BYTES),
    .output_bytes = CONSTANT(_OUTPUT_BYTES),
    .arena_bytes = CONSTANT(_ARENA_BYTES),
    .operators = CONSTANT(_NUM_OPERATORS),
    .profiled = NW_PROFILE,
    .sensor = NW_SENSOR,
    .output_scale = (int32_t)(CONSTANT(_OUTPUT_SCALE) * 1048576.0f + 0.5f),
    .output_zero_point = CONSTANT(_OUTPUT_ZERO_POINT),
};

int8_t* runner_input(void) { return input; }

const int8_t* runner_output(void) { return output; }

uint64_t runner_operator_ticks(uint32_t index) {
#if NW_PROFILE
  return index < CONSTANT(_NUM_OPERATORS) ? operators.ticks[index] : 0;
#else
  (void)index;
  return 0;
#endif
}

static run_verdict run(int stored, run_figures* figures) {
  const uint64_t reading = reading_ticks();
  figures->sensor_ticks = 0;
#if NW_SENSOR
  if (stored) {
    if (sense(sensed, reading, &figures->sensor_ticks) != 0) return RUN_SENSOR_DIFFERS;
    return invoke(sensed, reading, &figures->ticks) == 0 ? RUN_WELL : RUN_FAILED;
  }
#endif
  const int8_t* const from = stored ? NETWORK(_test_input) : input;
  return invoke(from, reading, &figures->ticks) == 0 ? RUN_WELL : RUN_FAILED;
}

run_verdict runner_run(int stored, run_figures* figures) {
#if NW_PROFILE
  for (uint32_t i = 0; i < CONSTANT(_NUM_OPERATORS); ++i) operators.ticks[i] = 0;
#endif
  figures->ticks = 0;
  board_paint_stack();
  board_start_counter();
  const run_verdict verdict = run(stored, figures);
  board_stop_counter();
  figures->stack_bytes = board_used_stack();
  return verdict;
}
