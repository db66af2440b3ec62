// What the STM32 families share: pins, USART, the cycle counter with a timer that tells its turns,
// the Cortex-M7's caches. Registers are those of ST's reference manuals RM0090 (F4), RM0385 (F7)
// and RM0433 (H7) and Arm's of the architecture, written without the manuals at hand and not tried
// on a chip (docs/boards.md).

#include "stm32.h"

#include <stdint.h>

#include "board.h"
#include "registers.h"

#define USART_BASE \
  (NW_UART == 1 ? UINT32_C(0x40011000) : NW_UART == 2 ? UINT32_C(0x40004400) : UINT32_C(0x40004800))
_Static_assert(NW_UART >= 1 && NW_UART <= 3, "NW_UART is 1, 2 or 3");

// Alternate function of all pins of USART1 to USART3.
#define USART_FUNCTION 7u

// Of the older USARTs: status, data, rate, control. Of the newer: control, rate, status, flags to
// clear, data in and out. Bits of the status are the same: 3 overrun, 5 received, 6 all sent, 7
// room.
#define OVERRUN (1u << 3)
#define RECEIVED (1u << 5)
#define SENT (1u << 6)
#define ROOM (1u << 7)
#define OLD_STATUS REGISTER(USART_BASE + 0x00)
#define OLD_DATA REGISTER(USART_BASE + 0x04)
#define OLD_RATE REGISTER(USART_BASE + 0x08)
#define OLD_CONTROL REGISTER(USART_BASE + 0x0C)
#define NEW_CONTROL REGISTER(USART_BASE + 0x00)
#define NEW_RATE REGISTER(USART_BASE + 0x0C)
#define NEW_STATUS REGISTER(USART_BASE + 0x1C)
#define NEW_CLEAR REGISTER(USART_BASE + 0x20)
#define NEW_DATA_IN REGISTER(USART_BASE + 0x24)
#define NEW_DATA_OUT REGISTER(USART_BASE + 0x28)

// TIM2, 32 bits wide.
#define TIMER UINT32_C(0x40000000)
#define TIMER_CONTROL REGISTER(TIMER + 0x00)
#define TIMER_EVENT REGISTER(TIMER + 0x14)
#define TIMER_COUNT REGISTER(TIMER + 0x24)
#define TIMER_DIVIDER REGISTER(TIMER + 0x28)
#define TIMER_LIMIT REGISTER(TIMER + 0x2C)

#define DEBUG_CONTROL REGISTER(0xE000EDFC)
#define DWT_CONTROL REGISTER(0xE0001000)
#define DWT_CYCLES REGISTER(0xE0001004)
#define DWT_LOCK REGISTER(0xE0001FB0)

#define CONFIGURATION REGISTER(0xE000ED14)
#define CACHE_SIZE REGISTER(0xE000ED80)
#define CACHE_SELECT REGISTER(0xE000ED84)
#define INVALIDATE_INSTRUCTIONS REGISTER(0xE000EF50)
#define INVALIDATE_DATA_BY_SET REGISTER(0xE000EF60)

#define BARRIER() __asm volatile("dsb\n\tisb" ::: "memory")

static void start_caches(void) {
  BARRIER();
  INVALIDATE_INSTRUCTIONS = 0;
  BARRIER();
  CACHE_SELECT = 0;
  BARRIER();
  // Lines of 32 bytes; ways are in the upper bits, as many as they need.
  const uint32_t size = CACHE_SIZE;
  const uint32_t sets = (size >> 13 & 0x7FFF) + 1;
  const uint32_t ways = (size >> 3 & 0x3FF) + 1;
  const uint32_t way_shift = (uint32_t)__builtin_clz(ways - 1);
  for (uint32_t set = 0; set < sets; ++set) {
    for (uint32_t way = 0; way < ways; ++way) {
      INVALIDATE_DATA_BY_SET = way << way_shift | set << 5;
    }
  }
  BARRIER();
  CONFIGURATION |= 1u << 17 | 1u << 16;
  BARRIER();
}

static void start_pin(uint32_t pin) {
  const uint32_t port = stm32.gpio + 0x400 * (pin >> 4);
  const uint32_t number = pin & 15;
  REGISTER(stm32.enable_gpio) |= 1u << (pin >> 4);
  (void)REGISTER(stm32.enable_gpio);
  volatile uint32_t* const function = &REGISTER(port + 0x20 + 4 * (number / 8));
  const uint32_t at = 4 * (number & 7);
  *function = (*function & ~(15u << at)) | USART_FUNCTION << at;
  // Fast edges, a pull-up for a line that nobody drives, and then the function.
  REGISTER(port + 0x08) |= 2u << (2 * number);
  REGISTER(port + 0x0C) = (REGISTER(port + 0x0C) & ~(3u << (2 * number))) | 1u << (2 * number);
  REGISTER(port + 0x00) = (REGISTER(port + 0x00) & ~(3u << (2 * number))) | 2u << (2 * number);
}

static void start_uart(void) {
  if (NW_UART == 1) {
    REGISTER(stm32.enable_apb2) |= 1u << 4;
  } else {
    REGISTER(stm32.enable_apb1) |= 1u << (NW_UART == 2 ? 17 : 18);
  }
  start_pin(NW_UART_TX);
  start_pin(NW_UART_RX);
  const uint32_t clock_hz = NW_UART == 1 ? stm32.apb2_hz : stm32.apb1_hz;
  const uint32_t rate = (clock_hz + NW_BAUD / 2) / NW_BAUD;
  // Sender and receiver, and the whole.
  if (stm32.old_usart) {
    OLD_RATE = rate;
    OLD_CONTROL = 1u << 13 | 1u << 3 | 1u << 2;
  } else {
    NEW_RATE = rate;
    NEW_CONTROL = 1u << 0 | 1u << 3 | 1u << 2;
  }
}

void board_start(void) {
  __asm volatile("cpsid i" ::: "memory");
  stm32_start_clock();
  if (stm32.caches) start_caches();
  REGISTER(stm32.enable_apb1) |= 1u << 0;
  start_uart();
}

void board_start_counter(void) {
  DEBUG_CONTROL |= 1u << 24;
  DWT_LOCK = UINT32_C(0xC5ACCE55);
  TIMER_CONTROL = 0;
  TIMER_DIVIDER = 255;
  TIMER_LIMIT = UINT32_MAX;
  // Takes the divider over and begins at 0.
  TIMER_EVENT = 1;
  DWT_CYCLES = 0;
  DWT_CONTROL |= 1u;
  TIMER_CONTROL = 1;
}

void board_stop_counter(void) { TIMER_CONTROL = 0; }

uint64_t board_ticks(void) {
  const uint32_t fine = DWT_CYCLES;
  const uint64_t coarse = (uint64_t)TIMER_COUNT << stm32.timer_shift;
  // The two differ by whole turns of the fine one, but for the few cycles between the readings.
  const uint64_t turns = (coarse - fine + (UINT64_C(1) << 31)) >> 32;
  return (turns << 32) + fine;
}

int board_read(void) {
  if (stm32.old_usart) {
    // Reading status and then data clears an overrun: what was lost, frames notice.
    if ((OLD_STATUS & (RECEIVED | OVERRUN)) == 0) return -1;
    return (int)(OLD_DATA & 0xFF);
  }
  if ((NEW_STATUS & OVERRUN) != 0) NEW_CLEAR = OVERRUN;
  if ((NEW_STATUS & RECEIVED) == 0) return -1;
  return (int)(NEW_DATA_IN & 0xFF);
}

static uint32_t status(void) { return stm32.old_usart ? OLD_STATUS : NEW_STATUS; }

void board_write(const void* bytes, uint32_t size) {
  const uint8_t* const from = bytes;
  for (uint32_t i = 0; i < size; ++i) {
    while ((status() & ROOM) == 0) {
    }
    if (stm32.old_usart) {
      OLD_DATA = from[i];
    } else {
      NEW_DATA_OUT = from[i];
    }
  }
  // A reset must not cut the last byte off.
  while ((status() & SENT) == 0) {
  }
}

// A core that sleeps stops the debugger of some boards; the line is asked again.
void board_wait(void) {}

uint32_t board_flash_bytes(void) {
  return (uint32_t)(*(const volatile uint16_t*)(uintptr_t)stm32.flash_size) * 1024u;
}

void board_serial_number(char text[25]) {
  static const char kDigits[] = "0123456789abcdef";
  for (uint32_t i = 0; i < 24; ++i) {
    const uint32_t word = REGISTER(stm32.unique_id + 4 * (i / 8));
    text[i] = kDigits[word >> (28 - 4 * (i % 8)) & 15];
  }
  text[24] = 0;
}
