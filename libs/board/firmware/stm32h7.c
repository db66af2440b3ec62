// STM32H742, H743, H753 and their like: 480 MHz, or 400 MHz (-DNW_CLOCK_HZ=400000000) for chips of
// revision Y. Supplied by the linear regulator, as on ST's Nucleo-144 boards.

#include <stdint.h>

#include "board.h"
#include "registers.h"
#include "stm32.h"

#ifndef NW_CLOCK_HZ
#define NW_CLOCK_HZ 480000000
#endif
_Static_assert(NW_CLOCK_HZ == 480000000 || NW_CLOCK_HZ == 400000000,
               "NW_CLOCK_HZ is 400 or 480 MHz");

#define RCC UINT32_C(0x58024400)
#define RCC_CONTROL REGISTER(RCC + 0x00)
#define RCC_CLOCKS REGISTER(RCC + 0x10)
#define RCC_DOMAIN1 REGISTER(RCC + 0x18)
#define RCC_DOMAIN2 REGISTER(RCC + 0x1C)
#define RCC_DOMAIN3 REGISTER(RCC + 0x20)
#define RCC_PLL_SOURCE REGISTER(RCC + 0x28)
#define RCC_PLL_CONFIGURATION REGISTER(RCC + 0x2C)
#define RCC_PLL_DIVIDERS REGISTER(RCC + 0x30)
#define RCC_ENABLE_APB4 REGISTER(RCC + 0xF4)
#define FLASH_CONTROL REGISTER(0x52002000)
#define POWER_STATUS REGISTER(0x58024804)
#define POWER_SUPPLY REGISTER(0x5802480C)
#define POWER_DOMAIN3 REGISTER(0x58024818)
#define SYSTEM_POWER REGISTER(0x5800042C)

const board_facts board = {"stm32h7", NW_CLOCK_HZ, NW_CLOCK_HZ};

const stm32_facts stm32 = {
    .gpio = 0x58020000,
    .enable_gpio = RCC + 0xE0,
    .enable_apb1 = RCC + 0xE8,
    .enable_apb2 = RCC + 0xF0,
    .apb2_hz = NW_CLOCK_HZ / 4,
    .apb1_hz = NW_CLOCK_HZ / 4,
    // Timers of APB1 run at twice its clock, half the core's.
    .timer_shift = 9,
    .flash_size = 0x1FF1E880,
    .unique_id = 0x1FF1E800,
    .old_usart = 0,
    .caches = 1,
};

// The core's voltage for the clock: scale 1, and for 480 MHz its boost, scale 0.
static void raise_voltage(void) {
  POWER_SUPPLY = 1u << 1;
  while ((POWER_STATUS & 1u << 13) == 0) {
  }
  POWER_DOMAIN3 = 3u << 14;
  while ((POWER_DOMAIN3 & 1u << 13) == 0) {
  }
  if (NW_CLOCK_HZ == 400000000) return;
  RCC_ENABLE_APB4 |= 1u << 1;
  (void)RCC_ENABLE_APB4;
  SYSTEM_POWER |= 1u;
  while ((POWER_DOMAIN3 & 1u << 13) == 0) {
  }
}

void stm32_start_clock(void) {
  raise_voltage();
  // 64 MHz / 4 into PLL 1, whose output P is half of 16 MHz * N.
  RCC_PLL_SOURCE = (RCC_PLL_SOURCE & ~(63u << 4 | 3u)) | 4u << 4;
  RCC_PLL_CONFIGURATION = 3u << 2 | 1u << 16;
  RCC_PLL_DIVIDERS = (NW_CLOCK_HZ / 8000000u - 1u) | 1u << 9 | 1u << 16 | 1u << 24;
  RCC_CONTROL |= 1u << 24;
  while ((RCC_CONTROL & 1u << 25) == 0) {
  }
  // Four wait states and the slowest programming delay.
  FLASH_CONTROL = 4u | 2u << 4;
  while ((FLASH_CONTROL & 15u) != 4u) {
  }
  // Buses at half the core's clock, peripherals at a quarter.
  RCC_DOMAIN1 = 8u | 4u << 4;
  RCC_DOMAIN2 = 4u << 4 | 4u << 8;
  RCC_DOMAIN3 = 4u << 4;
  RCC_CLOCKS = (RCC_CLOCKS & ~7u) | 3u;
  while ((RCC_CLOCKS >> 3 & 7u) != 3u) {
  }
}
