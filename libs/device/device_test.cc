#include "libs/device/device.h"

#include <cmath>
#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::device {
namespace {

Device Good() {
  Device device;
  device.name = "board-1";
  device.core = "cortex-m4";
  device.clock_hz = 1000;
  device.memory = {{"axi", MemoryKind::kSram, 64, MemoryUse::kArena},
                   {"tcm", MemoryKind::kSram, 16, MemoryUse::kOther},
                   {"flash", MemoryKind::kFlash, 128, MemoryUse::kWeights}};
  device.active_power_mw = 2.5;
  return device;
}

TEST(DeviceTest, SizesAreThoseOfTheRegionsThatNetworksUse) {
  NIWAKI_EXPECT_OK(Validate(Good()));
  EXPECT_EQ(Good().sram_bytes(), 64);
  EXPECT_EQ(Good().flash_bytes(), 128);
  EXPECT_EQ(Device().sram_bytes(), 0);
}

TEST(DeviceTest, PlainMemoryHasOneRegionOfEach) {
  Device device = Good();
  device.memory = PlainMemory(5, 7);

  NIWAKI_EXPECT_OK(Validate(device));
  EXPECT_EQ(device.sram_bytes(), 5);
  EXPECT_EQ(device.flash_bytes(), 7);
}

TEST(DeviceTest, PowerMayBeUnknown) {
  Device device = Good();
  device.active_power_mw.reset();

  NIWAKI_EXPECT_OK(Validate(device));
}

TEST(DeviceTest, EveryMemberCounts) {
  const std::function<void(Device&)> changes[] = {
      [](Device& d) { d.name = "b"; },           [](Device& d) { d.description = "x"; },
      [](Device& d) { d.core = "b"; },           [](Device& d) { d.clock_hz = 1; },
      [](Device& d) { d.memory[1].bytes = 17; }, [](Device& d) { d.active_power_mw.reset(); },
      [](Device& d) { d.kernel_set = "b"; },     [](Device& d) { d.source = "x"; },
  };
  EXPECT_TRUE(Good() == Good());
  for (const auto& change : changes) {
    Device device = Good();
    change(device);
    EXPECT_FALSE(device == Good());
  }
}

TEST(DeviceTest, WrongFiguresNameTheField) {
  const struct {
    std::function<void(Device&)> change;
    const char* field;
  } cases[] = {
      {[](Device& d) { d.name = "A B"; }, "name"},
      {[](Device& d) { d.name = std::string(64, 'a'); }, "name"},
      {[](Device& d) { d.core = ""; }, "core"},
      {[](Device& d) { d.clock_hz = 0; }, "clock_hz"},
      {[](Device& d) { d.memory.resize(2); }, "memory"},
      {[](Device& d) { d.memory.clear(); }, "memory"},
      {[](Device& d) { d.memory[1].use = MemoryUse::kArena; }, "memory"},
      {[](Device& d) { d.memory.resize(17, d.memory[1]); }, "memory"},
      {[](Device& d) { d.memory[1].name = "axi"; }, "memory[1].name"},
      {[](Device& d) { d.memory[0].name = ""; }, "memory[0].name"},
      {[](Device& d) { d.memory[2].bytes = 0; }, "memory[2].bytes"},
      {[](Device& d) { d.memory[2].bytes = (int64_t{1} << 40) + 1; }, "memory[2].bytes"},
      {[](Device& d) { d.memory[0].kind = MemoryKind::kFlash; }, "memory[0].kind"},
      {[](Device& d) { d.memory[2].kind = MemoryKind::kSram; }, "memory[2].kind"},
      {[](Device& d) { d.active_power_mw = 0; }, "active_power_mw"},
      {[](Device& d) { d.active_power_mw = std::nan(""); }, "active_power_mw"},
      {[](Device& d) { d.kernel_set = "Tiny Engine"; }, "kernel_set"},
  };

  for (const auto& one : cases) {
    Device device = Good();
    one.change(device);
    const absl::Status status = Validate(device);
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << one.field;
    EXPECT_EQ(GetErrorDetail(status)->field, one.field);
  }
}

}  // namespace
}  // namespace niwaki::device
