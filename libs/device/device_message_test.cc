#include "libs/device/device_message.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/device/catalogue.h"

namespace niwaki::device {
namespace {

constexpr char kPlain[] =
    "name: \"a\" core: \"cortex-m4\" clock_hz: 1000 sram_bytes: 64 flash_bytes: 128";
constexpr char kHead[] = "name: \"a\" core: \"cortex-m4\" clock_hz: 1000 ";
constexpr char kArena[] =
    "memory { name: \"axi\" kind: MEMORY_KIND_SRAM bytes: 64 use: MEMORY_USE_ARENA } ";
constexpr char kWeights[] =
    "memory { name: \"nor\" kind: MEMORY_KIND_FLASH bytes: 128 use: MEMORY_USE_WEIGHTS } ";

TEST(DeviceMessageTest, DeviceOfTwoSizesHasTwoRegions) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device, DeviceFromTextproto(kPlain));

  EXPECT_EQ(device.name, "a");
  EXPECT_EQ(device.memory, PlainMemory(64, 128));
  EXPECT_FALSE(device.active_power_mw.has_value());
  EXPECT_EQ(device.kernel_set, "default");
}

TEST(DeviceMessageTest, PowerOfZeroIsUnknown) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device,
                              DeviceFromTextproto(absl::StrCat(kPlain, " active_power_mw: 0")));

  EXPECT_FALSE(device.active_power_mw.has_value());
  EXPECT_FALSE(ToMessage(device).has_active_power_mw());
}

TEST(DeviceMessageTest, CatalogueReadsBack) {
  for (const Device& device : CatalogueDevices()) {
    EXPECT_THAT(DeviceFromMessage(ToMessage(device)), IsOkAndHolds(device));
  }
}

TEST(DeviceMessageTest, SizesFollowFromTheRegions) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device,
                              DeviceFromTextproto(absl::StrCat(kHead, kArena, kWeights)));

  EXPECT_EQ(ToMessage(device).sram_bytes(), 64);
  EXPECT_EQ(ToMessage(device).flash_bytes(), 128);
}

TEST(DeviceMessageTest, MemoryTextReadsBackAndIsEmptyForPlainOnes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device,
                              DeviceFromTextproto(absl::StrCat(kHead, kArena, kWeights)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device plain, DeviceFromTextproto(kPlain));

  v1::Device message;
  EXPECT_TRUE(AddMemoryText(MemoryToText(device), message));
  EXPECT_EQ(message.memory_size(), 2);
  EXPECT_EQ(message.memory(1).name(), "nor");
  EXPECT_EQ(MemoryToText(plain), "");
  EXPECT_FALSE(AddMemoryText("nonsense", message));
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

TEST(DeviceMessageTest, WrongFiguresNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"name", "\"A B\""},
      {"name", "\"\""},
      {"core", "\"Cortex A9\""},
      {"clock_hz", "0"},
      {"sram_bytes", "-1"},
      {"sram_bytes", "0"},
      {"flash_bytes", "0"},
      {"sram_bytes", "9223372036854775807"},
      {"flash_bytes", "1099511627777"},
      {"active_power_mw", "nan"},
      {"active_power_mw", "-3"},
      {"kernel_set", "\"a b\""},
  };

  for (const auto& [field, value] : cases) {
    const auto device = DeviceFromTextproto(DeviceWith(field, value));
    ASSERT_THAT(device, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << field << " " << value;
    EXPECT_EQ(GetErrorDetail(device.status())->field, field);
  }
}

TEST(DeviceMessageTest, RegionsAndSizesMustAgree) {
  const std::pair<std::string, const char*> cases[] = {
      {absl::StrCat(kHead, kArena, kWeights, "sram_bytes: 65"), "sram_bytes"},
      {absl::StrCat(kHead, kArena, kWeights, "flash_bytes: 65"), "flash_bytes"},
      {absl::StrCat(kHead, kArena), "memory"},
      {absl::StrCat(kHead, kArena, "memory { name: \"b\" bytes: 1 use: MEMORY_USE_OTHER }"),
       "memory[1].kind"},
      {absl::StrCat(kHead, kArena, "memory { name: \"b\" bytes: 1 kind: MEMORY_KIND_SRAM }"),
       "memory[1].use"},
  };

  for (const auto& [text, field] : cases) {
    const auto device = DeviceFromTextproto(text);
    ASSERT_THAT(device, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(GetErrorDetail(device.status())->field, field);
  }
}

TEST(DeviceMessageTest, NonsenseIsMalformed) {
  EXPECT_THAT(DeviceFromTextproto("name: \"a\" colour: 3"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
}

}  // namespace
}  // namespace niwaki::device
