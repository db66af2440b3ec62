// Arm's MPS2 boards as QEMU emulates them: CMSDK timers, CMSDK UART, semihosting.
//
// The compiler is told where they lie: NW_TIMER (CMSDK TIMER0, 32 bits, counts down at the board's
// clock) and NW_DUAL_TIMER (the same through a divider by 256, so that it tells how often the first
// one has wrapped), NW_UART and NW_UART_INTERRUPT (its number); and NW_BOARD_NAME and NW_CLOCK_HZ.

#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "registers.h"

#define TIMER_CONTROL REGISTER(NW_TIMER + 0x0)
#define TIMER_VALUE REGISTER(NW_TIMER + 0x4)
#define TIMER_RELOAD REGISTER(NW_TIMER + 0x8)

#define DUAL_LOAD REGISTER(NW_DUAL_TIMER + 0x0)
#define DUAL_VALUE REGISTER(NW_DUAL_TIMER + 0x4)
#define DUAL_CONTROL REGISTER(NW_DUAL_TIMER + 0x8)
// Enabled, divided by 256, 32 bits, free-running.
#define DUAL_FREE_RUNNING (1u << 7 | 2u << 2 | 1u << 1)

#define UART_DATA REGISTER(NW_UART + 0x0)
#define UART_STATE REGISTER(NW_UART + 0x4)
#define UART_CONTROL REGISTER(NW_UART + 0x8)
#define UART_INTERRUPTS REGISTER(NW_UART + 0xC)
#define UART_DIVIDER REGISTER(NW_UART + 0x10)
#define UART_SEND_FULL 1u
#define UART_RECEIVED 2u
// Sender, receiver, and an interrupt for what is received.
#define UART_ENABLED (1u << 0 | 1u << 1 | 1u << 3)
#define UART_RECEIVE_INTERRUPT 2u

#define INTERRUPT_BIT (1u << (NW_UART_INTERRUPT & 31))
#define INTERRUPT_ENABLE REGISTER(0xE000E100 + 4 * (NW_UART_INTERRUPT / 32))
#define INTERRUPT_CLEAR REGISTER(0xE000E280 + 4 * (NW_UART_INTERRUPT / 32))

// Semihosting: a call to the machine that runs the emulator.
#define SYS_WRITE0 0x04
#define SYS_EXIT 0x18
#define STOPPED_BY_APPLICATION 0x20026
#define STOPPED_BY_ERROR 0x20023

const board_facts board = {NW_BOARD_NAME, NW_CLOCK_HZ, NW_CLOCK_HZ};

static uint32_t semihosting(uint32_t operation, const void* argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void board_print(const char* text) { semihosting(SYS_WRITE0, text); }

_Noreturn void board_exit(int code) {
  const uintptr_t why = code == 0 ? STOPPED_BY_APPLICATION : STOPPED_BY_ERROR;
  for (;;) semihosting(SYS_EXIT, (const void*)why);
}

void board_start(void) {
  __asm volatile("cpsid i" ::: "memory");
  UART_DIVIDER = 16;
  UART_CONTROL = UART_ENABLED;
  INTERRUPT_ENABLE = INTERRUPT_BIT;
}

void board_start_counter(void) {
  DUAL_LOAD = UINT32_MAX;
  DUAL_CONTROL = DUAL_FREE_RUNNING;
  TIMER_RELOAD = UINT32_MAX;
  TIMER_VALUE = UINT32_MAX;
  TIMER_CONTROL = 1;
}

// A timer that runs while the processor sleeps would make the emulator jump from turn to turn.
void board_stop_counter(void) {
  TIMER_CONTROL = 0;
  DUAL_CONTROL = 0;
}

uint64_t board_ticks(void) {
  const uint32_t fine = ~TIMER_VALUE;
  const uint64_t coarse = (uint64_t)(uint32_t)~DUAL_VALUE << 8;
  // The two differ by whole turns of the fine one, but for the few ticks between the readings.
  const uint64_t turns = (coarse - fine + (UINT64_C(1) << 31)) >> 32;
  return (turns << 32) + fine;
}

int board_read(void) {
  if ((UART_STATE & UART_RECEIVED) == 0) return -1;
  return (int)(UART_DATA & 0xFF);
}

void board_write(const void* bytes, uint32_t size) {
  const uint8_t* const from = bytes;
  for (uint32_t i = 0; i < size; ++i) {
    while ((UART_STATE & UART_SEND_FULL) != 0) {
    }
    UART_DATA = from[i];
  }
}

// Interrupts are masked: one that is pending ends the sleep and is not taken.
void board_wait(void) {
  if ((TIMER_CONTROL & 1) != 0) return;
  UART_INTERRUPTS = UART_RECEIVE_INTERRUPT;
  INTERRUPT_CLEAR = INTERRUPT_BIT;
  if ((UART_STATE & UART_RECEIVED) == 0) __asm volatile("wfi" ::: "memory");
}

uint32_t board_flash_bytes(void) { return 0; }

void board_serial_number(char text[25]) { text[0] = 0; }
