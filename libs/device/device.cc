#include "libs/device/device.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::device {
namespace {

constexpr int64_t kMaxClockHz = 10'000'000'000;
constexpr int64_t kMaxMemoryBytes = int64_t{1} << 40;
constexpr size_t kMaxRegions = 16;
constexpr size_t kMaxNameLength = 63;
constexpr char kNameLimit[] = "1 to 63 of lower-case letters, digits, '-' and '_'";
constexpr char kKernelSetLimit[] = "1 to 63 of lower-case letters, digits, '-', '_' and '.'";

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("device ", field, " ", value, " is not ", limit));
}

bool IsName(absl::string_view name, absl::string_view others = "-_") {
  return !name.empty() && name.size() <= kMaxNameLength &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  others.find(c) != absl::string_view::npos;
         });
}

absl::Status ValidateMemory(const std::vector<MemoryRegion>& memory) {
  if (memory.size() > kMaxRegions) return Wrong("memory", memory.size(), "at most 16 regions");
  std::set<std::string> names;
  int arenas = 0;
  int weights = 0;
  for (size_t i = 0; i < memory.size(); ++i) {
    const MemoryRegion& region = memory[i];
    const std::string field = absl::StrCat("memory[", i, "]");
    if (!IsName(region.name)) return Wrong(absl::StrCat(field, ".name"), region.name, kNameLimit);
    if (!names.insert(region.name).second) {
      return Wrong(absl::StrCat(field, ".name"), region.name, "given once");
    }
    NIWAKI_RETURN_IF_ERROR(ValidateMemoryBytes(absl::StrCat(field, ".bytes"), region.bytes));
    if (region.use == MemoryUse::kArena) {
      ++arenas;
      if (region.kind != MemoryKind::kSram) {
        return Wrong(absl::StrCat(field, ".kind"), "FLASH", "SRAM, as an arena's");
      }
    }
    if (region.use == MemoryUse::kWeights) {
      ++weights;
      if (region.kind != MemoryKind::kFlash) {
        return Wrong(absl::StrCat(field, ".kind"), "SRAM", "FLASH, as weights'");
      }
    }
  }
  if (arenas != 1) return Wrong("memory", arenas, "one region with use ARENA");
  if (weights != 1) return Wrong("memory", weights, "one region with use WEIGHTS");
  return absl::OkStatus();
}

int64_t BytesFor(const std::vector<MemoryRegion>& memory, MemoryUse use) {
  for (const MemoryRegion& region : memory) {
    if (region.use == use) return region.bytes;
  }
  return 0;
}

}  // namespace

std::vector<MemoryRegion> PlainMemory(int64_t sram_bytes, int64_t flash_bytes) {
  return {{"sram", MemoryKind::kSram, sram_bytes, MemoryUse::kArena},
          {"flash", MemoryKind::kFlash, flash_bytes, MemoryUse::kWeights}};
}

int64_t Device::sram_bytes() const { return BytesFor(memory, MemoryUse::kArena); }

int64_t Device::flash_bytes() const { return BytesFor(memory, MemoryUse::kWeights); }

bool operator==(const Device& a, const Device& b) {
  const auto parts = [](const Device& d) {
    return std::tie(d.name, d.description, d.core, d.clock_hz, d.memory, d.active_power_mw,
                    d.kernel_set, d.source);
  };
  return parts(a) == parts(b);
}

absl::Status ValidateMemoryBytes(absl::string_view field, int64_t bytes) {
  if (bytes >= 1 && bytes <= kMaxMemoryBytes) return absl::OkStatus();
  return Wrong(field, bytes, "1 to 1099511627776");
}

absl::Status Validate(const Device& device) {
  if (!IsName(device.name)) return Wrong("name", device.name, kNameLimit);
  if (!IsName(device.core)) return Wrong("core", device.core, kNameLimit);
  if (device.clock_hz < 1 || device.clock_hz > kMaxClockHz) {
    return Wrong("clock_hz", device.clock_hz, "1 to 10000000000");
  }
  NIWAKI_RETURN_IF_ERROR(ValidateMemory(device.memory));
  if (device.active_power_mw.has_value() &&
      !(std::isfinite(*device.active_power_mw) && *device.active_power_mw > 0)) {
    return Wrong("active_power_mw", *device.active_power_mw, "above 0, or left out where unknown");
  }
  if (!IsName(device.kernel_set, "-_.")) {
    return Wrong("kernel_set", device.kernel_set, kKernelSetLimit);
  }
  return absl::OkStatus();
}

}  // namespace niwaki::device
