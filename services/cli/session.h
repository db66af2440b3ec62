// What every command has at hand: streams, global options, clients.

#ifndef NIWAKI_SERVICES_CLI_SESSION_H_
#define NIWAKI_SERVICES_CLI_SESSION_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/json.h"
#include "libs/base/process/terminal.h"
#include "libs/base/text/progress_bar.h"
#include "libs/client/client_options.h"
#include "libs/client/coordinator_client.h"
#include "libs/client/oracle_client.h"
#include "services/cli/cluster/cluster_file.h"

namespace niwaki::cli {

struct SessionOptions {
  // Borrowed; outlive the session. Results go to `out`; errors and the progress of side work to
  // `err`.
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  // What each is drawn on; file descriptor -1 for none.
  Terminal out_terminal;
  int out_fd = -1;
  Terminal err_terminal;
  int err_fd = -1;
  Clock* clock = &Clock::Real();
  Environment environment;
  // Of this program, to find its siblings.
  std::string program_path;
  client::ClientOptions client;
};

// What the command line says before and behind the command.
struct GlobalOptions {
  // "host:port"; empty: $NIWAKI_COORDINATOR, else that of the local cluster.
  std::string coordinator;
  // The same with $NIWAKI_ORACLE.
  std::string oracle;
  // Empty: DefaultDataDir.
  std::string data_dir;
  bool json = false;
};

// One run of the program. Not thread-safe.
class Session {
 public:
  explicit Session(SessionOptions options);

  const SessionOptions& options() const { return options_; }
  // Filled in while the command line is read.
  GlobalOptions& globals() { return globals_; }
  bool json() const { return globals_.json; }
  std::ostream& out() { return *options_.out; }
  std::ostream& err() { return *options_.err; }

  // Writes `json` and a line end to `out`; bytes that are not UTF-8 are replaced.
  void PrintJson(const Json& json);

  // False once `out` has refused something: its reader has left (`| head`), or a disk is full. What
  // would only go on printing may end.
  bool out_is_read() const { return options_.out->good(); }

  // The folder of the local cluster.
  std::string data_dir() const;

  // Made at the first call. NotFound when no address is given and no local cluster runs,
  // Unavailable where one has ended without taking its cluster.json away. Shared with the thread
  // that follows a job, which may outlive an interrupted command.
  absl::StatusOr<std::shared_ptr<client::CoordinatorClient>> Coordinator();
  absl::StatusOr<client::OracleClient*> Oracle();

  // A bar for side work, on `err`: none with JSON output.
  ProgressOptions SideProgress(const std::string& label) const;
  // For progress that is the command's result, on `out`.
  ProgressOptions MainProgress(const std::string& label) const;

  // Adds to an Unavailable or DeadlineExceeded that a client returned whom it asked, and what to
  // do.
  absl::Status Explain(const absl::Status& status) const;

  // What the chosen command does; set by its callback.
  std::function<absl::Status()> action;

 private:
  absl::StatusOr<std::string> FindAddress(const std::string& flag, const char* variable,
                                          const ClusterMember Cluster::*member,
                                          const char* name) const;
  ProgressOptions Progress(const std::string& label, std::ostream* stream, const Terminal& terminal,
                           int fd) const;

  const SessionOptions options_;
  GlobalOptions globals_;
  std::shared_ptr<client::CoordinatorClient> coordinator_;
  std::unique_ptr<client::OracleClient> oracle_;
  // "coordinator at 127.0.0.1:5" of the client made last, and what to do where it is silent.
  std::string peer_;
  mutable std::string advice_;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SESSION_H_
