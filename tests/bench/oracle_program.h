// An oracle as users run it: a process of its own, on a free port of the loopback interface.

#ifndef NIWAKI_TESTS_BENCH_ORACLE_PROGRAM_H_
#define NIWAKI_TESTS_BENCH_ORACLE_PROGRAM_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/cli/cluster/child_process.h"

namespace niwaki::bench {

// Ends with its object. Not thread-safe.
class OracleProgram {
 public:
  // Starts niwaki-oracle from this program's runfiles, with database and log in `folder`, and waits
  // until it serves. FailedPrecondition when it ends at once or is not there.
  static absl::StatusOr<std::unique_ptr<OracleProgram>> Start(const std::string& folder);

  // "host:port".
  const std::string& address() const { return address_; }

 private:
  OracleProgram(std::unique_ptr<cli::ChildProcess> process, std::string address)
      : process_(std::move(process)), address_(std::move(address)) {}

  const std::unique_ptr<cli::ChildProcess> process_;
  const std::string address_;
};

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_ORACLE_PROGRAM_H_
