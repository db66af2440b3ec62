// The files of libs/board/firmware as generated code.

#ifndef NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_SOURCE_DATA_H_
#define NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_SOURCE_DATA_H_

namespace niwaki::board {

// Name and text of one file after the other; ends with two null pointers.
extern const char* const kFirmwareSourceData[][2];

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_SOURCE_DATA_H_
