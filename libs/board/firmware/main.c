// Runs an exported network on its test vector and prints what came out and what it took.
//
// The compiler is told the network: NW_NETWORK and NW_NETWORK_UPPER (its prefix), NW_NETWORK_HEADER
// and NW_NETWORK_TEST (its files), NW_PROFILE (1 for a network with hooks), NW_SENSOR (1 for one
// whose test vector starts at a sensor). Lines of the output:
//
//   niwaki-firmware 1
//   operator INDEX            (profiled networks, in order, and behind each)
//   took TICKS
//   sensor TICKS              (NW_SENSOR: from the sensor to the input, whose bytes must be right)
//   ticks TICKS               (one invocation, copies of input and output included)
//   stack BYTES
//   output BYTES
//   HEX…                      (32 bytes a line)
//   end

#include <stdint.h>

#include "board.h"
#include NW_NETWORK_HEADER
#include NW_NETWORK_TEST

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NETWORK(name) JOIN(NW_NETWORK, name)
#define CONSTANT(name) JOIN(NW_NETWORK_UPPER, name)

#if NW_SENSOR
#define TEST_ARENA_BYTES CONSTANT(_TEST_ARENA_BYTES)
static int8_t input[CONSTANT(_INPUT_BYTES)];
#else
#define TEST_ARENA_BYTES CONSTANT(_ARENA_BYTES)
static const int8_t* const input = NETWORK(_test_input);
#endif

static int8_t arena[TEST_ARENA_BYTES] NW_ARENA_SECTION
    __attribute__((aligned(CONSTANT(_ARENA_ALIGNMENT))));
static int8_t output[CONSTANT(_OUTPUT_BYTES)];

static void print_number(const char* name, uint64_t value) {
  char text[24];
  char* digit = text + sizeof(text) - 1;
  *digit = 0;
  *--digit = '\n';
  do {
    *--digit = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  board_print(name);
  board_print(digit);
}

static void print_bytes(const int8_t* bytes, int32_t size) {
  static const char kDigits[] = "0123456789abcdef";
  char line[2 * 32 + 2];
  for (int32_t i = 0; i < size;) {
    char* to = line;
    for (int32_t end = i + 32 < size ? i + 32 : size; i < end; ++i) {
      *to++ = kDigits[(uint8_t)bytes[i] >> 4];
      *to++ = kDigits[(uint8_t)bytes[i] & 15];
    }
    *to++ = '\n';
    *to = 0;
    board_print(line);
  }
}

#if NW_PROFILE
typedef struct {
  // Ticks where the operator that runs began.
  uint64_t begin;
  // What reading the counter takes.
  uint64_t reading;
  uint64_t ticks[CONSTANT(_NUM_OPERATORS)];
} profile;

static profile operators;

static void note(void* context, int index) {
  const uint64_t now = board_ticks();
  profile* const into = context;
  into->ticks[index] += now - into->begin - into->reading;
  into->begin = board_ticks();
}
#endif

// 0 where the network ran; the ticks that it took.
static int invoke(uint64_t reading, uint64_t* ticks) {
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
// 0 where the input is right; the ticks that it took.
static int sense(uint64_t reading, uint64_t* ticks) {
  const uint64_t begin = board_ticks();
  NETWORK(_test_sense)(arena, input);
  *ticks = board_ticks() - begin - reading;
  for (int32_t i = 0; i < CONSTANT(_INPUT_BYTES); ++i) {
    if (input[i] == NETWORK(_test_input)[i]) continue;
    board_print("the input that the sensor gives is not the host's\n");
    return -1;
  }
  return 0;
}
#endif

int main(void) {
  board_print("niwaki-firmware 1\n");
  board_start();
  const uint64_t first = board_ticks();
  const uint64_t reading = board_ticks() - first;
  board_paint_stack();
  uint64_t ticks = 0;
#if NW_SENSOR
  uint64_t sensor_ticks = 0;
  if (sense(reading, &sensor_ticks) != 0) return 1;
#endif
  if (invoke(reading, &ticks) != 0) return 1;
  const uint32_t stack = board_used_stack();
#if NW_PROFILE
  for (uint32_t i = 0; i < CONSTANT(_NUM_OPERATORS); ++i) {
    print_number("operator ", i);
    print_number("took ", operators.ticks[i]);
  }
#endif
#if NW_SENSOR
  print_number("sensor ", sensor_ticks);
#endif
  print_number("ticks ", ticks);
  print_number("stack ", stack);
  print_number("output ", CONSTANT(_OUTPUT_BYTES));
  print_bytes(output, CONSTANT(_OUTPUT_BYTES));
  board_print("end\n");
  return 0;
}
