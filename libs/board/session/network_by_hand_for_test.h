// An exported network by hand, built as firmware that serves: out[i] = in[i] + 1 for four bytes, by
// two operators; 99 in the first byte is a fault, 98 a run that fails, 97 a stack that is
// not enough.

#ifndef NIWAKI_LIBS_BOARD_SESSION_NETWORK_BY_HAND_FOR_TEST_H_
#define NIWAKI_LIBS_BOARD_SESSION_NETWORK_BY_HAND_FOR_TEST_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/emulator/emulated_board.h"

namespace niwaki::board {

inline constexpr char kByHandHeader[] =
    "#include <stdint.h>\n#define NW_ARENA_SECTION\n"
    "#define ADD_ARENA_BYTES 64\n#define ADD_ARENA_ALIGNMENT 4\n"
    "#define ADD_INPUT_BYTES 4\n#define ADD_OUTPUT_BYTES 4\n"
    "#define ADD_OUTPUT_SCALE 0.0625f\n#define ADD_OUTPUT_ZERO_POINT (-3)\n"
    "#define ADD_NUM_OPERATORS 2\n"
    "int add_invoke(void* arena, const int8_t* input, int8_t* output);\n"
    "typedef void (*add_hook)(void* context, int index);\n"
    "int add_invoke_profiled(void* arena, const int8_t* input, int8_t* output, add_hook hook,\n"
    "                        void* context);\n";

// Its sensor gives the input, after a while.
inline constexpr char kByHandVector[] = R"(
static const int8_t add_test_input[4] = {1, -3, 127, -128};
#if NW_SENSOR
#define ADD_TEST_ARENA_BYTES 128
static void add_test_sense(void* arena, int8_t* input) {
  volatile int8_t* const memory = arena;
  for (int i = 0; i < 500; ++i) memory[i & 127] = (int8_t)i;
  for (int i = 0; i < 4; ++i) input[i] = add_test_input[i];
}
#endif
)";

inline constexpr char kByHandSource[] = R"(#include "add.h"
static int deep(int depth) {
  volatile char frame[1024];
  frame[depth & 1023] = (char)depth;
  return depth == 0 ? frame[0] : deep(depth - 1) + frame[depth & 1023];
}
int add_invoke_profiled(void* arena, const int8_t* input, int8_t* output, add_hook hook,
                        void* context) {
  volatile int8_t* const memory = arena;
  if (input[0] == 99) __builtin_trap();
  if (input[0] == 98) return -1;
  if (input[0] == 97) memory[0] = (int8_t)deep(60);
  for (int i = 0; i < 1000; ++i) memory[i & 63] = (int8_t)i;
  if (hook != 0) hook(context, 0);
  for (int i = 0; i < 4; ++i) output[i] = (int8_t)(input[i] + 1);
  if (hook != 0) hook(context, 1);
  return 0;
}
int add_invoke(void* arena, const int8_t* input, int8_t* output) {
  return add_invoke_profiled(arena, input, output, 0, 0);
}
)";

// The path of the firmware.
inline std::string BuildByHand(const EmulatedBoard& board, bool sensor = false) {
  FirmwareOptions options;
  options.board = board;
  options.program = FirmwareProgram::kServe;
  options.network_digest = std::string(64, 'c');
  options.folder = absl::StrCat(::testing::TempDir(), "/by_hand");
  options.object_cache = ProcessObjects();
  options.work_folder = absl::StrCat(::testing::TempDir(), "/by_hand_", board.name);
  options.prefix = "add";
  options.sources = {"add.c"};
  options.profile = true;
  options.sensor = sensor;
  options.flags = {"-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-ffunction-sections"};
  NIWAKI_EXPECT_OK(MakeFolders(options.folder));
  NIWAKI_EXPECT_OK(MakeFolders(options.work_folder));
  NIWAKI_EXPECT_OK(WriteFileAtomically(options.folder + "/add.h", kByHandHeader));
  NIWAKI_EXPECT_OK(WriteFileAtomically(options.folder + "/add_test.h", kByHandVector));
  NIWAKI_EXPECT_OK(WriteFileAtomically(options.folder + "/add.c", kByHandSource));
  const auto elf = BuildFirmware(options);
  EXPECT_TRUE(elf.ok()) << elf.status();
  return elf.value_or("");
}

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_SESSION_NETWORK_BY_HAND_FOR_TEST_H_
