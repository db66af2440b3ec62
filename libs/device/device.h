// Device: what networks run on.

#ifndef NIWAKI_LIBS_DEVICE_DEVICE_H_
#define NIWAKI_LIBS_DEVICE_DEVICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::device {

enum class MemoryKind { kSram = 1, kFlash = 2 };

// What of a network lies in a memory.
enum class MemoryUse {
  // Activations, input and scratch.
  kArena = 1,
  // Weights, tables and code.
  kWeights = 2,
  // Nothing: the firmware's own, or unused.
  kOther = 3,
};

// A contiguous range of memory.
struct MemoryRegion {
  // Lower-case letters, digits, '-' and '_'; once for each device.
  std::string name;
  MemoryKind kind = MemoryKind::kSram;
  int64_t bytes = 0;
  MemoryUse use = MemoryUse::kOther;

  friend bool operator==(const MemoryRegion& a, const MemoryRegion& b) {
    return a.name == b.name && a.kind == b.kind && a.bytes == b.bytes && a.use == b.use;
  }
};

// The regions of a device of which only sizes are known: "sram" for the arena, "flash" for weights.
std::vector<MemoryRegion> PlainMemory(int64_t sram_bytes, int64_t flash_bytes);

// The kernels that the latency model of a device's core was fitted on.
inline constexpr char kDefaultKernelSet[] = "default";

struct Device {
  // Lower-case letters, digits, '-' and '_'.
  std::string name;
  std::string description;
  // Its processor, as a name; there are default latency models for "cortex-m4" and "cortex-m7".
  std::string core;
  int64_t clock_hz = 0;
  // At most 16; one of them kArena, in SRAM, and one kWeights, in flash.
  std::vector<MemoryRegion> memory;
  // While a network runs, above 0; nullopt where unknown.
  std::optional<double> active_power_mw;
  // Family and version of the int8 kernels that its latencies are of: lower-case letters, digits,
  // '-', '_' and '.'.
  std::string kernel_set = kDefaultKernelSet;
  // Where the figures come from.
  std::string source;

  // Of the regions for arena and weights; 0 where there is none.
  int64_t sram_bytes() const;
  int64_t flash_bytes() const;

  friend bool operator==(const Device& a, const Device& b);
};

// InvalidArgument with reason ARGUMENT_INVALID: field, value and limit of the first wrong figure.
absl::Status Validate(const Device& device);

// The same for one memory size: OK for 1 to 2^40.
absl::Status ValidateMemoryBytes(absl::string_view field, int64_t bytes);

}  // namespace niwaki::device

#endif  // NIWAKI_LIBS_DEVICE_DEVICE_H_
