// The network of a firmware: its memory, and one run of it with what that took. Included by the one
// file that runs it.
//
// The compiler is told the network: NW_NETWORK and NW_NETWORK_UPPER (its prefix), NW_NETWORK_HEADER
// and NW_NETWORK_TEST (its files), NW_PROFILE (1 for a network with hooks), NW_SENSOR (1 for one
// whose test vector starts at a sensor).

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_NETWORK_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_NETWORK_H_

#include <stdint.h>

#include "board.h"
#include NW_NETWORK_HEADER
#include NW_NETWORK_TEST

#define NETWORK_JOIN_(a, b) a##b
#define NETWORK_JOIN(a, b) NETWORK_JOIN_(a, b)
#define NETWORK(name) NETWORK_JOIN(NW_NETWORK, name)
#define CONSTANT(name) NETWORK_JOIN(NW_NETWORK_UPPER, name)

#if NW_SENSOR
#define TEST_ARENA_BYTES CONSTANT(_TEST_ARENA_BYTES)
#else
#define TEST_ARENA_BYTES CONSTANT(_ARENA_BYTES)
#endif

static int8_t arena[TEST_ARENA_BYTES] NW_ARENA_SECTION
    __attribute__((aligned(CONSTANT(_ARENA_ALIGNMENT))));
static int8_t output[CONSTANT(_OUTPUT_BYTES)];

#if NW_PROFILE
typedef struct {
  // Ticks where the operator that runs began.
  uint64_t begin;
  // What reading the counter takes.
  uint64_t reading;
  uint64_t ticks[CONSTANT(_NUM_OPERATORS)];
} profile;

static profile operators;

// A negative index is the beginning of an operator behind which something else ran.
static void note(void* context, int index) {
  const uint64_t now = board_ticks();
  profile* const into = context;
  if (index >= 0) into->ticks[index] += now - into->begin - into->reading;
  into->begin = board_ticks();
}
#endif

// What reading the counter takes.
static inline uint64_t reading_ticks(void) {
  const uint64_t first = board_ticks();
  return board_ticks() - first;
}

// 0 where the network ran; the ticks that it took, copies of input and output included. Ticks of
// operators are added to what `operators` holds.
static inline int invoke(const int8_t* input, uint64_t reading, uint64_t* ticks) {
  const uint64_t begin = board_ticks();
#if NW_PROFILE
  operators.reading = reading;
  operators.begin = board_ticks();
  const int failed = NETWORK(_invoke_profiled)(arena, input, output, note, &operators);
#else
  const int failed = NETWORK(_invoke)(arena, input, output);
#endif
  *ticks = board_ticks() - begin - reading;
  return failed;
}

#if NW_SENSOR
// From the sensor of the test vector to `input`. 0 where it is the host's, -1 where it is not; the
// ticks that it took.
static inline int sense(int8_t* input, uint64_t reading, uint64_t* ticks) {
  const uint64_t begin = board_ticks();
  NETWORK(_test_sense)(arena, input);
  *ticks = board_ticks() - begin - reading;
  for (int32_t i = 0; i < CONSTANT(_INPUT_BYTES); ++i) {
    if (input[i] != NETWORK(_test_input)[i]) return -1;
  }
  return 0;
}
#endif

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_NETWORK_H_
