// Memory-mapped registers.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_REGISTERS_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_REGISTERS_H_

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_REGISTERS_H_
