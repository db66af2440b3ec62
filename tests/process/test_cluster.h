// A whole local cluster of real programs on ports of the operating system's choice, to be killed
// and started again.

#ifndef NIWAKI_TESTS_PROCESS_TEST_CLUSTER_H_
#define NIWAKI_TESTS_PROCESS_TEST_CLUSTER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/client/coordinator_client.h"
#include "tests/process/child_process.h"

namespace niwaki::testing {

struct TestClusterOptions {
  // An empty folder.
  std::string folder;
  double lease_ttl_s = 2;
  // Milliseconds that the fake workers take for a score.
  int score_ms = 5;
  // Seconds that a worker may score one candidate.
  double max_lease_s = 900;
  // Of the oracle, besides the usual ones.
  std::vector<std::string> oracle_flags;
};

// Oracle and coordinator are the real programs; workers are the real worker loop with a scorer that
// computes a pure function of the subnet instead of running it. Not thread-safe.
class TestCluster {
 public:
  // Starts oracle and coordinator and registers the supernet "kws".
  static absl::StatusOr<std::unique_ptr<TestCluster>> Start(TestClusterOptions options);

  absl::Status StartOracle();
  // On the address it had before, if it had one.
  absl::Status StartCoordinator();
  // With `flags` of the fake worker besides the usual ones.
  absl::Status StartWorker(const std::string& name, const std::vector<std::string>& flags = {});

  ChildProcess& oracle() { return *oracle_; }
  ChildProcess& coordinator() { return *coordinator_; }
  ChildProcess& worker(const std::string& name) { return *workers_.at(name); }
  client::CoordinatorClient& client() { return *client_; }
  const std::string& oracle_address() const { return oracle_address_; }
  const std::string& coordinator_address() const { return coordinator_address_; }

  // What the programs said, for messages of failed tests.
  std::string Logs() const;

 private:
  explicit TestCluster(TestClusterOptions options) : options_(std::move(options)) {}
  absl::Status RegisterSupernet();
  std::string Path(const std::string& name) const { return options_.folder + "/" + name; }

  TestClusterOptions options_;
  std::string oracle_address_;
  std::string coordinator_address_;
  std::unique_ptr<ChildProcess> oracle_;
  std::unique_ptr<ChildProcess> coordinator_;
  std::map<std::string, std::unique_ptr<ChildProcess>> workers_;
  std::unique_ptr<client::CoordinatorClient> client_;
};

// Path of a program below the repository's root: "services/oracle/niwaki-oracle".
std::string ProgramPath(const std::string& path);

// What a finished job found, as text that is equal exactly when the result is, bit for bit: every
// candidate with its subnet, state, cost and score, and the front.
absl::StatusOr<std::string> ResultText(client::CoordinatorClient& client, const std::string& job);

}  // namespace niwaki::testing

#endif  // NIWAKI_TESTS_PROCESS_TEST_CLUSTER_H_
