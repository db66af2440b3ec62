#include "libs/device/catalogue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/device/device_data.h"
#include "libs/device/device_message.h"

namespace niwaki::device {

const std::vector<Device>& CatalogueDevices() {
  static const auto* const devices = [] {
    auto* list = new std::vector<Device>;
    for (const char* text : DeviceTexts()) {
      auto device = DeviceFromTextproto(text);
      NIWAKI_CHECK(device.ok());
      list->push_back(*std::move(device));
    }
    std::sort(list->begin(), list->end(),
              [](const Device& a, const Device& b) { return a.name < b.name; });
    return list;
  }();
  return *devices;
}

absl::StatusOr<Device> FindDevice(absl::string_view name) {
  for (const Device& device : CatalogueDevices()) {
    if (device.name == name) return device;
  }
  return NoSuchDevice(name, CatalogueDevices());
}

absl::Status NoSuchDevice(absl::string_view name, const std::vector<Device>& devices) {
  const std::string names = absl::StrJoin(
      devices, ", ",
      [](std::string* out, const Device& device) { absl::StrAppend(out, device.name); });
  return Error(absl::StatusCode::kNotFound, reason::kDeviceUnknown)
      .Field("device")
      .Value(name)
      .Limit(names)
      .Message(absl::StrCat("no device '", name, "'; there are: ", names));
}

}  // namespace niwaki::device
