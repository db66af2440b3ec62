#include "services/oracle/oracle_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost.h"
#include "libs/cost/cost_message.h"
#include "libs/device/device.h"
#include "libs/latency/snapshot.h"
#include "libs/rpc/page_token.h"
#include "libs/rpc/reactor.h"
#include "libs/rpc/request_digest.h"
#include "libs/rpc/request_id.h"
#include "services/oracle/convert.h"

namespace niwaki::oracle {
namespace {

// Of oracle_service.proto.
constexpr int kMaxBatch = 4096;
constexpr int kDefaultDevicePage = 50;
constexpr int kDefaultEntryPage = 100;
constexpr int kMaxPage = 1000;
// Subnets between two looks at whether the caller still waits: about a millisecond.
constexpr int kCancelPeriod = 32;
constexpr char kDeviceList[] = "ListDevices";
constexpr char kPutMethod[] = "PutLookupEntries";
constexpr char kPutDeviceMethod[] = "PutDevice";

// Empty asks for no certain one.
absl::Status CheckRevision(const latency::LatencySnapshot& snapshot, const device::Device& device,
                           const std::string& wanted) {
  if (wanted.empty()) return absl::OkStatus();
  const std::string revision = snapshot.RevisionOf(device);
  if (revision == wanted) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kDeviceChanged)
      .Field("device_revision")
      .Value(wanted)
      .Limit(revision)
      .Message(absl::StrCat("device '", device.name,
                            "' has changed, or its entries in the latency table have: costs of "
                            "before and after cannot be compared"));
}

absl::Status CheckBatch(int size, absl::string_view field) {
  return CheckRange(field, size, 1, kMaxBatch);
}

absl::Status CheckNotNegative(absl::string_view field, int64_t value) {
  if (value >= 0) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit("0 or more")
      .Message(absl::StrCat(field, " ", value, " is negative"));
}

}  // namespace

grpc::ServerUnaryReactor* OracleService::EstimateCosts(grpc::CallbackServerContext* context,
                                                       const v1::EstimateCostsRequest* request,
                                                       v1::EstimateCostsResponse* response) {
  return rpc::FinishUnary(context,
                          Estimate(
                              *request, [context] { return context->IsCancelled(); }, *response));
}

grpc::ServerUnaryReactor* OracleService::ListDevices(grpc::CallbackServerContext* context,
                                                     const v1::ListDevicesRequest* request,
                                                     v1::ListDevicesResponse* response) {
  return rpc::FinishUnary(context, List(*request, *response));
}

grpc::ServerUnaryReactor* OracleService::GetDevice(grpc::CallbackServerContext* context,
                                                   const v1::GetDeviceRequest* request,
                                                   v1::GetDeviceResponse* response) {
  return rpc::FinishUnary(context, Get(*request, *response));
}

grpc::ServerUnaryReactor* OracleService::PutDevice(grpc::CallbackServerContext* context,
                                                   const v1::PutDeviceRequest* request,
                                                   v1::PutDeviceResponse* response) {
  return rpc::FinishUnary(context, Put(*request, *response));
}

grpc::ServerUnaryReactor* OracleService::PutLookupEntries(
    grpc::CallbackServerContext* context, const v1::PutLookupEntriesRequest* request,
    v1::PutLookupEntriesResponse* response) {
  return rpc::FinishUnary(context, Put(*request, *response));
}

grpc::ServerUnaryReactor* OracleService::ListLookupEntries(
    grpc::CallbackServerContext* context, const v1::ListLookupEntriesRequest* request,
    v1::ListLookupEntriesResponse* response) {
  return rpc::FinishUnary(context, List(*request, *response));
}

absl::Status OracleService::Estimate(const v1::EstimateCostsRequest& request,
                                     const std::function<bool()>& cancelled,
                                     v1::EstimateCostsResponse& response) {
  NIWAKI_RETURN_IF_ERROR(CheckBatch(request.subnets_size(), "subnets"));
  NIWAKI_RETURN_IF_ERROR(CheckNotNegative("sram_limit_bytes", request.sram_limit_bytes()));
  NIWAKI_RETURN_IF_ERROR(CheckNotNegative("table_version", request.table_version()));
  NIWAKI_ASSIGN_OR_RETURN(const auto snapshot, table_->SnapshotAt(request.table_version()));
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device,
                          DeviceFromName(*snapshot, request.device(), "device"));
  NIWAKI_RETURN_IF_ERROR(CheckRevision(*snapshot, device, request.device_revision()));
  NIWAKI_ASSIGN_OR_RETURN(const auto space, spaces_.Get(request));
  std::unique_ptr<WarmEstimator> warm = estimators_.Borrow(device, snapshot);
  response.set_table_version(warm->estimator.table_version());
  for (const latency::RowSet& set : snapshot->RowSets(device.name)) {
    if (set.used) *response.add_row_sets() = ToProto(set);
  }
  response.mutable_costs()->Reserve(request.subnets_size());
  for (int i = 0; i < request.subnets_size(); ++i) {
    if (i % kCancelPeriod == kCancelPeriod - 1 && cancelled()) {
      return absl::CancelledError("the caller left");
    }
    const absl::StatusOr<arch::Subnet> subnet = SubnetFromProto(*space, request.subnets(i));
    if (!subnet.ok()) return WithinField(subnet.status(), absl::StrCat("subnets[", i, "]"));
    arch::BuildGraphInto(*space, *subnet, warm->graph);
    v1::Cost& cost = *response.add_costs();
    cost::ToMessage(
        warm->estimator.Estimate(warm->graph, request.sram_limit_bytes(), warm->schedules), cost);
    for (const cost::ScheduleCost& schedule : warm->schedules) {
      cost::ToMessage(schedule, *cost.add_schedules());
    }
    if (cost.latency_us().provenance() == v1::PROVENANCE_PREDICTED) {
      const auto coverage = warm->estimator.Coverage(warm->graph);
      if (coverage.has_value()) cost.set_latency_rows_missing(coverage->missing);
    }
    if (!cost.has_latency_us()) {
      cost.set_latency_unknown(
          std::string(warm->estimator.WhyLatencyUnknown(warm->graph).message()));
    }
  }
  estimators_.Return(std::move(warm));
  return absl::OkStatus();
}

absl::Status OracleService::List(const v1::ListDevicesRequest& request,
                                 v1::ListDevicesResponse& response) {
  NIWAKI_ASSIGN_OR_RETURN(const int page_size,
                          rpc::ClampPageSize(request.page_size(), kDefaultDevicePage, kMaxPage));
  NIWAKI_ASSIGN_OR_RETURN(const std::string after,
                          rpc::ReadPageToken(kDeviceList, request.page_token()));
  const std::vector<device::Device> devices = table_->snapshot()->AllDevices();
  auto next = std::upper_bound(
      devices.begin(), devices.end(), after,
      [](const std::string& name, const device::Device& device) { return name < device.name; });
  for (; next != devices.end() && response.devices_size() < page_size; ++next) {
    *response.add_devices() = ToProto(*next);
  }
  if (next != devices.end()) {
    response.set_next_page_token(rpc::MakePageToken(kDeviceList, std::prev(next)->name));
  }
  return absl::OkStatus();
}

absl::Status OracleService::Get(const v1::GetDeviceRequest& request,
                                v1::GetDeviceResponse& response) {
  const auto snapshot = table_->snapshot();
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device,
                          DeviceFromName(*snapshot, request.name(), "name"));
  *response.mutable_device() = ToProto(device);
  response.set_revision(snapshot->RevisionOf(device));
  response.set_table_version(snapshot->version());
  for (const latency::RowSet& set : snapshot->RowSets(device.name)) {
    *response.add_row_sets() = ToProto(set);
  }
  return absl::OkStatus();
}

absl::Status OracleService::Put(const v1::PutDeviceRequest& request,
                                v1::PutDeviceResponse& response) {
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  const absl::StatusOr<device::Device> device = DeviceFromProto(request.device());
  if (!device.ok()) return WithinField(device.status(), "device");
  const absl::StatusOr<int64_t> version = table_->PutDevice(
      *device,
      {request.request_id(), kPutDeviceMethod, rpc::RequestDigest(request), "", clock_->Now()});
  if (!version.ok()) return WithinField(version.status(), "device");
  response.set_table_version(*version);
  return absl::OkStatus();
}

absl::Status OracleService::Put(const v1::PutLookupEntriesRequest& request,
                                v1::PutLookupEntriesResponse& response) {
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  NIWAKI_RETURN_IF_ERROR(CheckBatch(request.entries_size(), "entries"));
  std::vector<latency::LookupEntry> entries;
  entries.reserve(request.entries_size());
  for (int i = 0; i < request.entries_size(); ++i) {
    absl::StatusOr<latency::LookupEntry> entry = EntryFromProto(request.entries(i));
    if (!entry.ok()) return WithinField(entry.status(), absl::StrCat("entries[", i, "]"));
    entries.push_back(*std::move(entry));
  }
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version,
                          table_->Put(entries, {request.request_id(), kPutMethod,
                                                rpc::RequestDigest(request), "", clock_->Now()}));
  response.set_table_version(version);
  return absl::OkStatus();
}

absl::Status OracleService::List(const v1::ListLookupEntriesRequest& request,
                                 v1::ListLookupEntriesResponse& response) {
  NIWAKI_ASSIGN_OR_RETURN(const int page_size,
                          rpc::ClampPageSize(request.page_size(), kDefaultEntryPage, kMaxPage));
  NIWAKI_RETURN_IF_ERROR(CheckNotNegative("table_version", request.table_version()));
  NIWAKI_ASSIGN_OR_RETURN(const auto snapshot, table_->SnapshotAt(request.table_version()));
  std::string device;
  if (!request.device().empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const device::Device found,
                            DeviceFromName(*snapshot, request.device(), "device"));
    device = found.name;
  }
  NIWAKI_ASSIGN_OR_RETURN(latency::EntryPage page,
                          latency::ListEntries(*snapshot, device, page_size, request.page_token()));
  for (const latency::LookupEntry& entry : page.entries) {
    v1::LookupEntry& proto = *response.add_entries();
    proto = ToProto(entry);
    proto.set_superseded(!snapshot->IsUsed(entry));
  }
  response.set_table_version(snapshot->version());
  response.set_next_page_token(std::move(page.next_page_token));
  return absl::OkStatus();
}

}  // namespace niwaki::oracle
