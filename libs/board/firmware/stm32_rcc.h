// Clock control and flash control as F4 and F7 have them, and how both switch to their PLL.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_STM32_RCC_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_STM32_RCC_H_

#include <stdint.h>

#include "registers.h"

#define RCC UINT32_C(0x40023800)
#define RCC_CONTROL REGISTER(RCC + 0x00)
#define RCC_PLL REGISTER(RCC + 0x04)
#define RCC_CLOCKS REGISTER(RCC + 0x08)
#define RCC_ENABLE_GPIO (RCC + 0x30)
#define RCC_ENABLE_APB1 (RCC + 0x40)
#define RCC_ENABLE_APB2 (RCC + 0x44)
#define FLASH_CONTROL REGISTER(0x40023C00)
#define GPIO UINT32_C(0x40020000)

static inline void stm32_start_pll(uint32_t configuration) {
  RCC_PLL = configuration;
  RCC_CONTROL |= 1u << 24;
}

static inline void stm32_await_pll(void) {
  while ((RCC_CONTROL & 1u << 25) == 0) {
  }
}

// `control` for the flash, whose lower four bits are its wait states; then the PLL drives the core,
// APB1 at a quarter of it and APB2 at a half.
static inline void stm32_switch_to_pll(uint32_t control) {
  FLASH_CONTROL = control;
  while ((FLASH_CONTROL & 15u) != (control & 15u)) {
  }
  RCC_CLOCKS = 5u << 10 | 4u << 13 | 2u;
  while ((RCC_CLOCKS >> 2 & 3u) != 2u) {
  }
}

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_STM32_RCC_H_
