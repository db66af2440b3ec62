// Requests of a host, answered: the board's side of libs/board/protocol/FRAME.md.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_ANSWER_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_ANSWER_H_

#include <stdint.h>

#include "frame.h"

// Tells whoever listens that the board has started.
void answer_started(void);

// Does what a frame asks for and writes the reply. A request that has been answered already gets
// the same reply again.
void answer(const nw_frame* frame);

// Tells of a fault; the arguments of on_fault.
void answer_fault(uint32_t address, uint32_t fault_status, uint32_t hard_fault_status);

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_ANSWER_H_
