#include "text.h"

#include <stdint.h>

#include "board.h"
#include "runner.h"

#ifndef NW_TEXT_INPUT_XOR
#define NW_TEXT_INPUT_XOR 0
#endif

#define END '%'
#define LONGEST 512
#define MAX_RUNS 1000000

static char command[LONGEST + 1];
static uint32_t length;
// Where the next word of the command begins.
static char* rest;

// Of `db load`: bytes that are expected, and that have come.
static uint32_t expected_bytes;
static uint32_t loaded_bytes;

// Of all runs since the start.
static uint64_t elapsed_ticks;

static uint32_t length_of(const char* text) {
  uint32_t count = 0;
  while (text[count] != 0) ++count;
  return count;
}

static int equal(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

static void say(const char* text) { board_write(text, length_of(text)); }

static void say_number(uint64_t value) {
  char text[21];
  char* digit = text + sizeof(text) - 1;
  *digit = 0;
  do {
    *--digit = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  say(digit);
}

static void say_line(const char* before, const char* what, const char* after) {
  say(before);
  say(what);
  say(after);
  say("\r\n");
}

static void say_number_line(const char* before, uint64_t number, const char* after) {
  say(before);
  say_number(number);
  say_line(after, "", "");
}

// The next word, or null.
static char* word(void) {
  while (*rest == ' ') ++rest;
  if (*rest == 0) return 0;
  char* const begin = rest;
  while (*rest != 0 && *rest != ' ') ++rest;
  if (*rest != 0) *rest++ = 0;
  return begin;
}

// The number that `text` is, at most `largest`; -1 for anything else.
static int32_t number_of(const char* text, int32_t largest) {
  int64_t value = 0;
  if (*text == 0) return -1;
  for (; *text != 0; ++text) {
    if (*text < '0' || *text > '9') return -1;
    value = value * 10 + (*text - '0');
    if (value > largest) return -1;
  }
  return (int32_t)value;
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Time is that of runs.
static void lap(void) {
  const uint64_t ticks = elapsed_ticks;
  // Of whole seconds and the rest: the product of all would not fit.
  const uint64_t micros =
      ticks / board.tick_hz * 1000000 + ticks % board.tick_hz * UINT64_C(1000000) / board.tick_hz;
  say_number_line("m-lap-us-", micros, "");
}

static void load(const char* count) {
  const int32_t bytes = count == 0 ? -1 : number_of(count, (int32_t)network.input_bytes);
  if (bytes <= 0) {
    say_number_line("e-[db load takes 1 to ", network.input_bytes, " bytes]");
    return;
  }
  expected_bytes = (uint32_t)bytes;
  loaded_bytes = 0;
  say_number_line("m-[Expecting ", expected_bytes, " bytes]");
}

static void load_bytes(const char* digits) {
  const uint32_t count = length_of(digits);
  if (count % 2 != 0) {
    say_line("e-[an odd number of hexadecimal digits]", "", "");
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (digit_of(digits[i]) < 0) {
      say_line("e-[not a command of db, nor hexadecimal: ", digits, "]");
      return;
    }
  }
  for (uint32_t i = 0; i < count && loaded_bytes < expected_bytes; i += 2) {
    const int byte = digit_of(digits[i]) << 4 | digit_of(digits[i + 1]);
    runner_input()[loaded_bytes++] = (int8_t)(byte ^ NW_TEXT_INPUT_XOR);
    if (loaded_bytes == expected_bytes) say_line("m-load-done", "", "");
  }
}

static void print_bytes(void) {
  static const char kDigits[] = "0123456789abcdef";
  for (uint32_t i = 0; i < loaded_bytes; ++i) {
    const uint8_t byte = (uint8_t)(runner_input()[i] ^ NW_TEXT_INPUT_XOR);
    const char pair[3] = {kDigits[byte >> 4], kDigits[byte & 15], 0};
    say(i % 8 == 0 ? "m-buffer-" : "-");
    say(pair);
    if (i % 8 == 7 || i + 1 == loaded_bytes) say("\r\n");
  }
}

static void buffer(void) {
  const char* const what = word();
  if (what == 0) {
    say_line("e-[db takes load, print or hexadecimal digits]", "", "");
  } else if (equal(what, "load")) {
    load(word());
  } else if (equal(what, "print")) {
    print_bytes();
  } else {
    load_bytes(what);
  }
}

static void results(void) {
  say("m-results-[");
  for (uint32_t i = 0; i < network.output_bytes; ++i) {
    const int64_t level = runner_output()[i] - network.output_zero_point;
    const int64_t scaled = level * network.output_scale * 1000;
    const uint64_t thousandths = ((uint64_t)(scaled < 0 ? -scaled : scaled) + (1u << 19)) >> 20;
    if (i > 0) say(",");
    if (scaled < 0 && thousandths > 0) say("-");
    say_number(thousandths / 1000);
    const char digits[5] = {'.', (char)('0' + thousandths / 100 % 10),
                            (char)('0' + thousandths / 10 % 10), (char)('0' + thousandths % 10), 0};
    say(digits);
  }
  say_line("]", "", "");
}

// 0 where `count` runs went well.
static int run(int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    run_figures figures;
    if (runner_run(0, &figures) != RUN_WELL) {
      say_line("e-[the network did not run]", "", "");
      return -1;
    }
    elapsed_ticks += figures.ticks;
  }
  return 0;
}

static void infer(void) {
  const char* const runs_word = word();
  const char* const warm_word = word();
  const int32_t runs = runs_word == 0 ? 1 : number_of(runs_word, MAX_RUNS);
  const int32_t warm = warm_word == 0 ? 10 : number_of(warm_word, MAX_RUNS);
  if (runs <= 0 || warm < 0) {
    say_number_line("e-[infer takes 1 to ", MAX_RUNS, " runs, and as many or none to warm up]");
    return;
  }
  say_number_line("m-warmup-start-", (uint64_t)warm, "");
  if (run(warm) != 0) return;
  say_line("m-warmup-done", "", "");
  say_number_line("m-infer-start-", (uint64_t)runs, "");
  lap();
  if (run(runs) != 0) return;
  lap();
  say_line("m-infer-done", "", "");
  results();
}

static void help(void) {
  say_line("help, name, timestamp, profile, db load N, db HEX, db print, ", "infer N [W], ",
           "results; each ends with %");
}

static void obey(void) {
  rest = command;
  const char* const what = word();
  if (what == 0) return;
  if (equal(what, "name")) {
    say_line("m-name-dut-[", board.name, "]");
  } else if (equal(what, "timestamp")) {
    lap();
  } else if (equal(what, "profile")) {
    say_line("m-profile-[niwaki]\r\nm-model-[", network.name, "]");
  } else if (equal(what, "help")) {
    help();
  } else if (equal(what, "db")) {
    buffer();
  } else if (equal(what, "infer")) {
    infer();
  } else if (equal(what, "results")) {
    results();
  } else {
    say_line("e-[Unknown command: ", what, "]");
  }
  say_line("m-ready", "", "");
}

void text_started(void) { say_line("m-init-done\r\nm-ready", "", ""); }

void text_push(char byte) {
  if (byte == END) {
    command[length] = 0;
    const int whole = length < LONGEST;
    length = 0;
    if (whole) {
      obey();
    } else {
      say_number_line("e-[a command has at most ", LONGEST - 1, " bytes]");
      say_line("m-ready", "", "");
    }
    return;
  }
  // Line ends, and what a line without a partner sends.
  if (byte < ' ' || byte > '~') return;
  if (length < LONGEST) command[length++] = byte;
}
