// EagerPeer: the same network in eager PyTorch, in a process of its own (eager.py), to measure
// against in the same run.
//
//   NIWAKI_ASSIGN_OR_RETURN(auto peer, EagerPeer::Start());
//   NIWAKI_RETURN_IF_ERROR(peer->Load(space, {graph}));
//   NIWAKI_ASSIGN_OR_RETURN(double seconds, peer->CpuSeconds({{"do", "evaluate"}, …}));

#ifndef NIWAKI_TESTS_BENCH_EAGER_PEER_H_
#define NIWAKI_TESTS_BENCH_EAGER_PEER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/base/json.h"

namespace niwaki::bench {

// The operators of `graph` with their channels and weights by name, as eager.py reads them.
Json GraphJson(const arch::Graph& graph);

class EagerPeer {
 public:
  // FailedPrecondition with reason TOOL_MISSING where the program or PyTorch is not there.
  static absl::StatusOr<std::unique_ptr<EagerPeer>> Start();
  // Ends the process.
  ~EagerPeer();
  EagerPeer(const EagerPeer&) = delete;
  EagerPeer& operator=(const EagerPeer&) = delete;

  const std::string& torch_version() const { return torch_version_; }

  // Fresh weights for `graphs`, the largest first, whose slices the others use.
  absl::Status Load(const arch::SearchSpace& space, const std::vector<arch::Graph>& graphs);

  // What `request` (eager.py) took there.
  absl::StatusOr<double> CpuSeconds(const Json& request);

 private:
  EagerPeer(int pid, int socket) : pid_(pid), socket_(socket) {}

  absl::StatusOr<Json> Ask(const Json& request);

  const int pid_;
  const int socket_;
  std::string torch_version_;
};

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_EAGER_PEER_H_
