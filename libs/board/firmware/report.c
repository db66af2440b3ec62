// Runs an exported network on its test vector and prints what came out and what it took. Lines of
// the output:
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
#include "network.h"

#if NW_SENSOR
static int8_t input[CONSTANT(_INPUT_BYTES)];
#else
static const int8_t* const input = NETWORK(_test_input);
#endif

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

_Noreturn void on_fault(uint32_t address, uint32_t fault_status, uint32_t hard_fault_status) {
  (void)address;
  (void)fault_status;
  (void)hard_fault_status;
  board_print("fault\n");
  board_exit(1);
}

// 0 where everything went well.
static int run(void) {
  board_print("niwaki-firmware 1\n");
  board_start_counter();
  const uint64_t reading = reading_ticks();
  board_paint_stack();
  uint64_t ticks = 0;
#if NW_SENSOR
  uint64_t sensor_ticks = 0;
  if (sense(input, reading, &sensor_ticks) != 0) {
    board_print("the input that the sensor gives is not the host's\n");
    return 1;
  }
#endif
  if (invoke(input, reading, &ticks) != 0) return 1;
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

int main(void) { board_exit(run()); }
