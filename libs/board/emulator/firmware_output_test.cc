#include "libs/board/emulator/firmware_output.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;

constexpr char kReport[] =
    "niwaki-firmware 1\noperator 0\ntook 7\noperator 1\ntook 50000000000\nticks 50000000010\n"
    "stack 468\noutput 3\n9a7f\n00\nend\n";

TEST(FirmwareOutputTest, WholeReportIsRead) {
  const auto output = ParseFirmwareOutput(kReport);
  NIWAKI_ASSERT_OK(output);
  EXPECT_EQ(output->ticks, 50000000010);
  EXPECT_THAT(output->operator_ticks, ElementsAre(7, 50000000000));
  EXPECT_EQ(output->stack_bytes, 468);
  EXPECT_THAT(output->output, ElementsAre(-102, 127, 0));
}

TEST(FirmwareOutputTest, SensorHasTicksOfItsOwn) {
  EXPECT_EQ(ParseFirmwareOutput(kReport)->sensor_ticks, 0);
  const auto output =
      ParseFirmwareOutput(absl::StrReplaceAll(kReport, {{"\nticks ", "\nsensor 17\nticks "}}));
  NIWAKI_ASSERT_OK(output);
  EXPECT_EQ(output->sensor_ticks, 17);
  EXPECT_EQ(output->ticks, ParseFirmwareOutput(kReport)->ticks);
}

TEST(FirmwareOutputTest, EveryCutIsFound) {
  const std::string report = kReport;
  for (size_t size = 0; size + 2 < report.size(); ++size) {
    EXPECT_THAT(ParseFirmwareOutput(report.substr(0, size)),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << size;
  }
}

TEST(FirmwareOutputTest, NonsenseIsRefusedWithItsLine) {
  const auto changed = [](absl::string_view from, absl::string_view to) {
    return ParseFirmwareOutput(absl::StrReplaceAll(kReport, {{from, to}}));
  };
  EXPECT_THAT(changed("took 7", "fault"), StatusIs(absl::StatusCode::kDataLoss, "'fault'"));
  EXPECT_THAT(changed("operator 1\n", "operator 99999999\n"),
              StatusIs(absl::StatusCode::kDataLoss, "operator NUMBER"));
  EXPECT_THAT(changed("9a7f", "9a7g"), StatusIs(absl::StatusCode::kDataLoss, "hexadecimal"));
  EXPECT_THAT(changed("9a7f", "9a7f0000"), StatusIs(absl::StatusCode::kDataLoss, "hexadecimal"));
  EXPECT_THAT(changed("output 3", "output -3"), StatusIs(absl::StatusCode::kDataLoss, "output"));
}

}  // namespace
}  // namespace niwaki::board
