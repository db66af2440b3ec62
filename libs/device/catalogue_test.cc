#include "libs/device/catalogue.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::device {
namespace {

TEST(CatalogueTest, HoldsTheFourBoards) {
  std::vector<std::string> names;
  for (const Device& device : CatalogueDevices()) names.push_back(device.name);

  EXPECT_THAT(names, ::testing::ElementsAre("stm32f412", "stm32f746", "stm32f765", "stm32h743"));
}

TEST(CatalogueTest, MemoryIsThatOfTheDataSheets) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Device device, FindDevice("stm32h743"));

  EXPECT_EQ(device.core, "cortex-m7");
  EXPECT_EQ(device.clock_hz, 480'000'000);
  EXPECT_EQ(device.sram_bytes(), 512 * 1024);
  EXPECT_EQ(device.flash_bytes(), 2 * 1024 * 1024);
  int64_t sram = 0;
  for (const MemoryRegion& region : device.memory) {
    if (region.kind == MemoryKind::kSram) sram += region.bytes;
  }
  // 1 MB, and 64 kB of ITCM.
  EXPECT_EQ(sram, (512 + 128 + 64 + 288 + 64) * 1024);
  EXPECT_FALSE(device.source.empty());
}

TEST(CatalogueTest, PowerAndKernelsAreKnown) {
  for (const Device& device : CatalogueDevices()) {
    EXPECT_TRUE(device.active_power_mw.has_value()) << device.name;
    EXPECT_EQ(device.kernel_set, "tinyengine") << device.name;
  }
}

TEST(CatalogueTest, UnknownNameListsTheKnownOnes) {
  const auto device = FindDevice("stm32f7");

  EXPECT_THAT(device, HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_THAT(device, StatusIs(absl::StatusCode::kNotFound, "stm32f412, stm32f746"));
}

}  // namespace
}  // namespace niwaki::device
