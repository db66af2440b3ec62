// STM32F745, F746, F756, F767 and their like: 216 MHz.

#include <stdint.h>

#include "board.h"
#include "registers.h"
#include "stm32.h"

#define RCC UINT32_C(0x40023800)
#define RCC_CONTROL REGISTER(RCC + 0x00)
#define RCC_PLL REGISTER(RCC + 0x04)
#define RCC_CLOCKS REGISTER(RCC + 0x08)
#define RCC_ENABLE_APB1 REGISTER(RCC + 0x40)
#define FLASH_CONTROL REGISTER(0x40023C00)
#define POWER_CONTROL REGISTER(0x40007000)
#define POWER_STATUS REGISTER(0x40007004)

#define CLOCK_HZ 216000000u

const board_facts board = {"stm32f7", CLOCK_HZ, CLOCK_HZ};

const stm32_facts stm32 = {
    .gpio = 0x40020000,
    .enable_gpio = RCC + 0x30,
    .enable_apb1 = RCC + 0x40,
    .enable_apb2 = RCC + 0x44,
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
  RCC_ENABLE_APB1 |= 1u << 28;
  (void)RCC_ENABLE_APB1;
  // 16 MHz / 8 * 216 / 2; the 48 MHz output at a ninth, a third one at its least divider.
  RCC_PLL = 8u | 216u << 6 | 0u << 16 | 9u << 24 | 2u << 28;
  RCC_CONTROL |= 1u << 24;
  // Over-drive, without which 180 MHz are the limit.
  POWER_CONTROL |= 1u << 16;
  while ((POWER_STATUS & 1u << 16) == 0) {
  }
  POWER_CONTROL |= 1u << 17;
  while ((POWER_STATUS & 1u << 17) == 0) {
  }
  while ((RCC_CONTROL & 1u << 25) == 0) {
  }
  // The flash's accelerator with prefetch; seven wait states.
  FLASH_CONTROL = 1u << 8 | 1u << 9 | 7u;
  while ((FLASH_CONTROL & 15u) != 7u) {
  }
  // APB1 a quarter, APB2 a half, from the PLL.
  RCC_CLOCKS = 5u << 10 | 4u << 13 | 2u;
  while ((RCC_CLOCKS >> 2 & 3u) != 2u) {
  }
}
