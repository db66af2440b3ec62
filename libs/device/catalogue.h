// The devices that Niwaki knows by itself, compiled in from libs/device/devices/*.textproto.

#ifndef NIWAKI_LIBS_DEVICE_CATALOGUE_H_
#define NIWAKI_LIBS_DEVICE_CATALOGUE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/device/device.h"

namespace niwaki::device {

// All of them, by name.
const std::vector<Device>& CatalogueDevices();

// NotFound with reason DEVICE_UNKNOWN lists the names. Of the catalogue only: the oracle's
// LatencySnapshot knows users' devices, too.
absl::StatusOr<Device> FindDevice(absl::string_view name);

// The error of FindDevice, for `devices`.
absl::Status NoSuchDevice(absl::string_view name, const std::vector<Device>& devices);

}  // namespace niwaki::device

#endif  // NIWAKI_LIBS_DEVICE_CATALOGUE_H_
