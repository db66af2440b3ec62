#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "services/cli/cluster/cluster_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {R"({"version": 1, "pid": 4711,
"coordinator": {"name": "coordinator", "address": "127.0.0.1:50051", "pid": 4713},
"oracle": {"name": "oracle", "address": "127.0.0.1:50052", "pid": 4712},
"workers": [{"name": "w0", "pid": 4714}]})"};
}

bool Run(absl::string_view input) {
  const auto cluster = cli::Cluster::FromJson(input, "input");
  if (!cluster.ok()) return false;
  NIWAKI_CHECK(cli::Cluster::FromJson(cluster->ToJson(), "again").ok());
  return true;
}

}  // namespace niwaki::fuzz
