#include "libs/board/elf_sizes/elf_sizes.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

TEST(ElfSizesTest, SectionsAreSummedByTheirFlags) {
  const std::string source = ::testing::TempDir() + "/sizes.c";
  const std::string object = ::testing::TempDir() + "/sizes.o";
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      source,
      "const int table[25] = {1};\nint counter = 7;\nstatic int zeros[100];\n"
      "__attribute__((section(\".fast\"))) int placed[3] = {1};\n"
      "__attribute__((section(\".stack,\\\"aw\\\",%nobits@\"))) int stack[50];\n"
      "int* f(void) { return zeros + counter; }\n"));
  ProgramOptions compile;
  compile.argv = {
      "arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-c", "-O2", source, "-o", object};
  const auto compiled = RunProgram(compile);
  NIWAKI_ASSERT_OK(compiled);
  ASSERT_EQ(compiled->exit_code, 0) << compiled->standard_error;

  const auto sizes = ReadElfSizes(object);

  NIWAKI_ASSERT_OK(sizes);
  EXPECT_EQ(sizes->rodata, 100);
  EXPECT_EQ(sizes->data, 4 + 12);
  EXPECT_EQ(sizes->bss, 400);
  EXPECT_EQ(sizes->stack, 200);
  EXPECT_GT(sizes->text, 0);
  EXPECT_EQ(sizes->flash(), sizes->text + 100 + 16);
  EXPECT_EQ(sizes->ram(), 16 + 400);
}

TEST(ElfSizesTest, WhatIsNoElfFileIsRefused) {
  const std::string path = ::testing::TempDir() + "/text";
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "\177ELF, says this text"));
  EXPECT_THAT(ReadElfSizes(path),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_EQ(ReadElfSizes(path + "-missing").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace niwaki::board
