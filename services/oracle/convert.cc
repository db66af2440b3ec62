#include "services/oracle/convert.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost_message.h"
#include "libs/device/device_message.h"
#include "libs/measure/times.h"

namespace niwaki::oracle {
namespace {

constexpr absl::string_view kDevicePrefix = "devices/";
// What an error repeats of a wrong name.
constexpr size_t kShownBytes = 80;
// Of a measurement: the year 2200.
constexpr int64_t kLatestSeconds = 7'258'118'400;

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

absl::StatusOr<device::Device> DeviceFromName(const latency::LatencySnapshot& snapshot,
                                              absl::string_view name, absl::string_view field) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string device, DeviceIdFromName(name, field));
  absl::StatusOr<device::Device> found = snapshot.FindDevice(device);
  if (found.ok()) return found;
  absl::Status status = found.status();
  ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  detail.field = std::string(field);
  SetErrorDetail(status, detail);
  return status;
}

std::string DeviceName(absl::string_view device) { return absl::StrCat(kDevicePrefix, device); }

v1::Device ToProto(const device::Device& device) {
  v1::Device proto = device::ToMessage(device);
  proto.set_name(DeviceName(device.name));
  return proto;
}

absl::StatusOr<device::Device> DeviceFromProto(const v1::Device& proto) {
  v1::Device plain = proto;
  NIWAKI_ASSIGN_OR_RETURN(*plain.mutable_name(), DeviceIdFromName(proto.name(), "name"));
  return device::DeviceFromMessage(plain);
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

absl::StatusOr<latency::LookupEntry> EntryFromProto(const v1::LookupEntry& proto) {
  latency::LookupEntry entry;
  NIWAKI_ASSIGN_OR_RETURN(entry.device, DeviceIdFromName(proto.device(), "device"));
  NIWAKI_ASSIGN_OR_RETURN(entry.provenance,
                          cost::ProvenanceFromMessage(proto.provenance(), "provenance"));
  entry.signature = proto.signature();
  entry.latency_us = proto.latency_us();
  entry.spread_us = proto.spread_us();
  entry.count = proto.count();
  entry.source = proto.source();
  entry.form = proto.form();
  entry.build = BuildFromProto(proto.build());
  entry.counted = proto.counted();
  entry.counted_spread = proto.counted_spread();
  entry.unit = proto.unit();
  entry.clock_hz = proto.clock_hz();
  entry.board = proto.board();
  if (!proto.has_time()) return entry;
  NIWAKI_RETURN_IF_ERROR(CheckRange("time.seconds", proto.time().seconds(), 1, kLatestSeconds));
  entry.time = measure::FromTimestamp(proto.time());
  return entry;
}

latency::RowBuild BuildFromProto(const v1::RowBuild& proto) {
  return {proto.placement(), proto.kernel_set(), proto.firmware_digest(), proto.compiler_digest(),
          proto.engine_version()};
}

v1::RowBuild ToProto(const latency::RowBuild& build) {
  v1::RowBuild proto;
  proto.set_placement(build.placement);
  proto.set_kernel_set(build.kernel_set);
  proto.set_firmware_digest(build.firmware_digest);
  proto.set_compiler_digest(build.compiler_digest);
  proto.set_engine_version(build.engine_version);
  return proto;
}

v1::RowSet ToProto(const latency::RowSet& set) {
  v1::RowSet proto;
  proto.set_provenance(cost::ToMessage(set.provenance));
  if (set.build.known()) *proto.mutable_build() = ToProto(set.build);
  proto.set_rows(set.rows);
  proto.set_used(set.used);
  if (set.time != absl::InfinitePast()) *proto.mutable_time() = measure::ToTimestamp(set.time);
  return proto;
}

v1::LookupEntry ToProto(const latency::LookupEntry& entry) {
  v1::LookupEntry proto;
  proto.set_device(DeviceName(entry.device));
  proto.set_signature(entry.signature);
  proto.set_latency_us(entry.latency_us);
  proto.set_spread_us(entry.spread_us);
  proto.set_count(entry.count);
  proto.set_provenance(cost::ToMessage(entry.provenance));
  proto.set_source(entry.source);
  proto.set_form(entry.form);
  if (entry.build.known()) *proto.mutable_build() = ToProto(entry.build);
  proto.set_counted(entry.counted);
  proto.set_counted_spread(entry.counted_spread);
  proto.set_unit(entry.unit);
  proto.set_clock_hz(entry.clock_hz);
  proto.set_board(entry.board);
  proto.set_measurement(entry.measurement);
  if (entry.time != absl::InfinitePast()) *proto.mutable_time() = measure::ToTimestamp(entry.time);
  return proto;
}

}  // namespace niwaki::oracle
