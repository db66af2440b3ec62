#include "frame.h"

#include <stdint.h>

#define SYNC_0 0xE7
#define SYNC_1 0x9D
#define VERSION 1

// Four bits at a time: 64 bytes of table.
uint32_t nw_crc32(const uint8_t* bytes, uint32_t size, uint32_t before) {
  static const uint32_t kTable[16] = {
      0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u,
      0x4DB26158u, 0x5005713Cu, 0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu,
      0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
  };
  uint32_t crc = ~before;
  for (uint32_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    crc = (crc >> 4) ^ kTable[crc & 15];
    crc = (crc >> 4) ^ kTable[crc & 15];
  }
  return ~crc;
}

static uint32_t get16(const uint8_t* bytes) { return bytes[0] | (uint32_t)bytes[1] << 8; }

static uint32_t get32(const uint8_t* bytes) { return get16(bytes) | get16(bytes + 2) << 16; }

static void put16(uint8_t* bytes, uint32_t value) {
  bytes[0] = (uint8_t)value;
  bytes[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t* bytes, uint32_t value) {
  put16(bytes, value & 0xFFFF);
  put16(bytes + 2, value >> 16);
}

// The check of a header is over what lies between the sync bytes and itself.
static uint32_t header_check(const uint8_t* bytes) { return nw_crc32(bytes + 2, 8, 0) & 0xFFFF; }

static void drop(nw_frame_reader* reader, uint32_t count) {
  reader->size -= count;
  for (uint32_t i = 0; i < reader->size; ++i) reader->bytes[i] = reader->bytes[i + count];
}

// Drops the first byte and what follows up to the next that may begin a frame.
static void skip(nw_frame_reader* reader) {
  uint32_t count = 1;
  while (count < reader->size && reader->bytes[count] != SYNC_0) ++count;
  reader->dropped += count;
  drop(reader, count);
}

// Whether the bytes that are there may be the beginning of a frame that fits.
static int may_be_frame(const nw_frame_reader* reader) {
  const uint8_t* const bytes = reader->bytes;
  if (bytes[0] != SYNC_0 || (reader->size > 1 && bytes[1] != SYNC_1)) return 0;
  if (reader->size < NW_FRAME_HEADER) return 1;
  return bytes[2] == VERSION && get16(bytes + 8) <= NW_FRAME_PAYLOAD &&
         get16(bytes + 10) == header_check(bytes);
}

int nw_frame_push(nw_frame_reader* reader, uint8_t byte) {
  if (reader->size == 0 && byte != SYNC_0) return 0;
  reader->bytes[reader->size++] = byte;
  return 1;
}

int nw_frame_next(nw_frame_reader* reader, nw_frame* frame) {
  drop(reader, reader->taken);
  reader->taken = 0;
  while (reader->size > 0) {
    if (!may_be_frame(reader)) {
      skip(reader);
      continue;
    }
    if (reader->size < NW_FRAME_HEADER) return 0;
    const uint32_t size = get16(reader->bytes + 8);
    const uint32_t whole = NW_FRAME_HEADER + size + NW_FRAME_CHECK;
    if (reader->size < whole) return 0;
    const uint8_t* const check = reader->bytes + NW_FRAME_HEADER + size;
    if (get32(check) != nw_crc32(reader->bytes + 2, NW_FRAME_HEADER - 2 + size, 0)) {
      skip(reader);
      continue;
    }
    frame->type = reader->bytes[3];
    frame->sequence = get32(reader->bytes + 4);
    frame->payload = reader->bytes + NW_FRAME_HEADER;
    frame->size = (uint16_t)size;
    reader->taken = whole;
    return 1;
  }
  return 0;
}

uint32_t nw_frame_finish(uint8_t* bytes, uint8_t type, uint32_t sequence, uint32_t size) {
  bytes[0] = SYNC_0;
  bytes[1] = SYNC_1;
  bytes[2] = VERSION;
  bytes[3] = type;
  put32(bytes + 4, sequence);
  put16(bytes + 8, size);
  put16(bytes + 10, header_check(bytes));
  put32(bytes + NW_FRAME_HEADER + size, nw_crc32(bytes + 2, NW_FRAME_HEADER - 2 + size, 0));
  return NW_FRAME_HEADER + size + NW_FRAME_CHECK;
}
