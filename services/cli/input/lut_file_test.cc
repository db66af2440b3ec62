#include "services/cli/input/lut_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kCsv[] =
    "device,signature,latency_us,provenance,count,spread_us,source\r\n"
    "stm32f746,\"conv2d,k3\",12.5,measured,100,0.25,\"board \"\"7\"\"\"\r\n"
    "devices/stm32f746,add,3,EMULATED,,,\r\n";

TEST(LutFileTest, CsvIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ParseLutFile(kCsv, "lut.csv"));

  ASSERT_EQ(entries.size(), 2);
  EXPECT_EQ(entries[0].device(), "devices/stm32f746");
  EXPECT_EQ(entries[0].signature(), "conv2d,k3");
  EXPECT_EQ(entries[0].latency_us(), 12.5);
  EXPECT_EQ(entries[0].spread_us(), 0.25);
  EXPECT_EQ(entries[0].count(), 100);
  EXPECT_EQ(entries[0].source(), "board \"7\"");
  EXPECT_EQ(entries[1].provenance(), v1::PROVENANCE_EMULATED);
  EXPECT_EQ(entries[1].count(), 1);
}

TEST(LutFileTest, JsonIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto entries,
      ParseLutFile(R"([{"device": "d", "signature": "s", "latency_us": 2.5, "count": 3,
                        "provenance": "predicted"}])",
                   "lut.json"));

  ASSERT_EQ(entries.size(), 1);
  EXPECT_EQ(entries[0].latency_us(), 2.5);
  EXPECT_EQ(entries[0].count(), 3);
}

TEST(LutFileTest, WrittenCsvIsReadBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ParseLutFile(kCsv, "lut.csv"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto again, ParseLutFile(LutToCsv(entries), "again"));

  ASSERT_EQ(again.size(), entries.size());
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].SerializeAsString(), entries[i].SerializeAsString());
  }
}

TEST(LutFileTest, MeasuredRowsAreReadBackWithWhatTheyAreOf) {
  v1::LookupEntry entry;
  entry.set_device("devices/stm32f746");
  entry.set_signature("add 8x8x8 8x8x8 k1 s1 none int8");
  entry.set_provenance(v1::PROVENANCE_MEASURED);
  entry.set_latency_us(10);
  entry.set_count(4);
  entry.set_form("whole planar_input");
  entry.mutable_build()->set_placement("ram/flash");
  entry.mutable_build()->set_kernel_set("fast");
  entry.mutable_build()->set_firmware_digest(std::string(64, 'f'));
  entry.mutable_build()->set_compiler_digest(std::string(64, 'c'));
  entry.mutable_build()->set_engine_version("0123456789abcdef");
  entry.set_counted(2160);
  entry.set_counted_spread(0.5);
  entry.set_unit("cycles");
  entry.set_clock_hz(216'000'000);
  entry.set_board("boards/lab");
  entry.mutable_time()->set_seconds(1'700'000'000);

  const std::string csv = LutToCsv({entry});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto again, ParseLutFile(csv, "again"));

  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].DebugString(), entry.DebugString());
  EXPECT_NE(csv.find("2023-11-14T22:13:20Z"), std::string::npos) << csv;
}

TEST(LutFileTest, CountWithoutAUnitIsRefused) {
  const auto entries = ParseLutFile(
      "device,signature,latency_us,provenance,counted,unit\nd,s,1,measured,100,\n", "f");
  ASSERT_THAT(entries, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(entries.status())->field, "unit");
  EXPECT_THAT(
      ParseLutFile("device,signature,latency_us,provenance,time\nd,s,1,measured,noon\n", "f"),
      StatusIs(kInvalid, "2026-11-30T12:00:00Z"));
}

TEST(LutFileTest, BadFieldsAreNamed) {
  const struct {
    const char* row;
    const char* field;
  } kCases[] = {
      {"d,s,-1,measured", "latency_us"}, {"d,s,nan,measured", "latency_us"},
      {"d,s,x,measured", "latency_us"},  {"d,s,,measured", "latency_us"},
      {"D D,s,1,measured", "device"},    {",s,1,measured", "device"},
      {"d,,1,measured", "signature"},    {"d,s,1,exact", "provenance"},
  };
  for (const auto& c : kCases) {
    const auto entries = ParseLutFile(
        absl::StrCat("device,signature,latency_us,provenance\nd,ok,1,measured\n", c.row, "\n"),
        "f");
    ASSERT_THAT(entries, HasReason(kInvalid, reason::kArgumentInvalid)) << c.row;
    EXPECT_EQ(GetErrorDetail(entries.status())->field, c.field) << c.row;
    EXPECT_THAT(entries, StatusIs(kInvalid, "row 3")) << c.row;
  }
}

TEST(LutFileTest, WrongShapesAreRefused) {
  EXPECT_THAT(ParseLutFile("device,latencyus\n", "f"), StatusIs(kInvalid, "latency_us"));
  EXPECT_THAT(ParseLutFile("device,signature\na\n", "f"), StatusIs(kInvalid, "1 cells"));
  EXPECT_THAT(ParseLutFile("[1]", "f"), StatusIs(kInvalid, "f[0]"));
  EXPECT_THAT(ParseLutFile("[{", "f"), HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(ParseLutFile(R"([{"device": {}}])", "f"), StatusIs(kInvalid, "device"));
}

}  // namespace
}  // namespace niwaki::cli
