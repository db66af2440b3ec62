// Devices: what a network runs on. The catalogue is compiled in from
// libs/latency/devices/*.textproto.

#ifndef NIWAKI_LIBS_LATENCY_DEVICE_H_
#define NIWAKI_LIBS_LATENCY_DEVICE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::latency {

struct Device {
  // Lower-case letters, digits, '-' and '_'.
  std::string name;
  std::string description;
  // Its processor, as a name; there are default latency models for "cortex-m4" and "cortex-m7".
  std::string core;
  int64_t clock_hz = 0;
  int64_t sram_bytes = 0;
  int64_t flash_bytes = 0;
  // While a network runs; 0 where unknown.
  double active_power_mw = 0;
  // Where the figures come from.
  std::string source;
};

// Reads proto/niwaki/v1/device.proto as text. InvalidArgument with reason FILE_MALFORMED (not such
// a text) or ARGUMENT_INVALID (field, value and limit of the first wrong figure).
absl::StatusOr<Device> DeviceFromTextproto(absl::string_view text);

// All devices, by name.
const std::vector<Device>& CatalogueDevices();

// InvalidArgument with reason ARGUMENT_INVALID: field, value and limit of the first wrong figure.
absl::Status Validate(const Device& device);

// NotFound with reason DEVICE_UNKNOWN lists the names. Of the catalogue only: LatencySnapshot knows
// users' devices, too.
absl::StatusOr<Device> FindDevice(absl::string_view name);

// The error of FindDevice, for `devices`.
absl::Status NoSuchDevice(absl::string_view name, const std::vector<Device>& devices);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_DEVICE_H_
