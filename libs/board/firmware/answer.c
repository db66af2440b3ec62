#include "answer.h"

#include <stdint.h>

#include "board.h"
#include "frame.h"
#include "runner.h"

// Of the program that made this firmware, and of the network's sources; SHA-256 in hexadecimal.
#ifndef NW_FIRMWARE_DIGEST
#define NW_FIRMWARE_DIGEST ""
#endif
#ifndef NW_NETWORK_DIGEST
#define NW_NETWORK_DIGEST ""
#endif

#define PROTOCOL_VERSION 1

enum {
  IDENTIFY = 0x01,
  RESET = 0x02,
  WRITE_INPUT = 0x03,
  RUN = 0x04,
  READ_OUTPUT = 0x05,
  READ_OPERATORS = 0x06,
  REPLY = 0x80,
  STARTED = 0xF0,
  FAULT = 0xF1,
  REFUSED = 0xFF,
};

enum {
  UNKNOWN_TYPE = 1,
  MALFORMED = 2,
  OUT_OF_RANGE = 3,
  NO_SESSION = 4,
  NO_COMMON_VERSION = 5,
  INPUT_INCOMPLETE = 6,
  FAILED_RUN = 7,
  SENSOR_DIFFERS = 8,
  NO_RUN_YET = 9,
  STACK_FULL = 10,
};

enum { FLAG_PROFILED = 1, FLAG_SENSOR = 2 };

// The last reply, kept for a request that comes twice: a frame, or none where it has no bytes.
static uint8_t reply[NW_FRAME_BYTES];
static uint32_t reply_bytes;
// Of the payload that is being written.
static uint32_t size;

// Sequences are a session and a number in it; 0 before the first.
static uint32_t last_sequence;

static uint32_t input_bytes;
static int has_run;

static void put(uint64_t value, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; ++i) {
    reply[NW_FRAME_HEADER + size++] = (uint8_t)(value >> (8 * i));
  }
}

// A length of one byte, and as much of the text as that can say.
static void put_text(const char* text) {
  const uint32_t length = size++;
  uint32_t count = 0;
  while (count < 127 && text[count] != 0) put((uint8_t)text[count++], 1);
  reply[NW_FRAME_HEADER + length] = (uint8_t)count;
}

static uint32_t get(const uint8_t* bytes, uint32_t count) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < count; ++i) value |= (uint32_t)bytes[i] << (8 * i);
  return value;
}

static uint8_t refuse(uint32_t reason, uint32_t detail) {
  size = 0;
  put(reason, 2);
  put(detail, 4);
  return REFUSED;
}

static void put_numbers(void) {
  put(board.clock_hz, 4);
  put(board.tick_hz, 4);
  put(board_flash_bytes(), 4);
  put(board_stack_bytes(), 4);
  put(network.input_bytes, 4);
  put(network.output_bytes, 4);
  put(network.arena_bytes, 4);
  put(network.operators, 4);
}

static uint8_t identify(const nw_frame* frame) {
  if (frame->size != 4) return refuse(MALFORMED, frame->size);
  const uint32_t least = get(frame->payload, 2);
  const uint32_t most = get(frame->payload + 2, 2);
  if (least > PROTOCOL_VERSION || most < PROTOCOL_VERSION) {
    return refuse(NO_COMMON_VERSION, PROTOCOL_VERSION);
  }
  char serial[25];
  board_serial_number(serial);
  put(PROTOCOL_VERSION, 2);
  put(NW_FRAME_PAYLOAD, 2);
  put((network.profiled ? FLAG_PROFILED : 0u) | (network.sensor ? FLAG_SENSOR : 0u), 4);
  put_numbers();
  put_text(board.name);
  put_text(board_core());
  put_text(serial);
  put_text(network.name);
  put_text(NW_FIRMWARE_DIGEST);
  put_text(NW_NETWORK_DIGEST);
  input_bytes = 0;
  has_run = 0;
  return IDENTIFY | REPLY;
}

// Input comes in order: what is missing in the middle would be taken from the run before.
static uint8_t write_input(const nw_frame* frame) {
  if (frame->size < 4) return refuse(MALFORMED, frame->size);
  const uint32_t offset = get(frame->payload, 4);
  const uint32_t count = frame->size - 4u;
  if (offset != 0 && offset != input_bytes) return refuse(OUT_OF_RANGE, input_bytes);
  if (offset > network.input_bytes || count > network.input_bytes - offset) {
    return refuse(OUT_OF_RANGE, network.input_bytes);
  }
  for (uint32_t i = 0; i < count; ++i) {
    runner_input()[offset + i] = (int8_t)frame->payload[4 + i];
  }
  input_bytes = offset + count;
  put(input_bytes, 4);
  return WRITE_INPUT | REPLY;
}

static uint8_t run(const nw_frame* frame) {
  if (frame->size != 1 || frame->payload[0] > 1) return refuse(MALFORMED, frame->size);
  const int stored = frame->payload[0] == 1;
  if (!stored && input_bytes != network.input_bytes) return refuse(INPUT_INCOMPLETE, input_bytes);
  run_figures figures;
  has_run = 0;
  const run_verdict verdict = runner_run(stored, &figures);
  if (verdict == RUN_SENSOR_DIFFERS) return refuse(SENSOR_DIFFERS, 0);
  if (verdict != RUN_WELL) return refuse(FAILED_RUN, 0);
  if (figures.stack_bytes >= board_stack_bytes()) return refuse(STACK_FULL, figures.stack_bytes);
  has_run = 1;
  put(figures.ticks, 8);
  put(figures.sensor_ticks, 8);
  put(figures.stack_bytes, 4);
  put(nw_crc32((const uint8_t*)runner_output(), network.output_bytes, 0), 4);
  return RUN | REPLY;
}

// The range of a request to read: its first, and how many of `unit` bytes each it may have; 0 for a
// request that was refused.
static int range_of(const nw_frame* frame, uint32_t all, uint32_t unit, uint32_t* first,
                    uint32_t* count, uint8_t* type) {
  if (frame->size != 6) {
    *type = refuse(MALFORMED, frame->size);
    return 0;
  }
  if (!has_run) {
    *type = refuse(NO_RUN_YET, 0);
    return 0;
  }
  *first = get(frame->payload, 4);
  *count = get(frame->payload + 4, 2);
  if (*first > all || *count > all - *first || *count * unit > NW_FRAME_PAYLOAD - 4) {
    *type = refuse(OUT_OF_RANGE, all);
    return 0;
  }
  put(*first, 4);
  return 1;
}

static uint8_t read_output(const nw_frame* frame) {
  uint32_t first, count;
  uint8_t type;
  if (!range_of(frame, network.output_bytes, 1, &first, &count, &type)) return type;
  for (uint32_t i = 0; i < count; ++i) put((uint8_t)runner_output()[first + i], 1);
  return READ_OUTPUT | REPLY;
}

static uint8_t read_operators(const nw_frame* frame) {
  uint32_t first, count;
  uint8_t type;
  const uint32_t all = network.profiled ? network.operators : 0;
  if (!range_of(frame, all, 8, &first, &count, &type)) return type;
  for (uint32_t i = 0; i < count; ++i) put(runner_operator_ticks(first + i), 8);
  return READ_OPERATORS | REPLY;
}

static uint8_t answer_in_session(const nw_frame* frame) {
  switch (frame->type) {
    case RESET:
      return RESET | REPLY;
    case WRITE_INPUT:
      return write_input(frame);
    case RUN:
      return run(frame);
    case READ_OUTPUT:
      return read_output(frame);
    case READ_OPERATORS:
      return read_operators(frame);
    default:
      return refuse(UNKNOWN_TYPE, frame->type);
  }
}

void answer(const nw_frame* frame) {
  // Replies are not answered, nor is what cannot be a request's sequence.
  if (frame->type >= REPLY || frame->sequence == 0) return;
  if (frame->sequence == last_sequence) {
    board_write(reply, reply_bytes);
    return;
  }
  size = 0;
  const int same_session = frame->sequence >> 16 == last_sequence >> 16;
  uint8_t type;
  if (frame->type == IDENTIFY) {
    last_sequence = frame->sequence;
    type = identify(frame);
  } else if (last_sequence == 0 || !same_session) {
    type = refuse(NO_SESSION, last_sequence >> 16);
  } else if (frame->sequence < last_sequence) {
    // A double of what has been answered, late.
    return;
  } else {
    last_sequence = frame->sequence;
    type = answer_in_session(frame);
  }
  reply_bytes = nw_frame_finish(reply, type, frame->sequence, size);
  board_write(reply, reply_bytes);
  if (type == (RESET | REPLY)) board_reset();
}

static void tell(uint8_t type, uint32_t sequence) {
  board_write(reply, nw_frame_finish(reply, type, sequence, size));
}

void answer_started(void) {
  size = 0;
  put(PROTOCOL_VERSION, 2);
  tell(STARTED, 0);
}

void answer_fault(uint32_t address, uint32_t fault_status, uint32_t hard_fault_status) {
  size = 0;
  put(address, 4);
  put(fault_status, 4);
  put(hard_fault_status, 4);
  tell(FAULT, last_sequence);
}
