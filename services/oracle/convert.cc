#include "services/oracle/convert.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::oracle {
namespace {

constexpr absl::string_view kDevicePrefix = "devices/";
// What an error repeats of a wrong name.
constexpr size_t kShownBytes = 80;

v1::Provenance ToProto(latency::Provenance provenance) {
  switch (provenance) {
    case latency::Provenance::kUnknown:
      return v1::PROVENANCE_UNSPECIFIED;
    case latency::Provenance::kExact:
      return v1::PROVENANCE_EXACT;
    case latency::Provenance::kMeasured:
      return v1::PROVENANCE_MEASURED;
    case latency::Provenance::kEmulated:
      return v1::PROVENANCE_EMULATED;
    case latency::Provenance::kPredicted:
      return v1::PROVENANCE_PREDICTED;
  }
  return v1::PROVENANCE_UNSPECIFIED;
}

absl::StatusOr<latency::Provenance> ProvenanceFromProto(v1::Provenance provenance) {
  switch (provenance) {
    case v1::PROVENANCE_MEASURED:
      return latency::Provenance::kMeasured;
    case v1::PROVENANCE_EMULATED:
      return latency::Provenance::kEmulated;
    case v1::PROVENANCE_PREDICTED:
      return latency::Provenance::kPredicted;
    default:
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("provenance")
          .Value(static_cast<int>(provenance))
          .Limit("MEASURED, EMULATED or PREDICTED")
          .Message(absl::StrCat("provenance ", static_cast<int>(provenance),
                                " not in MEASURED, EMULATED, PREDICTED"));
  }
}

void FigureToProto(const latency::Figure& figure, v1::Figure& proto) {
  proto.set_value(figure.value);
  proto.set_low(figure.low);
  proto.set_high(figure.high);
  proto.set_provenance(ToProto(figure.provenance));
}

}  // namespace

absl::Status WithinField(const absl::Status& status, absl::string_view prefix) {
  if (status.ok()) return status;
  absl::Status within = Annotate(status, prefix);
  ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  detail.field =
      detail.field.empty() ? std::string(prefix) : absl::StrCat(prefix, ".", detail.field);
  SetErrorDetail(within, detail);
  return within;
}

absl::StatusOr<std::string> DeviceIdFromName(absl::string_view name, absl::string_view field) {
  absl::string_view device = name;
  if (!absl::ConsumePrefix(&device, kDevicePrefix) || device.empty()) {
    const absl::string_view shown = name.substr(0, kShownBytes);
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(field)
        .Value(shown)
        .Limit("devices/{device}")
        .Message(absl::StrCat(field, " '", shown, "' is not devices/{device}"));
  }
  return std::string(device.substr(0, kShownBytes));
}

absl::StatusOr<latency::Device> DeviceFromName(const latency::LatencySnapshot& snapshot,
                                               absl::string_view name, absl::string_view field) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string device, DeviceIdFromName(name, field));
  absl::StatusOr<latency::Device> found = snapshot.FindDevice(device);
  if (found.ok()) return found;
  absl::Status status = found.status();
  ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  detail.field = std::string(field);
  SetErrorDetail(status, detail);
  return status;
}

std::string DeviceName(absl::string_view device) { return absl::StrCat(kDevicePrefix, device); }

v1::Device ToProto(const latency::Device& device) {
  v1::Device proto;
  proto.set_name(DeviceName(device.name));
  proto.set_description(device.description);
  proto.set_core(device.core);
  proto.set_clock_hz(device.clock_hz);
  proto.set_sram_bytes(device.sram_bytes);
  proto.set_flash_bytes(device.flash_bytes);
  proto.set_active_power_mw(device.active_power_mw);
  proto.set_source(device.source);
  return proto;
}

absl::StatusOr<latency::Device> DeviceFromProto(const v1::Device& proto) {
  latency::Device device;
  NIWAKI_ASSIGN_OR_RETURN(device.name, DeviceIdFromName(proto.name(), "name"));
  device.description = proto.description();
  device.core = proto.core();
  device.clock_hz = proto.clock_hz();
  device.sram_bytes = proto.sram_bytes();
  device.flash_bytes = proto.flash_bytes();
  device.active_power_mw = proto.active_power_mw();
  device.source = proto.source();
  return device;
}

absl::StatusOr<arch::Subnet> SubnetFromProto(const arch::SearchSpace& space,
                                             const v1::SubnetRef& ref) {
  switch (ref.form_case()) {
    case v1::SubnetRef::kJson:
      return arch::SubnetFromJson(space, ref.json());
    case v1::SubnetRef::kGenes: {
      arch::Subnet subnet;
      subnet.genes.assign(ref.genes().begin(), ref.genes().end());
      NIWAKI_RETURN_IF_ERROR(arch::Validate(space, subnet));
      arch::Canonicalise(space, subnet);
      return subnet;
    }
    default:
      return Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
          .Limit("json or genes")
          .Message("the subnet has neither json nor genes");
  }
}

void CostToProto(const latency::CostEstimate& estimate, v1::Cost& cost) {
  cost.set_sram_bytes(estimate.sram_bytes);
  cost.set_flash_bytes(estimate.flash_bytes);
  cost.set_macs(estimate.macs);
  cost.set_params(estimate.params);
  FigureToProto(estimate.latency_us, *cost.mutable_latency_us());
  FigureToProto(estimate.energy_mj, *cost.mutable_energy_mj());
}

absl::StatusOr<latency::LookupEntry> EntryFromProto(const v1::LookupEntry& proto) {
  latency::LookupEntry entry;
  NIWAKI_ASSIGN_OR_RETURN(entry.device, DeviceIdFromName(proto.device(), "device"));
  NIWAKI_ASSIGN_OR_RETURN(entry.provenance, ProvenanceFromProto(proto.provenance()));
  entry.signature = proto.signature();
  entry.latency_us = proto.latency_us();
  entry.spread_us = proto.spread_us();
  entry.count = proto.count();
  entry.source = proto.source();
  return entry;
}

v1::LookupEntry ToProto(const latency::LookupEntry& entry) {
  v1::LookupEntry proto;
  proto.set_device(DeviceName(entry.device));
  proto.set_signature(entry.signature);
  proto.set_latency_us(entry.latency_us);
  proto.set_spread_us(entry.spread_us);
  proto.set_count(entry.count);
  proto.set_provenance(ToProto(entry.provenance));
  proto.set_source(entry.source);
  return proto;
}

}  // namespace niwaki::oracle
