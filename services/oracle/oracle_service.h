// OracleService on the wire: checks requests, asks the libraries, builds responses.

#ifndef NIWAKI_SERVICES_ORACLE_ORACLE_SERVICE_H_
#define NIWAKI_SERVICES_ORACLE_ORACLE_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include <functional>

#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/latency/lookup_table.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"
#include "services/oracle/estimator_pool.h"
#include "services/oracle/space_cache.h"

namespace niwaki::oracle {

// Thread-safe. Each call is answered on the thread that it came on, so clients use as many cores as
// they have calls in flight.
class OracleService final : public v1::OracleService::CallbackService {
 public:
  // Borrows both for its life.
  OracleService(latency::LookupTable* table, Clock* clock) : table_(table), clock_(clock) {}

  grpc::ServerUnaryReactor* EstimateCosts(grpc::CallbackServerContext* context,
                                          const v1::EstimateCostsRequest* request,
                                          v1::EstimateCostsResponse* response) override;
  grpc::ServerUnaryReactor* ListDevices(grpc::CallbackServerContext* context,
                                        const v1::ListDevicesRequest* request,
                                        v1::ListDevicesResponse* response) override;
  grpc::ServerUnaryReactor* GetDevice(grpc::CallbackServerContext* context,
                                      const v1::GetDeviceRequest* request,
                                      v1::GetDeviceResponse* response) override;
  grpc::ServerUnaryReactor* PutDevice(grpc::CallbackServerContext* context,
                                      const v1::PutDeviceRequest* request,
                                      v1::PutDeviceResponse* response) override;
  grpc::ServerUnaryReactor* PutLookupEntries(grpc::CallbackServerContext* context,
                                             const v1::PutLookupEntriesRequest* request,
                                             v1::PutLookupEntriesResponse* response) override;
  grpc::ServerUnaryReactor* ListLookupEntries(grpc::CallbackServerContext* context,
                                              const v1::ListLookupEntriesRequest* request,
                                              v1::ListLookupEntriesResponse* response) override;

 private:
  // `cancelled` is asked now and then; Cancelled where it says yes.
  absl::Status Estimate(const v1::EstimateCostsRequest& request,
                        const std::function<bool()>& cancelled,
                        v1::EstimateCostsResponse& response);
  absl::Status List(const v1::ListDevicesRequest& request, v1::ListDevicesResponse& response);
  absl::Status Get(const v1::GetDeviceRequest& request, v1::GetDeviceResponse& response);
  absl::Status Put(const v1::PutDeviceRequest& request, v1::PutDeviceResponse& response);
  absl::Status Put(const v1::PutLookupEntriesRequest& request,
                   v1::PutLookupEntriesResponse& response);
  absl::Status List(const v1::ListLookupEntriesRequest& request,
                    v1::ListLookupEntriesResponse& response);

  latency::LookupTable* const table_;
  Clock* const clock_;
  SpaceCache spaces_;
  EstimatorPool estimators_;
};

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_ORACLE_SERVICE_H_
