// Between the messages of oracle_service.proto and the libraries' types.

#ifndef NIWAKI_SERVICES_ORACLE_CONVERT_H_
#define NIWAKI_SERVICES_ORACLE_CONVERT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/device/device.h"
#include "libs/latency/row_build.h"
#include "libs/latency/snapshot.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::oracle {

// `status` with "prefix." before its field, and "prefix: " before its message; the prefix alone
// where it names no field. OK stays OK.
absl::Status WithinField(const absl::Status& status, absl::string_view prefix);

// The id in a resource name "devices/{device}"; of a long one the beginning. InvalidArgument for
// another form, naming `field`.
absl::StatusOr<std::string> DeviceIdFromName(absl::string_view name, absl::string_view field);
// The device of a resource name. As above; NotFound with reason DEVICE_UNKNOWN.
absl::StatusOr<device::Device> DeviceFromName(const latency::LatencySnapshot& snapshot,
                                              absl::string_view name, absl::string_view field);
std::string DeviceName(absl::string_view device);

v1::Device ToProto(const device::Device& device);
// InvalidArgument for the name's form and the first wrong figure.
absl::StatusOr<device::Device> DeviceFromProto(const v1::Device& proto);

// Valid and canonical. InvalidArgument with reason SUBNET_INVALID; fields are those of the subnet's
// JSON, or `genes`.
absl::StatusOr<arch::Subnet> SubnetFromProto(const arch::SearchSpace& space,
                                             const v1::SubnetRef& ref);

// The figures are checked by the table, and that the provenance is one that an entry can have. What
// people write is of no measurement, whatever it says: that of another oracle means nothing here.
// InvalidArgument for the name's form or an unknown provenance; fields have no prefix.
absl::StatusOr<latency::LookupEntry> EntryFromProto(const v1::LookupEntry& entry);
v1::LookupEntry ToProto(const latency::LookupEntry& entry);

latency::RowBuild BuildFromProto(const v1::RowBuild& build);
v1::RowBuild ToProto(const latency::RowBuild& build);
v1::RowSet ToProto(const latency::RowSet& set);

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_CONVERT_H_
