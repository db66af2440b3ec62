#include "libs/latency/device.h"

#include <map>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

constexpr char kGood[] =
    "name: \"a\" core: \"cortex-m4\" clock_hz: 1000 sram_bytes: 64 flash_bytes: 128";

TEST(DeviceTest, CatalogueHoldsTheFourBoards) {
  std::vector<std::string> names;
  for (const Device& device : CatalogueDevices()) names.push_back(device.name);

  EXPECT_THAT(names, ::testing::ElementsAre("stm32f412", "stm32f746", "stm32f765", "stm32h743"));
}

TEST(DeviceTest, MemoryIsThatOfTheDataSheets) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device, FindDevice("stm32f746"));

  EXPECT_EQ(device.core, "cortex-m7");
  EXPECT_EQ(device.clock_hz, 216'000'000);
  EXPECT_EQ(device.sram_bytes, 320 * 1024);
  EXPECT_EQ(device.flash_bytes, 1024 * 1024);
  EXPECT_FALSE(device.source.empty());
}

TEST(DeviceTest, UnknownNameListsTheKnownOnes) {
  const auto device = FindDevice("stm32f7");

  EXPECT_THAT(device, HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_THAT(device, StatusIs(absl::StatusCode::kNotFound, "stm32f412, stm32f746"));
}

TEST(DeviceTest, ReadsAUsersOwnDevice) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device, DeviceFromTextproto(kGood));

  EXPECT_EQ(device.name, "a");
  EXPECT_EQ(device.active_power_mw, 0);
}

// A good device with one field's text replaced.
std::string DeviceWith(const std::string& field, const std::string& value) {
  std::map<std::string, std::string> fields = {{"name", "\"a\""},      {"core", "\"cortex-m4\""},
                                               {"clock_hz", "1000"},   {"sram_bytes", "64"},
                                               {"flash_bytes", "128"}, {"active_power_mw", "1"}};
  fields[field] = value;
  std::string text;
  for (const auto& [name, content] : fields) text += name + ": " + content + "\n";
  return text;
}

TEST(DeviceTest, WrongFiguresNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"name", "\"A B\""},
      {"name", "\"\""},
      {"core", "\"Cortex A9\""},
      {"clock_hz", "0"},
      {"sram_bytes", "-1"},
      {"flash_bytes", "0"},
      {"sram_bytes", "9223372036854775807"},
      {"flash_bytes", "1099511627777"},
      {"active_power_mw", "nan"},
      {"active_power_mw", "-3"},
  };

  for (const auto& [field, value] : cases) {
    const auto device = DeviceFromTextproto(DeviceWith(field, value));
    ASSERT_THAT(device, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << field << " " << value;
    EXPECT_EQ(GetErrorDetail(device.status())->field, field);
  }
}

TEST(DeviceTest, NonsenseIsMalformed) {
  EXPECT_THAT(DeviceFromTextproto("name: \"a\" colour: 3"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
}

}  // namespace
}  // namespace niwaki::latency
