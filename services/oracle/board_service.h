// BoardService on the wire: checks requests, asks libs/measure, builds responses.

#ifndef NIWAKI_SERVICES_ORACLE_BOARD_SERVICE_H_
#define NIWAKI_SERVICES_ORACLE_BOARD_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/latency/lookup_table.h"
#include "libs/measure/measure_store.h"
#include "proto/niwaki/v1/board_service.grpc.pb.h"
#include "services/oracle/measured_rows.h"

namespace niwaki::oracle {

// Thread-safe. A call that waits holds a thread: there are as many as there are boards. The store's
// Stop ends what waits.
class BoardService final : public v1::BoardService::Service {
 public:
  // Borrows all four for its life. `ttl` is that of leases and registrations.
  BoardService(measure::MeasureStore* store, const latency::LookupTable* table,
               const artifacts::ArtifactStore* artifacts, MeasuredRows* rows, absl::Duration ttl)
      : store_(store), table_(table), artifacts_(artifacts), rows_(rows), ttl_(ttl) {}

  grpc::Status RegisterBoard(grpc::ServerContext* context, const v1::RegisterBoardRequest* request,
                             v1::RegisterBoardResponse* response) override;
  grpc::Status LeaseMeasurement(grpc::ServerContext* context,
                                const v1::LeaseMeasurementRequest* request,
                                v1::LeaseMeasurementResponse* response) override;
  grpc::Status ExtendMeasurements(grpc::ServerContext* context,
                                  const v1::ExtendMeasurementsRequest* request,
                                  v1::ExtendMeasurementsResponse* response) override;
  grpc::Status ReportMeasurement(grpc::ServerContext* context,
                                 const v1::ReportMeasurementRequest* request,
                                 v1::ReportMeasurementResponse* response) override;
  grpc::Status ListBoards(grpc::ServerContext* context, const v1::ListBoardsRequest* request,
                          v1::ListBoardsResponse* response) override;
  grpc::Status GetBoard(grpc::ServerContext* context, const v1::GetBoardRequest* request,
                        v1::GetBoardResponse* response) override;
  grpc::Status ChangeBoard(grpc::ServerContext* context, const v1::ChangeBoardRequest* request,
                           v1::ChangeBoardResponse* response) override;
  grpc::Status CreateMeasurement(grpc::ServerContext* context,
                                 const v1::CreateMeasurementRequest* request,
                                 v1::CreateMeasurementResponse* response) override;
  grpc::Status GetMeasurement(grpc::ServerContext* context,
                              const v1::GetMeasurementRequest* request,
                              v1::GetMeasurementResponse* response) override;

 private:
  absl::Status Register(const v1::RegisterBoardRequest& request,
                        v1::RegisterBoardResponse& response);
  absl::Status Lease(const grpc::ServerContext& context, const v1::LeaseMeasurementRequest& request,
                     v1::LeaseMeasurementResponse& response);
  // One look. An empty lease_id for nothing.
  absl::Status TryLease(const v1::LeaseMeasurementRequest& request,
                        v1::LeaseMeasurementResponse& response);
  absl::Status Extend(const v1::ExtendMeasurementsRequest& request,
                      v1::ExtendMeasurementsResponse& response);
  absl::Status Report(const v1::ReportMeasurementRequest& request,
                      v1::ReportMeasurementResponse& response);
  absl::Status List(const v1::ListBoardsRequest& request, v1::ListBoardsResponse& response);
  absl::Status Get(const v1::GetBoardRequest& request, v1::GetBoardResponse& response);
  absl::Status Change(const v1::ChangeBoardRequest& request, v1::ChangeBoardResponse& response);
  absl::Status Create(const v1::CreateMeasurementRequest& request,
                      v1::CreateMeasurementResponse& response);
  absl::Status Get(const grpc::ServerContext& context, const v1::GetMeasurementRequest& request,
                   v1::GetMeasurementResponse& response);
  absl::Status CheckDevice(const std::string& device, absl::string_view field) const;

  measure::MeasureStore* const store_;
  const latency::LookupTable* const table_;
  const artifacts::ArtifactStore* const artifacts_;
  MeasuredRows* const rows_;
  const absl::Duration ttl_;
};

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_BOARD_SERVICE_H_
