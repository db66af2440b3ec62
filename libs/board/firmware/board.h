// What a network's firmware asks of the board below it.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_BOARD_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_BOARD_H_

#include <stdint.h>

// Starts the counter.
void board_start(void);

// Ticks of the counter since board_start.
uint64_t board_ticks(void);

// Zero-terminated text to whoever listens.
void board_print(const char* text);

// Ends the run; code 0 for one that went well.
_Noreturn void board_exit(int code);

// Fills what lies below the caller's stack frames with a pattern; then how many bytes of the stack
// have been used since.
void board_paint_stack(void);
uint32_t board_used_stack(void);

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_BOARD_H_
