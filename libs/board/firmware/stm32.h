// What the STM32 families differ in, as far as firmware needs it. A family is one C file that
// defines `board`, `stm32` and stm32_start_clock; stm32.c does the rest.
//
// The compiler is told the serial line of a board: NW_UART (1, 2 or 3: which USART), NW_UART_TX and
// NW_UART_RX (its pins: 16 times the port, A being 0, plus the number: 0x38 is PD8), NW_BAUD.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_STM32_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_STM32_H_

#include <stdint.h>

typedef struct {
  // Of ports; they are 0x400 apart.
  uint32_t gpio;
  // Registers that switch on the clocks of ports, of USART2, USART3 and TIM2, and of USART1.
  uint32_t enable_gpio;
  uint32_t enable_apb1;
  uint32_t enable_apb2;
  // Clocks of USART1, and of USART2 and USART3.
  uint32_t apb2_hz;
  uint32_t apb1_hz;
  // Cycles of the core in 256 of TIM2's clock, as a power of two.
  uint32_t timer_shift;
  // Where the chip says its kilobytes of flash (16 bits) and its own number (96 bits).
  uint32_t flash_size;
  uint32_t unique_id;
  // Whether its USARTs are the older ones, with one data register, and whether it has caches.
  int old_usart;
  int caches;
} stm32_facts;

extern const stm32_facts stm32;

// From the internal oscillator, so that it is right whatever crystal a board has.
void stm32_start_clock(void);

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_STM32_H_
