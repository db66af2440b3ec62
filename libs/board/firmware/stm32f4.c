// STM32F407, F417, F429, F446 and their like: 168 MHz, which all of them reach.

#include <stdint.h>

#include "board.h"
#include "stm32.h"
#include "stm32_rcc.h"

#define CLOCK_HZ 168000000u

const board_facts board = {"stm32f4", CLOCK_HZ, CLOCK_HZ};

const stm32_facts stm32 = {
    .gpio = GPIO,
    .enable_gpio = RCC_ENABLE_GPIO,
    .enable_apb1 = RCC_ENABLE_APB1,
    .enable_apb2 = RCC_ENABLE_APB2,
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
  stm32_start_pll(16u | 336u << 6 | 0u << 16 | 7u << 24 | 2u << 28);
  stm32_await_pll();
  // Prefetch and both of the flash's caches; five wait states.
  stm32_switch_to_pll(1u << 8 | 1u << 9 | 1u << 10 | 5u);
}
