// OracleBoards: the ProofBoards of the oracle, over gRPC.

#ifndef NIWAKI_SERVICES_COORDINATOR_PROOF_ORACLE_BOARDS_H_
#define NIWAKI_SERVICES_COORDINATOR_PROOF_ORACLE_BOARDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/client/artifact_client.h"
#include "libs/client/board_client.h"
#include "libs/client/oracle_client.h"
#include "libs/jobs/proof/proof_boards.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::coordinator {

// What became of a measurement. The network is to blame where the last failure is of its class, or
// where boards that are not one and the same computed other bytes than the host.
jobs::BoardMeasurement BoardMeasurementOf(const v1::Measurement& measurement);

// Thread-safe. Each call has a deadline of some seconds, an upload aside. Unavailable with reason
// ORACLE_UNAVAILABLE and the address when the oracle cannot be reached. An oracle of before there
// were boards has none.
class OracleBoards : public jobs::ProofBoards {
 public:
  // Connects with the first call. `artifacts` are the coordinator's, with the networks; outlives.
  OracleBoards(const std::string& address, const artifacts::ArtifactStore& artifacts);

  absl::StatusOr<std::string> FindBoard(const std::string& device) override;
  absl::StatusOr<std::string> Measure(const jobs::BoardRequest& request) override;
  absl::StatusOr<jobs::BoardMeasurement> Follow(const std::string& measurement,
                                                absl::Duration wait) override;

 private:
  const std::string address_;
  const artifacts::ArtifactStore& artifacts_;
  client::OracleClient oracle_;
  client::BoardClient boards_;
  client::ArtifactClient uploads_;
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_PROOF_ORACLE_BOARDS_H_
