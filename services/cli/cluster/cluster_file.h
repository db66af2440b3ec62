// cluster.json: where the local cluster of a data folder listens. Written by `niwaki up`, read by
// the other commands.
//
//   {"version": 1, "pid": 4711,
//    "coordinator": {"name": "coordinator", "address": "127.0.0.1:50051", "pid": 4713},
//    "oracle": {"name": "oracle", "address": "127.0.0.1:50052", "pid": 4712},
//    "workers": [{"name": "w0", "pid": 4714}],
//    "boards": [{"name": "boards", "pid": 4715}]}

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_CLUSTER_FILE_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_CLUSTER_FILE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::cli {

struct ClusterMember {
  // "coordinator", "oracle", "w0".
  std::string name;
  // "host:port"; empty for workers.
  std::string address;
  int64_t pid = 0;
  // How it ended last, where that was in the last minute; else empty, as in files of before.
  std::string trouble;
};

struct Cluster {
  // Of `niwaki up`.
  int64_t pid = 0;
  ClusterMember coordinator;
  ClusterMember oracle;
  std::vector<ClusterMember> workers;
  // One niwaki-boards, or none; none in files of before.
  std::vector<ClusterMember> boards;

  std::string ToJson() const;
  // InvalidArgument with reason FILE_MALFORMED, naming `what`.
  static absl::StatusOr<Cluster> FromJson(absl::string_view text, absl::string_view what);
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The folder that a cluster uses unless told otherwise: $NIWAKI_DATA_DIR, else
// $XDG_STATE_HOME/niwaki where that variable is set, else ./niwaki-data.
std::string DefaultDataDir(const Environment& environment);

std::string ClusterFilePath(const std::string& data_dir);

// NotFound when there is none.
absl::StatusOr<Cluster> ReadClusterFile(const std::string& data_dir);
absl::Status WriteClusterFile(const std::string& data_dir, const Cluster& cluster);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_CLUSTER_FILE_H_
