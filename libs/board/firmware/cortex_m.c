// What all boards with a Cortex-M share: start-up, vectors, faults, the stack's high-water mark,
// reset. Registers as in Arm's architecture manuals, v7-M and v8-M.

#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "registers.h"

#define PAINT UINT32_C(0xA5C35A3C)

#define CPUID REGISTER(0xE000ED00)
#define RESET_CONTROL REGISTER(0xE000ED0C)
#define RESET_REQUEST UINT32_C(0x05FA0004)
#define FAULT_STATUS REGISTER(0xE000ED28)
#define HARD_FAULT_STATUS REGISTER(0xE000ED2C)
// Of code for a floating-point unit: it is off until somebody turns it on.
#define COPROCESSOR_ACCESS REGISTER(0xE000ED88)

// Of the linker script.
extern uint32_t nw_data_begin[], nw_data_end[], nw_data_load[], nw_bss_begin[], nw_bss_end[];
extern uint32_t nw_stack_begin[], nw_stack_end[];

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

uint32_t board_stack_bytes(void) {
  return (uint32_t)((const char*)nw_stack_end - (const char*)nw_stack_begin);
}

_Noreturn void board_reset(void) {
  __asm volatile("dsb" ::: "memory");
  RESET_CONTROL = RESET_REQUEST;
  __asm volatile("dsb" ::: "memory");
  for (;;) {
  }
}

const char* board_core(void) {
  switch (CPUID >> 4 & 0xFFF) {
    case 0xC23:
      return "cortex-m3";
    case 0xC24:
      return "cortex-m4";
    case 0xC27:
      return "cortex-m7";
    case 0xD21:
      return "cortex-m33";
    case 0xD22:
      return "cortex-m55";
    default:
      return "unknown";
  }
}

_Noreturn void nw_reset(void) {
#if defined(__ARM_FP) && !defined(__SOFTFP__)
  COPROCESSOR_ACCESS |= 15u << 20;
  __asm volatile("dsb\n\tisb" ::: "memory");
#endif
  const uint32_t* from = nw_data_load;
  for (uint32_t* to = nw_data_begin; to < nw_data_end; ++to) *(volatile uint32_t*)to = *from++;
  for (uint32_t* to = nw_bss_begin; to < nw_bss_end; ++to) *(volatile uint32_t*)to = 0;
  main();
  board_reset();
}

__attribute__((used)) _Noreturn void nw_faulted(uint32_t address) {
  on_fault(address, FAULT_STATUS, HARD_FAULT_STATUS);
}

// The stack may be what is broken: its pointer is read, the interrupted address taken from it if it
// lies in the stack, and the stack begun anew.
__attribute__((naked, used)) void nw_fault(void) {
  __asm volatile(
      "mov r1, sp\n\t"
      "ldr r2, =nw_stack_begin\n\t"
      "ldr r3, =nw_stack_end\n\t"
      "movs r0, #0\n\t"
      "cmp r1, r2\n\t"
      "blo 1f\n\t"
      "sub r2, r3, r1\n\t"
      "cmp r2, #32\n\t"
      "blo 1f\n\t"
      "ldr r0, [r1, #24]\n"
      "1:\n\t"
      "mov sp, r3\n\t"
      "b nw_faulted\n\t"
      ".ltorg");
}

// The initial stack pointer, reset, and the exceptions of the core. Interrupts stay masked: a port
// that sleeps is woken by what is pending.
__attribute__((section(".vectors"), used)) const void* const nw_vectors[16] = {
    nw_stack_end,          (const void*)nw_reset, (const void*)nw_fault, (const void*)nw_fault,
    (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault,
    (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault,
    (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault, (const void*)nw_fault,
};
