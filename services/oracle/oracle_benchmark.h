// How fast the oracle answers over gRPC on the loopback interface, for the project's benchmark
// runner. The space is `mcunet`, the device `stm32f746`, the subnets are sampled beforehand from a
// fixed seed.

#ifndef NIWAKI_SERVICES_ORACLE_ORACLE_BENCHMARK_H_
#define NIWAKI_SERVICES_ORACLE_ORACLE_BENCHMARK_H_

#include <string>

#include "absl/status/statusor.h"

namespace niwaki::oracle {

enum class SubnetForm { kGenes, kJson };

// Subnets per second, `clients` of them asking for batches of 256 without pause for about
// `seconds`; clients and server run in this process. `folder` gets the database.
absl::StatusOr<double> BatchedSubnetsPerSecond(const std::string& folder, int clients,
                                               SubnetForm form, double seconds);

// The 99th percentile, in milliseconds, of `queries` calls for one subnet each, one after the
// other, of the oracle at `address`.
absl::StatusOr<double> SingleQueryP99Ms(const std::string& address, int queries);

// The same of an oracle within this process, with its database in `folder`. Slower: gRPC has one
// poller for all connections of a process, so an answer to the client is often received by a thread
// of the server, which must then wake the client's. Nobody runs an oracle like this outside tests.
absl::StatusOr<double> SingleQueryP99MsWithinProcess(const std::string& folder, int queries);

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_ORACLE_BENCHMARK_H_
