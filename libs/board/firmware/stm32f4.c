// STM32F407, F417, F429, F446 and their like: 168 MHz, which all of them reach.

#include <stdint.h>

#include "board.h"
#include "registers.h"
#include "stm32.h"

#define RCC UINT32_C(0x40023800)
#define RCC_CONTROL REGISTER(RCC + 0x00)
#define RCC_PLL REGISTER(RCC + 0x04)
#define RCC_CLOCKS REGISTER(RCC + 0x08)
#define FLASH_CONTROL REGISTER(0x40023C00)

#define CLOCK_HZ 168000000u

const board_facts board = {"stm32f4", CLOCK_HZ, CLOCK_HZ};

const stm32_facts stm32 = {
    .gpio = 0x40020000,
    .enable_gpio = RCC + 0x30,
    .enable_apb1 = RCC + 0x40,
    .enable_apb2 = RCC + 0x44,
    .apb2_hz = CLOCK_HZ / 2,
    .apb1_hz = CLOCK_HZ / 4,
    // Timers of APB1 run at twice its clock, half the core's.
    .timer_shift = 9,
    .flash_size = 0x1FFF7A22,
    .unique_id = 0x1FFF7A10,
    .old_usart = 1,
    .caches = 0,
};

void stm32_start_clock(void) {
  // 16 MHz / 16 * 336 / 2; the 48 MHz output stays at a seventh, a third one at its least divider.
  RCC_PLL = 16u | 336u << 6 | 0u << 16 | 7u << 24 | 2u << 28;
  RCC_CONTROL |= 1u << 24;
  while ((RCC_CONTROL & 1u << 25) == 0) {
  }
  // Prefetch and both of the flash's caches; five wait states.
  FLASH_CONTROL = 1u << 8 | 1u << 9 | 1u << 10 | 5u;
  while ((FLASH_CONTROL & 15u) != 5u) {
  }
  // APB1 a quarter, APB2 a half, from the PLL.
  RCC_CLOCKS = 5u << 10 | 4u << 13 | 2u;
  while ((RCC_CLOCKS >> 2 & 3u) != 2u) {
  }
}
