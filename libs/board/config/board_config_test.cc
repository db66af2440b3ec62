#include "libs/board/config/board_config.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/port/pty_for_test.h"

namespace niwaki::board {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kWhole[] =
    "name: bench-h743\n"
    "device: stm32h743\n"
    "tags: [bench, energy]\n"
    "target: stm32h7\n"
    "port:\n"
    "  serial: /dev/serial/by-id/usb-ST\n"
    "  baud: 921600\n"
    "serial_number: '0031003B'\n"
    "flash:\n"
    "  command: [openocd, -c, 'adapter serial {serial}', -c, 'program {elf} verify reset exit']\n"
    "  serial: 066AFF\n"
    "  timeout: 90 s\n"
    "power: {cycle: uhubctl -a cycle -p 2, timeout: 20s}\n"
    "timeouts: {identify: 2s, run: 10s}\n"
    "firmware:\n"
    "  ram: {bytes: 256kB}\n"
    "  defines: {NW_UART: 1, NW_UART_TX: 0x09}\n"
    "  float: [-mfloat-abi=hard, -mfpu=fpv5-d16]\n";

absl::StatusOr<BoardConfig> Parse(absl::string_view text) {
  return ParseBoardConfig(text, "b.yaml", "/boards");
}

// The error of the whole file with one text in place of another.
absl::Status Changed(absl::string_view from, absl::string_view to) {
  const std::string text = absl::StrReplaceAll(kWhole, {{from, to}});
  EXPECT_NE(text, kWhole);
  return Parse(text).status();
}

TEST(BoardConfigTest, WholeFileIsRead) {
  const auto config = Parse(kWhole);
  NIWAKI_ASSERT_OK(config);
  EXPECT_EQ(config->name, "bench-h743");
  EXPECT_EQ(config->device, "stm32h743");
  EXPECT_THAT(config->tags, ElementsAre("bench", "energy"));
  EXPECT_EQ(config->port.kind, PortKind::kSerial);
  EXPECT_EQ(config->port.address, "/dev/serial/by-id/usb-ST");
  EXPECT_EQ(config->port.baud, 921600);
  EXPECT_EQ(config->serial_number, "0031003B");
  EXPECT_THAT(config->flash.argv, ElementsAre("openocd", "-c", "adapter serial {serial}", "-c",
                                              "program {elf} verify reset exit"));
  EXPECT_EQ(config->flash.timeout, absl::Seconds(90));
  EXPECT_EQ(config->probe_serial, "066AFF");
  EXPECT_THAT(config->power_cycle.argv, ElementsAre("uhubctl", "-a", "cycle", "-p", "2"));
  EXPECT_EQ(config->timeouts.identify, absl::Seconds(2));
  EXPECT_EQ(config->timeouts.run, absl::Seconds(10));
  EXPECT_EQ(config->timeouts.read, absl::Seconds(30));
  EXPECT_EQ(config->target.name, "stm32h7");
  EXPECT_EQ(config->target.core, "cortex-m7");
  EXPECT_EQ(config->target.ram_begin, 0x24000000);
  EXPECT_EQ(config->target.ram_bytes, 256 * 1024);
  EXPECT_THAT(config->target.defines, Contains(Pair("NW_UART", "1")));
  EXPECT_THAT(config->target.defines, Contains(Pair("NW_UART_TX", "0x09")));
  EXPECT_THAT(config->target.defines, Contains(Pair("NW_BAUD", "921600")));
  EXPECT_THAT(config->float_flags, ElementsAre("-mfloat-abi=hard", "-mfpu=fpv5-d16"));
}

TEST(BoardConfigTest, EmulatedBoardNeedsTwoLines) {
  const auto config = Parse("name: m7\nport: {emulator: m7}\n");
  NIWAKI_ASSERT_OK(config);
  EXPECT_EQ(config->port.kind, PortKind::kEmulator);
  EXPECT_EQ(config->port.address, "mps2-an500");
  EXPECT_EQ(config->target.core, "cortex-m7");
  EXPECT_TRUE(config->flash.argv.empty());
}

TEST(BoardConfigTest, PortOfOnesOwnIsAFileBesideThisOne) {
  const auto config = Parse(
      R"({"name": "mine", "port": {"tcp": "lab:4000"}, "firmware": {"port": "mine.c",
          "core": "cortex-m4", "flash": {"at": "0x08000000", "bytes": "1MB"},
          "ram": {"at": "0x20000000", "bytes": "192kB"}}})");
  NIWAKI_ASSERT_OK(config);
  EXPECT_THAT(config->target.files, ElementsAre("/boards/mine.c"));
  EXPECT_EQ(config->target.name, "mine");
  EXPECT_EQ(config->target.core, "cortex-m4");
  EXPECT_EQ(config->target.flash_begin, 0x08000000);
  EXPECT_EQ(config->target.flash_bytes, 1 << 20);
  EXPECT_EQ(config->target.ram_bytes, 192 * 1024);
}

TEST(BoardConfigTest, ErrorsNameLineFieldValueAndLimit) {
  EXPECT_THAT(
      Changed("name: bench-h743", "name: Bench"),
      StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:1: name: 'Bench' is not 1 to 63"));
  EXPECT_THAT(
      Changed("baud: 921600", "baud: 12345"),
      StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:7: port.baud: 12345 is not one"));
  EXPECT_THAT(
      Changed("timeout: 90 s", "timeout: 0s"),
      StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:12: flash.timeout: '0s' is not"));
  EXPECT_THAT(Changed("timeout: 90 s", "timeout: 90"),
              StatusIs(absl::StatusCode::kInvalidArgument, "with its unit"));
  EXPECT_THAT(
      Changed("target: stm32h7", "target: stm32l4"),
      StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:4: target: there is no firmware"));
  EXPECT_THAT(Changed("power:", "pwoer:"),
              StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:13: pwoer: is no field here"));
  EXPECT_THAT(Changed("256kB", "-5"), StatusIs(absl::StatusCode::kInvalidArgument,
                                               "firmware.ram.bytes: '-5' is not a size"));
  EXPECT_THAT(Changed("NW_UART: 1", "NW-UART: 1"),
              StatusIs(absl::StatusCode::kInvalidArgument, "is no name of C"));
  EXPECT_THAT(Changed("name: bench-h743\n", ""),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(Parse("{"), HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
}

TEST(BoardConfigTest, CommandsThatCannotWorkAreRefused) {
  EXPECT_THAT(Changed("program {elf} verify", "program verify"),
              StatusIs(absl::StatusCode::kInvalidArgument, "flash.command: has neither {elf} nor"));
  EXPECT_THAT(Changed("program {elf} verify", "program {elf} {file}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "has {file} in 'program"));
  EXPECT_THAT(Changed("  serial: 066AFF\n", ""),
              StatusIs(absl::StatusCode::kInvalidArgument, "flash.serial is missing"));
  EXPECT_THAT(Changed("cycle: uhubctl -a cycle -p 2", "cycle: ''"),
              StatusIs(absl::StatusCode::kInvalidArgument, "power.cycle: is empty"));
}

TEST(BoardConfigTest, PortsAreOneAndOfTheirKind) {
  EXPECT_THAT(Changed("serial: /dev/serial/by-id/usb-ST", "tcp: lab:4000"),
              StatusIs(absl::StatusCode::kInvalidArgument, "port.baud: is of serial ports only"));
  EXPECT_THAT(Changed("  baud: 921600", "  unix: /tmp/b"),
              StatusIs(absl::StatusCode::kInvalidArgument, "port: has 2 ports, wanted one of"));
  EXPECT_THAT(
      Parse("name: a\nport: {emulator: m9}"),
      StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:2: port.emulator: no board 'm9'"));
  EXPECT_THAT(Parse("name: a\nport: {emulator: m7}\ntarget: stm32f4"),
              StatusIs(absl::StatusCode::kInvalidArgument, "b.yaml:3: target"));
  EXPECT_THAT(Parse("name: a\nport: {unix: /tmp/b}\nfirmware: {port: a.c, core: cortex-m4}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "firmware.flash: is missing"));
  EXPECT_THAT(Parse("name: a\nport: {unix: /tmp/b}"),
              StatusIs(absl::StatusCode::kInvalidArgument, "target: is missing"));
}

TEST(BoardConfigTest, FileIsReadAndItsPortOpened) {
  const Pty pty = OpenPty();
  const std::string path = ::testing::TempDir() + "/board.yaml";
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      path, absl::StrCat("name: a\ntarget: stm32f4\nport: {serial: ", pty.path, "}\n")));
  const auto config = ReadBoardConfig(path);
  NIWAKI_ASSERT_OK(config);
  NIWAKI_EXPECT_OK(OpenBoardPort(config->port, Deadline::After(absl::Seconds(10))));
  EXPECT_THAT(ReadBoardConfig(path + ".none"),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  EXPECT_THAT(OpenBoardPort({PortKind::kEmulator, "mps2-an500"}, Deadline::After(absl::Seconds(1))),
              StatusIs(absl::StatusCode::kFailedPrecondition, "mps2-an500"));
}

}  // namespace
}  // namespace niwaki::board
