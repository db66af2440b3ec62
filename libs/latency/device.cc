#include "libs/latency/device.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/latency/device_data.h"
#include "proto/niwaki/v1/device.pb.h"

namespace niwaki::latency {
namespace {

constexpr int64_t kMaxClockHz = 10'000'000'000;
constexpr int64_t kMaxMemoryBytes = int64_t{1} << 40;

// Keeps the first complaint of the text parser.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = absl::StrCat("line ", line + 1, ":", column + 1, ": ", message);
  }
  std::string text;
};

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("device ", field, " ", value, " is not ", limit));
}

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
  });
}

}  // namespace

absl::Status Validate(const Device& device) {
  if (!IsName(device.name)) {
    return Wrong("name", device.name, "1 to 63 of lower-case letters, digits, '-' and '_'");
  }
  if (!IsName(device.core)) {
    return Wrong("core", device.core, "1 to 63 of lower-case letters, digits, '-' and '_'");
  }
  if (device.clock_hz < 1 || device.clock_hz > kMaxClockHz) {
    return Wrong("clock_hz", device.clock_hz, "1 to 10000000000");
  }
  if (device.sram_bytes < 1 || device.sram_bytes > kMaxMemoryBytes) {
    return Wrong("sram_bytes", device.sram_bytes, "1 to 1099511627776");
  }
  if (device.flash_bytes < 1 || device.flash_bytes > kMaxMemoryBytes) {
    return Wrong("flash_bytes", device.flash_bytes, "1 to 1099511627776");
  }
  if (!std::isfinite(device.active_power_mw) || device.active_power_mw < 0) {
    return Wrong("active_power_mw", device.active_power_mw, "a number from 0");
  }
  return absl::OkStatus();
}

absl::StatusOr<Device> DeviceFromTextproto(absl::string_view text) {
  v1::Device proto;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(text), &proto)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("device")
        .Message(absl::StrCat("device: ", error.text));
  }
  Device device;
  device.name = proto.name();
  device.description = proto.description();
  device.core = proto.core();
  device.clock_hz = proto.clock_hz();
  device.sram_bytes = proto.sram_bytes();
  device.flash_bytes = proto.flash_bytes();
  device.active_power_mw = proto.active_power_mw();
  device.source = proto.source();
  NIWAKI_RETURN_IF_ERROR(Validate(device));
  return device;
}

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

}  // namespace niwaki::latency
