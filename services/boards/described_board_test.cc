#include "services/boards/described_board.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/build/firmware_build.h"

namespace niwaki::boards {
namespace {

Options Lab() {
  Options options;
  options.name = "lab";
  options.compiler = board::kCrossCompiler;
  return options;
}

TEST(DescribedBoardTest, EmulatedBoardsAreNamedByTheProcessAndTheCore) {
  Options options = Lab();
  options.emulated = {"m4", "mps2-an500=stm32f746"};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<DescribedBoard> boards, DescribeBoards(options));

  ASSERT_EQ(boards.size(), 2);
  const v1::BoardDescription& m4 = boards[0].description;
  EXPECT_EQ(boards[0].resource(), "boards/lab-m4");
  EXPECT_EQ(m4.type(), "mps2-an386");
  EXPECT_EQ(m4.core(), "cortex-m4");
  EXPECT_EQ(m4.device(), "");
  EXPECT_EQ(m4.provenance(), v1::PROVENANCE_EMULATED);
  EXPECT_EQ(m4.clock_hz(), 25'000'000);
  EXPECT_FALSE(m4.has_flash());
  EXPECT_TRUE(IsSha256Hex(m4.firmware_digest()));
  EXPECT_EQ(m4.compiler_digest(), Sha256Hex(m4.compiler()));
  const v1::BoardDescription& m7 = boards[1].description;
  EXPECT_EQ(m7.name(), "lab-m7");
  EXPECT_EQ(m7.device(), "devices/stm32f746");
  EXPECT_NE(m7.firmware_digest(), m4.firmware_digest());
}

TEST(DescribedBoardTest, FileSaysWhatARealBoardIs) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/bench.yaml");
  NIWAKI_ASSERT_OK(
      WriteFileAtomically(file,
                          "name: bench\ntarget: stm32h7\ndevice: stm32h743\ntags: [hot]\n"
                          "port: {serial: /dev/ttyACM0}\nflash: {command: [openocd, '{elf}']}\n"));
  Options options = Lab();
  options.board_files = {file};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<DescribedBoard> boards, DescribeBoards(options));

  const v1::BoardDescription& bench = boards[0].description;
  EXPECT_EQ(bench.name(), "bench");
  EXPECT_EQ(bench.device(), "devices/stm32h743");
  EXPECT_EQ(bench.provenance(), v1::PROVENANCE_MEASURED);
  EXPECT_EQ(bench.clock_hz(), 0);
  EXPECT_TRUE(bench.has_flash());
  EXPECT_EQ(bench.tags(0), "hot");
  options.board_files = {file, file};
  EXPECT_THAT(DescribeBoards(options), StatusIs(absl::StatusCode::kInvalidArgument, "bench"));
}

TEST(DescribedBoardTest, WhatCannotBeIsSaid) {
  Options options = Lab();
  EXPECT_THAT(DescribeBoards(options), StatusIs(absl::StatusCode::kInvalidArgument, "--emulated"));
  options.emulated = {"m99"};
  EXPECT_THAT(DescribeBoards(options),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  options.emulated = {"m4"};
  options.compiler = "no-such-compiler";
  EXPECT_THAT(DescribeBoards(options),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  options = Lab();
  options.board_files = {"/no/such.yaml"};
  EXPECT_THAT(DescribeBoards(options),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

}  // namespace
}  // namespace niwaki::boards
