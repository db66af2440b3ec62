// What networks cost, asked of one oracle.

#ifndef NIWAKI_LIBS_CLIENT_ORACLE_CLIENT_H_
#define NIWAKI_LIBS_CLIENT_ORACLE_CLIENT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/client/client_options.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"

namespace niwaki::client {

// Thread-safe. Every call blocks, has a deadline and is repeated while the oracle is away, up to
// ClientOptions; the errors are the oracle's (oracle_service.proto), or Unavailable.
class OracleClient {
 public:
  explicit OracleClient(const std::string& address, const ClientOptions& options = ClientOptions());

  // Until the oracle says that it is serving. Unavailable after `timeout`.
  absl::Status WaitUntilServing(absl::Duration timeout);

  absl::StatusOr<v1::EstimateCostsResponse> EstimateCosts(const v1::EstimateCostsRequest& request);

  // By name; all pages.
  absl::StatusOr<std::vector<v1::Device>> ListDevices();

  // "devices/{device}", with its revision.
  absl::StatusOr<v1::GetDeviceResponse> GetDevice(const std::string& name);

  // Adds a device, or replaces one that was added so; returns the tables' version.
  absl::StatusOr<int64_t> PutDevice(const v1::Device& device);

  // Writes all entries or none, at most 4096; returns the table's version.
  absl::StatusOr<int64_t> PutLookupEntries(const std::vector<v1::LookupEntry>& entries);

  // Calls `visit` for every entry of "devices/{device}" ("" for all devices) by device and
  // signature until it returns false; all of one version, 0 for the newest.
  absl::Status ForEachLookupEntry(const std::string& device, int64_t table_version,
                                  const std::function<bool(const v1::LookupEntry&)>& visit);

  // For clients of the oracle's other services.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  const ClientOptions options_;
  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::OracleService::StubInterface> oracle_;
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_ORACLE_CLIENT_H_
