// Arm's MPS2 boards as QEMU emulates them: start-up code, CMSDK timers, semihosting.
//
// The compiler is told where the timers lie: NW_TIMER (CMSDK TIMER0, 32 bits, counts down at the
// board's clock) and NW_DUAL_TIMER (the same through a divider by 256, so that it tells how often
// the first one has wrapped).

#include <stddef.h>
#include <stdint.h>

#include "board.h"

#define REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

#define TIMER_CONTROL REGISTER(NW_TIMER + 0x0)
#define TIMER_VALUE REGISTER(NW_TIMER + 0x4)
#define TIMER_RELOAD REGISTER(NW_TIMER + 0x8)

#define DUAL_LOAD REGISTER(NW_DUAL_TIMER + 0x0)
#define DUAL_VALUE REGISTER(NW_DUAL_TIMER + 0x4)
#define DUAL_CONTROL REGISTER(NW_DUAL_TIMER + 0x8)
// Enabled, divided by 256, 32 bits, free-running.
#define DUAL_FREE_RUNNING (1u << 7 | 2u << 2 | 1u << 1)

// Semihosting: a call to the machine that runs the emulator.
#define SYS_WRITE0 0x04
#define SYS_EXIT 0x18
#define STOPPED_BY_APPLICATION 0x20026
#define STOPPED_BY_ERROR 0x20023

#define PAINT UINT32_C(0xA5C35A3C)

// Of the linker script.
extern uint32_t nw_data_begin[], nw_data_end[], nw_data_load[], nw_bss_begin[], nw_bss_end[];
extern uint32_t nw_stack_begin[], nw_stack_end[];

int main(void);

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
  DUAL_LOAD = UINT32_MAX;
  DUAL_CONTROL = DUAL_FREE_RUNNING;
  TIMER_RELOAD = UINT32_MAX;
  TIMER_VALUE = UINT32_MAX;
  TIMER_CONTROL = 1;
}

uint64_t board_ticks(void) {
  const uint32_t fine = ~TIMER_VALUE;
  const uint64_t coarse = (uint64_t)(uint32_t)~DUAL_VALUE << 8;
  // The two differ by whole turns of the fine one, but for the few ticks between the readings.
  const uint64_t turns = (coarse - fine + (UINT64_C(1) << 31)) >> 32;
  return (turns << 32) + fine;
}

void board_paint_stack(void) {
  const uint32_t* here;
  __asm volatile("mov %0, sp" : "=r"(here));
  for (uint32_t* word = nw_stack_begin; word < here; ++word) *(volatile uint32_t*)word = PAINT;
}

uint32_t board_used_stack(void) {
  const uint32_t* word = nw_stack_begin;
  while (word < nw_stack_end && *word == PAINT) ++word;
  return (uint32_t)((const char*)nw_stack_end - (const char*)word);
}

// Of code for a floating-point unit: it is off until somebody turns it on.
#define COPROCESSOR_ACCESS REGISTER(0xE000ED88)

_Noreturn void nw_reset(void) {
#if defined(__ARM_FP) && !defined(__SOFTFP__)
  COPROCESSOR_ACCESS |= 15u << 20;
  __asm volatile("dsb\n\tisb" ::: "memory");
#endif
  const uint32_t* from = nw_data_load;
  for (uint32_t* to = nw_data_begin; to < nw_data_end; ++to) *(volatile uint32_t*)to = *from++;
  for (uint32_t* to = nw_bss_begin; to < nw_bss_end; ++to) *(volatile uint32_t*)to = 0;
  board_exit(main());
}

_Noreturn void nw_fault(void) {
  board_print("fault\n");
  board_exit(1);
}

// The initial stack pointer, reset, and the exceptions of the core.
__attribute__((section(".vectors"), used)) const void* const nw_vectors[16] = {
    nw_stack_end,          (const void*)nw_reset, (const void*)nw_fault, (const void*)nw_fault,
    (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault,
    (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault,
    (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault,
};
