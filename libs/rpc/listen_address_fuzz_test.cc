#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/rpc/listen_address.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() { return {"127.0.0.1:0", "[::1]:50051", "localhost:65535"}; }

bool Run(absl::string_view input) {
  const auto address = rpc::ParseListenAddress(input);
  if (!address.ok()) return false;
  NIWAKI_CHECK(address->port >= 0 && address->port <= 65535);
  const auto again = rpc::ParseListenAddress(address->ToString());
  NIWAKI_CHECK(again.ok() && again->host == address->host && again->port == address->port);
  return true;
}

}  // namespace niwaki::fuzz
