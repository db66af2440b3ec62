#include "libs/board/build/firmware_build.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/firmware_target.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulator.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A network by hand: out = in + 1, in a loop that takes a while.
constexpr char kHeader[] =
    "#include <stdint.h>\n#define NW_ARENA_SECTION\n"
    "#define ADD_ARENA_BYTES 4000\n#define ADD_ARENA_ALIGNMENT 4\n#define ADD_OUTPUT_BYTES 2\n"
    "#define ADD_INPUT_BYTES 2\n#define ADD_OUTPUT_SCALE 0.5f\n#define ADD_OUTPUT_ZERO_POINT (-3)\n"
    "#define ADD_NUM_OPERATORS 1\n"
    "int add_invoke(void* arena, const int8_t* input, int8_t* output);\n";
constexpr char kVector[] = "static const int8_t add_test_input[2] = {1, -3};\n";
constexpr char kSource[] =
    "#include \"add.h\"\n"
    "int add_invoke(void* arena, const int8_t* input, int8_t* output) {\n"
    "  volatile int8_t* const memory = arena;\n"
    "  for (int i = 0; i < TURNS; ++i) memory[i % 4000] = (int8_t)i;\n"
    "  for (int i = 0; i < 2; ++i) output[i] = (int8_t)(input[i] + 1);\n  return 0;\n}\n";

FirmwareOptions OptionsFor(const EmulatedBoard& board, int turns) {
  FirmwareOptions options;
  options.board = board;
  options.folder = absl::StrCat(::testing::TempDir(), "/add");
  options.work_folder = absl::StrCat(::testing::TempDir(), "/work_", board.name);
  options.prefix = "add";
  options.sources = {"add.c"};
  options.object_cache = ProcessObjects();
  options.flags = {"-std=c11", "-O2",     "-Wall",
                   "-Wextra",  "-Werror", absl::StrCat("-DTURNS=", turns)};
  NIWAKI_EXPECT_OK(MakeFolders(options.folder));
  NIWAKI_EXPECT_OK(MakeFolders(options.work_folder));
  NIWAKI_EXPECT_OK(WriteFileAtomically(options.folder + "/add.h", kHeader));
  NIWAKI_EXPECT_OK(WriteFileAtomically(options.folder + "/add_test.h", kVector));
  NIWAKI_EXPECT_OK(WriteFileAtomically(options.folder + "/add.c", kSource));
  return options;
}

absl::StatusOr<FirmwareOutput> BuildAndRun(const FirmwareOptions& options) {
  auto elf = BuildFirmware(options);
  if (!elf.ok()) return elf.status();
  EmulatorOptions run;
  run.board = options.board;
  run.elf_path = *elf;
  return RunFirmware(run);
}

uint64_t InstructionsFor(const EmulatedBoard& board, int turns) {
  const auto result = BuildAndRun(OptionsFor(board, turns));
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? InstructionsOf(board, result->ticks) : 0;
}

TEST(FirmwareBuildTest, LinkedNetworkIsTheNetworkAlone) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  const auto firmware = BuildFirmware(options);
  NIWAKI_ASSERT_OK(firmware);
  // Nobody calls it: it is left out where functions have sections of their own.
  options.flags.push_back("-ffunction-sections");
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      options.folder + "/add.c",
      absl::StrCat(kSource, "int unused(int a) { return a * 17 + a / 3 - (a ^ 99); }\n")));
  const auto with_unused = LinkNetwork(options);
  NIWAKI_ASSERT_OK(with_unused);
  const ElfSizes unused = *ReadElfSizes(*with_unused);
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/add.c", kSource));
  const auto network = LinkNetwork(options);
  NIWAKI_ASSERT_OK(network);
  const ElfSizes alone = *ReadElfSizes(*network);
  EXPECT_EQ(alone.flash(), unused.flash());
  EXPECT_GT(alone.text, 20);
  EXPECT_LT(alone.text, 400);
  // No arena, no output, no stack of a board.
  EXPECT_EQ(alone.ram() + alone.stack, 0);
  EXPECT_LT(alone.flash(), ReadElfSizes(*firmware)->flash());
}

TEST(FirmwareBuildTest, NetworkWithoutASourceDoesNotLink) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  options.sources = {"nothing.c"};
  EXPECT_THAT(LinkNetwork(options), StatusIs(absl::StatusCode::kInternal, "nothing.c"));
}

TEST(FirmwareBuildTest, FirmwareRunsOnEveryBoard) {
  for (const EmulatedBoard& board : EmulatedBoards()) {
    SCOPED_TRACE(board.name);
    const auto result = BuildAndRun(OptionsFor(board, 1000));
    NIWAKI_ASSERT_OK(result);
    EXPECT_THAT(result->output, ElementsAre(2, -2));
    EXPECT_GT(result->stack_bytes, 0);
    EXPECT_LT(result->stack_bytes, 1000);
    EXPECT_GT(InstructionsOf(board, result->ticks), 4000);
    // Another run takes as many instructions.
    const auto again = BuildAndRun(OptionsFor(board, 1000));
    NIWAKI_ASSERT_OK(again);
    EXPECT_EQ(again->ticks, result->ticks);
  }
}

uint32_t WordAt(const std::string& bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) word |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return word;
}

TEST(FirmwareBuildTest, NetworkMayHaveTheNameOfAFileOfTheFirmware) {
  for (const std::string name : {"network", "frame", "answer", "runner", "text", "board",
                                 "registers", "report", "serve", "stm32"}) {
    FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
    options.folder = absl::StrCat(::testing::TempDir(), "/of_name/", name);
    options.prefix = name;
    options.sources = {absl::StrCat(name, ".c")};
    NIWAKI_ASSERT_OK(MakeFolders(options.folder));
    const auto write = [&](const std::string& ending, const char* text) {
      NIWAKI_EXPECT_OK(WriteFileAtomically(
          absl::StrCat(options.folder, "/", name, ending),
          absl::StrReplaceAll(text, {{"add", name}, {"ADD", absl::AsciiStrToUpper(name)}})));
    };
    write(".h", kHeader);
    write("_test.h", kVector);
    write(".c", kSource);
    const auto result = BuildAndRun(options);
    ASSERT_TRUE(result.ok()) << name << ": " << result.status();
    EXPECT_THAT(result->output, ElementsAre(2, -2)) << name;
    options.program = FirmwareProgram::kServe;
    options.network_digest = "0";
    NIWAKI_EXPECT_OK(BuildFirmware(options)) << name;
  }
}

TEST(FirmwareBuildTest, FirmwareThatServesIsBuiltForEveryTarget) {
  for (const FirmwareTarget& target : FirmwareTargets()) {
    SCOPED_TRACE(target.name);
    FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
    options.target = target;
    options.program = FirmwareProgram::kServe;
    const auto elf = BuildFirmware(options);
    NIWAKI_ASSERT_OK(elf);
    EXPECT_THAT(ReadElfSizes(*elf)->flash(),
                ::testing::AllOf(::testing::Gt(3000), ::testing::Lt(16000)));
    const auto binary = MakeBinary(*elf);
    NIWAKI_ASSERT_OK(binary);
    // What the core takes at its start: the end of the stack, and the first instruction.
    const std::string bytes = *ReadFile(*binary);
    const bool apart = target.fast_bytes > 0;
    const int64_t begin = apart ? target.fast_begin : target.ram_begin;
    const int64_t end = begin + (apart ? target.fast_bytes : target.ram_bytes);
    EXPECT_GE(WordAt(bytes, 0), begin + options.stack_bytes);
    EXPECT_LE(WordAt(bytes, 0), end);
    EXPECT_EQ(WordAt(bytes, 4) % 2, 1);
    EXPECT_GT(WordAt(bytes, 4), target.flash_begin + 64);
    EXPECT_LT(WordAt(bytes, 4), target.flash_begin + static_cast<int64_t>(bytes.size()));
  }
}

// The functions of docs/boards.md.
constexpr char kOwnPort[] =
    "#include \"board.h\"\n#include \"registers.h\"\n"
    "const board_facts board = {\"mine\", 64000000, 64000000};\n"
    "void board_start(void) {}\n"
    "void board_start_counter(void) {}\n"
    "void board_stop_counter(void) {}\n"
    "uint64_t board_ticks(void) { return REGISTER(0xE0001004); }\n"
    "int board_read(void) { return -1; }\n"
    "void board_write(const void* bytes, uint32_t size) { (void)bytes; (void)size; }\n"
    "void board_wait(void) {}\n"
    "uint32_t board_flash_bytes(void) { return 0; }\n"
    "void board_serial_number(char text[25]) { text[0] = 0; }\n";

TEST(FirmwareBuildTest, PortOfOnesOwnIsOneFile) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  options.program = FirmwareProgram::kServe;
  FirmwareTarget target;
  target.name = "mine";
  target.core = "cortex-m4";
  target.files = {absl::StrCat(::testing::TempDir(), "/mine.c")};
  target.flash_begin = 0x08000000;
  target.flash_bytes = 512 * 1024;
  target.ram_begin = 0x20000000;
  target.ram_bytes = 128 * 1024;
  options.target = target;
  NIWAKI_ASSERT_OK(WriteFileAtomically(target.files[0], kOwnPort));
  NIWAKI_EXPECT_OK(BuildFirmware(options));
  const std::string digest = *FirmwareDigest(options);
  // What the file says is part of what the firmware is.
  NIWAKI_ASSERT_OK(WriteFileAtomically(target.files[0], absl::StrCat(kOwnPort, "\n")));
  EXPECT_NE(*FirmwareDigest(options), digest);
}

TEST(FirmwareBuildTest, StackFillsFastRamAlone) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m7"), 1000);
  options.target = *FindFirmwareTarget("stm32h7");
  options.program = FirmwareProgram::kServe;
  options.stack_bytes = options.target->fast_bytes + 8;
  EXPECT_THAT(BuildFirmware(options),
              StatusIs(absl::StatusCode::kResourceExhausted, "131072 bytes of fast RAM"));
}

TEST(FirmwareBuildTest, DigestTellsFirmwareApart) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  options.program = FirmwareProgram::kServe;
  const std::string digest = *FirmwareDigest(options);
  EXPECT_TRUE(IsSha256Hex(digest));
  EXPECT_EQ(*FirmwareDigest(options), digest);
  FirmwareOptions other = options;
  other.board = *FindEmulatedBoard("m7");
  EXPECT_NE(*FirmwareDigest(other), digest);
  other = options;
  other.flags.push_back("-O3");
  EXPECT_NE(*FirmwareDigest(other), digest);
  other = options;
  other.program = FirmwareProgram::kReport;
  EXPECT_NE(*FirmwareDigest(other), digest);
  // The network has a digest of its own.
  other = options;
  other.network_digest = std::string(64, 'a');
  EXPECT_EQ(*FirmwareDigest(other), digest);
}

TEST(FirmwareBuildTest, InstructionsAreCountedBeyondTheTimersTurn) {
  // 2^32 ticks of 40 ns are 1.34 G instructions; the counts must be those of so many turns.
  const EmulatedBoard board = *FindEmulatedBoard("m7");
  const uint64_t few = InstructionsFor(board, 1000000);
  const uint64_t many = InstructionsFor(board, 300000000);
  EXPECT_GT(many, 1500000000);
  EXPECT_NEAR(static_cast<double>(many) / static_cast<double>(few), 300, 0.01);
}

TEST(FirmwareBuildTest, BudgetsAreEnforced) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  const auto elf = BuildFirmware(options);
  NIWAKI_ASSERT_OK(elf);
  const auto sizes = ReadElfSizes(*elf);
  NIWAKI_ASSERT_OK(sizes);
  EXPECT_GE(sizes->bss, 4000);
  EXPECT_EQ(sizes->stack, options.stack_bytes);
  options.ram_bytes = 4 * 1024;
  EXPECT_THAT(BuildFirmware(options),
              StatusIs(absl::StatusCode::kResourceExhausted, "4096 bytes of RAM"));
  options.ram_bytes = 0;
  options.flash_bytes = sizes->flash() - 200;
  EXPECT_THAT(BuildFirmware(options),
              StatusIs(absl::StatusCode::kResourceExhausted, "bytes of flash"));
}

TEST(FirmwareBuildTest, CompilersComplaintIsTold) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.folder + "/add.c", "int x = nothing;\n"));
  EXPECT_THAT(BuildFirmware(options),
              StatusIs(absl::StatusCode::kInternal, "'nothing' undeclared"));
}

TEST(FirmwareBuildTest, MissingToolsNameTheirPackages) {
  FirmwareOptions options = OptionsFor(*FindEmulatedBoard("m4"), 1000);
  options.compiler = "no-such-gcc";
  EXPECT_THAT(BuildFirmware(options),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_THAT(BuildFirmware(options),
              StatusIs(absl::StatusCode::kFailedPrecondition, "package gcc-arm-none-eabi"));
  EmulatorOptions run;
  run.board = options.board;
  run.program = "no-such-qemu";
  EXPECT_THAT(RunFirmware(run),
              StatusIs(absl::StatusCode::kFailedPrecondition, "package qemu-system-arm"));
}

TEST(FirmwareBuildTest, CompilerSaysItsVersion) {
  EXPECT_THAT(CompilerVersion(), IsOkAndHolds(HasSubstr("arm-none-eabi-gcc")));
}

}  // namespace
}  // namespace niwaki::board
