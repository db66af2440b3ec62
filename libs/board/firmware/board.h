// What a network's firmware asks of the board below it: the port layer. A port of one's own is one
// C file that defines these functions and `board`; cortex_m.c brings start-up, stack, faults and
// reset, which all of them share.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_BOARD_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_BOARD_H_

#include <stdint.h>

typedef struct {
  // Of the port: "mps2-an386", "stm32h7".
  const char* name;
  // Of the core, once board_start has run.
  uint32_t clock_hz;
  // Of the counter behind board_ticks: the clock, where it is a cycle counter.
  uint32_t tick_hz;
} board_facts;

extern const board_facts board;

// Sets up clock, caches and serial line. Call first.
void board_start(void);

// Starts the counter at 0; stops it, so that an idle board may sleep.
void board_start_counter(void);
void board_stop_counter(void);

// Ticks of the counter since it was started.
uint64_t board_ticks(void);

// The next byte of the serial line, or -1 where none has arrived.
int board_read(void);

// Returns when the last byte has been taken by the line.
void board_write(const void* bytes, uint32_t size);

// Called where nothing has arrived: may sleep until something does.
void board_wait(void);

// Bytes of flash as the chip says them; 0 where it does not.
uint32_t board_flash_bytes(void);

// The chip's number of its own in hexadecimal, at most 24 digits; "" where it has none.
void board_serial_number(char text[25]);

// Zero-terminated text to the machine that runs the emulator, and the end of it; code 0 for a run
// that went well. Of ports to emulators only.
void board_print(const char* text);
_Noreturn void board_exit(int code);

// cortex_m.c: fills what lies below the caller's stack frames with a pattern; then how many bytes
// of the stack have been used since, and how many there are.
void board_paint_stack(void);
uint32_t board_used_stack(void);
uint32_t board_stack_bytes(void);

// cortex_m.c: from power-up, as it were.
_Noreturn void board_reset(void);

// cortex_m.c: what the processor says it is: "cortex-m4".
const char* board_core(void);

// Of the program: main, and what is to be done with a fault at `address` (pc), with the status
// registers of the processor. The stack is empty when it is called.
int main(void);
_Noreturn void on_fault(uint32_t address, uint32_t fault_status, uint32_t hard_fault_status);

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_BOARD_H_
