// Which of several processes of one training this is, as launchers say it in the environment.

#ifndef NIWAKI_LIBS_TRAIN_RANKS_RANK_ENVIRONMENT_H_
#define NIWAKI_LIBS_TRAIN_RANKS_RANK_ENVIRONMENT_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::train {

struct RankEnvironment {
  int rank = 0;
  int world_size = 1;
  // Among the processes of this machine; -1 when the launcher does not say.
  int local_rank = -1;
  // Where the processes meet: rank 0 listens there, unless the launcher does.
  std::string master_address = "127.0.0.1";
  int master_port = 0;
  // The launcher holds the meeting point and rank 0 only calls, as the others do (torchrun).
  bool launcher_listens = false;
  // Network interface for the exchange; empty for the one of this machine's name.
  std::string interface;

  // Value of a variable, or null; `getenv` by another name.
  using Lookup = std::function<const char*(const char*)>;

  // Reads RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, and where they are set LOCAL_RANK,
  // TORCHELASTIC_USE_AGENT_STORE and GLOO_SOCKET_IFNAME. Without WORLD_SIZE, or with 1, the
  // training is one process. InvalidArgument with reason ARGUMENT_INVALID names a variable that is
  // absent, not a number or out of range.
  static absl::StatusOr<RankEnvironment> Read(const Lookup& lookup);

  // What CUDA_VISIBLE_DEVICES is to become, from what it is ("" when it is not set), so that this
  // process has a GPU of its own: the local rank's. Unchanged without a local rank.
  // FailedPrecondition with reason TOOL_MISSING when it names fewer GPUs.
  absl::StatusOr<std::string> OwnGpu(absl::string_view visible) const;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RANKS_RANK_ENVIRONMENT_H_
