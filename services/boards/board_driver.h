// One board's life: register, lease, measure, report, again.

#ifndef NIWAKI_SERVICES_BOARDS_BOARD_DRIVER_H_
#define NIWAKI_SERVICES_BOARDS_BOARD_DRIVER_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/client/board_lease_client.h"
#include "libs/rpc/backoff.h"
#include "services/boards/described_board.h"
#include "services/boards/held_measurements.h"
#include "services/boards/network_run.h"

namespace niwaki::boards {

// The content of an artifact of the oracle. Unavailable is tried again; other errors are the
// measurement's.
using ReadArtifact = std::function<absl::StatusOr<std::string>(const std::string& digest)>;

struct BoardDriverOptions {
  // Of the process.
  std::string service;
  std::string instance;
  absl::Duration lease_wait = absl::Seconds(10);
  absl::Duration call_timeout = absl::Seconds(10);
  // For a name that another process has.
  absl::Duration name_patience = absl::Seconds(20);
  // While the oracle is away.
  rpc::BackoffOptions backoff;
  // Borrowed; outlives the driver.
  Clock* clock = &Clock::Real();
  std::function<std::string()> new_request_id = &NewUuid;
};

// Thread-safe but for Run.
class BoardDriver {
 public:
  // Borrows client and `held` for its life.
  BoardDriver(BoardDriverOptions options, DescribedBoard board, client::BoardLeaseClient* oracle,
              ReadArtifact read_artifact, HeldMeasurements* held);

  // Works until Stop or until the board is drained: then OK. The oracle's refusal of the board
  // otherwise. While the oracle is away it waits; a report waits with it. Call once.
  absl::Status Run();

  // Ends Run after the measurement that runs and its report; cancel the client's leasing, too.
  void Stop();

 private:
  absl::Status Register();
  // An empty lease_id when told to stop meanwhile.
  absl::StatusOr<v1::LeaseMeasurementResponse> Lease();
  RunOutcome Measure(const v1::MeasurementSpec& spec);
  RunOutcome MeasureNetwork(const v1::NetworkMeasurement& network);
  absl::StatusOr<std::string> Fetch(const std::string& digest);
  absl::Status Report(const v1::LeaseMeasurementResponse& lease, RunOutcome outcome);
  // Calls until an answer comes that another try would not change; Cancelled when told to stop and
  // `stops`.
  absl::Status Insist(const std::function<absl::Status()>& call, bool stops);
  // False when told to stop meanwhile.
  bool Wait(absl::Duration duration);
  bool stopping() const;

  const BoardDriverOptions options_;
  const DescribedBoard board_;
  client::BoardLeaseClient* const oracle_;
  const ReadArtifact read_artifact_;
  HeldMeasurements* const held_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_BOARD_DRIVER_H_
