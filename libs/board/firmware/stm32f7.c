// STM32F745, F746, F756, F767 and their like: 216 MHz.

#include <stdint.h>

#include "board.h"
#include "registers.h"
#include "stm32.h"
#include "stm32_rcc.h"

#define POWER_CONTROL REGISTER(0x40007000)
#define POWER_STATUS REGISTER(0x40007004)

#define CLOCK_HZ 216000000u

const board_facts board = {"stm32f7", CLOCK_HZ, CLOCK_HZ};

const stm32_facts stm32 = {
    .gpio = GPIO,
    .enable_gpio = RCC_ENABLE_GPIO,
    .enable_apb1 = RCC_ENABLE_APB1,
    .enable_apb2 = RCC_ENABLE_APB2,
    .apb2_hz = CLOCK_HZ / 2,
    .apb1_hz = CLOCK_HZ / 4,
    // Timers of APB1 run at twice its clock, half the core's.
    .timer_shift = 9,
    .flash_size = 0x1FF0F442,
    .unique_id = 0x1FF0F420,
    .old_usart = 0,
    .caches = 1,
};

void stm32_start_clock(void) {
  // The clock of the power control.
  REGISTER(RCC_ENABLE_APB1) |= 1u << 28;
  (void)REGISTER(RCC_ENABLE_APB1);
  // 16 MHz / 8 * 216 / 2; the 48 MHz output at a ninth, a third one at its least divider.
  stm32_start_pll(8u | 216u << 6 | 0u << 16 | 9u << 24 | 2u << 28);
  // Over-drive, without which 180 MHz are the limit.
  POWER_CONTROL |= 1u << 16;
  while ((POWER_STATUS & 1u << 16) == 0) {
  }
  POWER_CONTROL |= 1u << 17;
  while ((POWER_STATUS & 1u << 17) == 0) {
  }
  stm32_await_pll();
  // The flash's accelerator with prefetch; seven wait states.
  stm32_switch_to_pll(1u << 8 | 1u << 9 | 7u);
}
