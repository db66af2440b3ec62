#include "libs/client/oracle_client.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/client/retrying_call.h"
#include "libs/client/serving.h"

namespace niwaki::client {
namespace {

using OracleStub = v1::OracleService::StubInterface;

// The most that one page holds.
constexpr int kPageSize = 1000;

}  // namespace

OracleClient::OracleClient(const std::string& address, const ClientOptions& options)
    : options_(options),
      address_(address),
      channel_(rpc::MakeChannel(address, options.channel)),
      oracle_(v1::OracleService::NewStub(channel_)) {}

absl::Status OracleClient::WaitUntilServing(absl::Duration timeout) {
  return client::WaitUntilServing(channel_, address_, timeout);
}

absl::StatusOr<v1::EstimateCostsResponse> OracleClient::EstimateCosts(
    const v1::EstimateCostsRequest& request) {
  return RetryingCall(options_, *oracle_, &OracleStub::EstimateCosts, request);
}

absl::StatusOr<std::vector<v1::Device>> OracleClient::ListDevices() {
  std::vector<v1::Device> devices;
  v1::ListDevicesRequest request;
  request.set_page_size(kPageSize);
  do {
    NIWAKI_ASSIGN_OR_RETURN(v1::ListDevicesResponse response,
                            RetryingCall(options_, *oracle_, &OracleStub::ListDevices, request));
    for (v1::Device& device : *response.mutable_devices()) devices.push_back(std::move(device));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return devices;
}

absl::StatusOr<v1::GetDeviceResponse> OracleClient::GetDevice(const std::string& name) {
  v1::GetDeviceRequest request;
  request.set_name(name);
  return RetryingCall(options_, *oracle_, &OracleStub::GetDevice, request);
}

absl::StatusOr<int64_t> OracleClient::PutDevice(const v1::Device& device) {
  v1::PutDeviceRequest request;
  *request.mutable_device() = device;
  NIWAKI_ASSIGN_OR_RETURN(
      v1::PutDeviceResponse response,
      RetryingCall(options_, *oracle_, &OracleStub::PutDevice, WithRequestId(std::move(request))));
  return response.table_version();
}

absl::StatusOr<int64_t> OracleClient::PutLookupEntries(
    const std::vector<v1::LookupEntry>& entries) {
  v1::PutLookupEntriesRequest request;
  for (const v1::LookupEntry& entry : entries) *request.add_entries() = entry;
  NIWAKI_ASSIGN_OR_RETURN(v1::PutLookupEntriesResponse response,
                          RetryingCall(options_, *oracle_, &OracleStub::PutLookupEntries,
                                       WithRequestId(std::move(request))));
  return response.table_version();
}

absl::Status OracleClient::ForEachLookupEntry(
    const std::string& device, int64_t table_version,
    const std::function<bool(const v1::LookupEntry&)>& visit) {
  v1::ListLookupEntriesRequest request;
  request.set_device(device);
  request.set_table_version(table_version);
  request.set_page_size(kPageSize);
  do {
    NIWAKI_ASSIGN_OR_RETURN(
        v1::ListLookupEntriesResponse response,
        RetryingCall(options_, *oracle_, &OracleStub::ListLookupEntries, request));
    for (const v1::LookupEntry& entry : response.entries()) {
      if (!visit(entry)) return absl::OkStatus();
    }
    request.set_page_token(response.next_page_token());
    request.set_table_version(response.table_version());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace niwaki::client
