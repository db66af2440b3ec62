// Frames on a byte stream, as libs/board/protocol/FRAME.md lays them out, for firmware: no
// allocation, no clock, nothing of the board.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_FRAME_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_FRAME_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Payload bytes that this receiver takes; FRAME.md's limit is 4096, its least 512.
#ifndef NW_FRAME_PAYLOAD
#define NW_FRAME_PAYLOAD 1024
#endif
#define NW_FRAME_HEADER 12
#define NW_FRAME_CHECK 4
#define NW_FRAME_BYTES (NW_FRAME_HEADER + NW_FRAME_PAYLOAD + NW_FRAME_CHECK)

typedef struct {
  uint8_t type;
  uint32_t sequence;
  const uint8_t* payload;
  uint16_t size;
} nw_frame;

// What has arrived of a frame. Begins as zeros.
typedef struct {
  uint8_t bytes[NW_FRAME_BYTES];
  uint32_t size;
  // Of a frame that was handed out and is dropped at the next call.
  uint32_t taken;
  // Bytes dropped because they were no frame.
  uint32_t dropped;
} nw_frame_reader;

// Takes the next byte of the stream. 0 for one that stands between frames: text. After 1, call
// nw_frame_next until it says 0.
int nw_frame_push(nw_frame_reader* reader, uint8_t byte);

// 1 and the next whole frame; its payload lies in the reader until the next call.
int nw_frame_next(nw_frame_reader* reader, nw_frame* frame);

// Writes header and check around the `size` payload bytes that lie at NW_FRAME_HEADER of `bytes`.
// Returns the bytes of the frame.
uint32_t nw_frame_finish(uint8_t* bytes, uint8_t type, uint32_t sequence, uint32_t size);

// CRC-32 (polynomial 0x04C11DB7, reflected) of `size` bytes that follow those that gave `before`.
uint32_t nw_crc32(const uint8_t* bytes, uint32_t size, uint32_t before);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_FRAME_H_
