// A profile as it goes on: measurements asked for and followed until nothing is left.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_PROFILE_RUN_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_PROFILE_RUN_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/client/board_client.h"
#include "libs/latency/op_form.h"
#include "proto/niwaki/v1/board_service.pb.h"
#include "services/cli/commands/oracle/profile_plan.h"

namespace niwaki::cli {

struct ProfileOutcome {
  int64_t measured = 0;
  // By operator: why it has no figures.
  std::map<OperatorKey, std::string> failed;
  // Told to stop before the end.
  bool stopped = false;
};

struct ProfileRunOptions {
  int samples = 2;
  int64_t seed = 1;
  // Measurements at a time for each board: one runs, one waits.
  int in_flight = 2;
  // For a board to be there again.
  absl::Duration patience = absl::Minutes(1);
  // Borrowed; outlives the run.
  Clock* clock = &Clock::Real();
  // Called now and then with the operators that have ended.
  std::function<void(int64_t ended)> on_progress;
  // Asked now and then.
  std::function<bool()> stopping;
};

// Blocks until every batch has ended or it is told to stop; what is asked for by then is measured
// all the same. A batch that is itself to blame is halved until the operators are found that spoil
// it. Unavailable where no board has been there for `patience`; errors of the client.
absl::StatusOr<ProfileOutcome> RunProfile(client::BoardClient& client, const ProfileBoards& boards,
                                          std::vector<std::vector<latency::EmittedOp>> batches,
                                          const ProfileRunOptions& options);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_PROFILE_RUN_H_
