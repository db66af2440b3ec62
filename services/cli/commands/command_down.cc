// niwaki down: stops the cluster of a data folder.

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "services/cli/cluster/cluster_file.h"
#include "services/cli/cluster/cluster_lock.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/program/argument_checks.h"

namespace niwaki::cli {
namespace {

struct DownOptions {
  double timeout_s = 90;
};

absl::Status RunDown(Session& session, const DownOptions& options) {
  const std::string dir = session.data_dir();
  const std::optional<int64_t> pid = ClusterLock::Holder(dir);
  if (!pid.has_value() && unlink(ClusterFilePath(dir).c_str()) == 0) {
    // It was killed, and its children with it.
    if (session.json()) {
      session.PrintJson(Json{{"stopped", nullptr}});
    } else {
      session.out() << "the cluster in '" << dir << "' had ended already\n";
    }
    return absl::OkStatus();
  }
  if (!pid.has_value() || *pid <= 1) {
    return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
        .Field("--data-dir")
        .Value(dir)
        .Message(absl::StrCat("no cluster runs in '", dir, "'"));
  }
  if (kill(static_cast<pid_t>(*pid), SIGTERM) != 0) {
    return ErrnoToStatus(errno, absl::StrCat("process ", *pid));
  }
  Clock& clock = *session.options().clock;
  const absl::Time deadline = clock.Now() + absl::Seconds(options.timeout_s);
  while (ClusterLock::Holder(dir) == pid) {
    if (clock.Now() >= deadline) {
      return Error(absl::StatusCode::kDeadlineExceeded, reason::kSystemError)
          .Field("--timeout")
          .Value(options.timeout_s)
          .Message(absl::StrCat("process ", *pid, " still stops its cluster"));
    }
    clock.Sleep(absl::Milliseconds(50));
  }
  if (session.json()) {
    session.PrintJson(Json{{"stopped", *pid}});
  } else {
    session.out() << "the cluster in '" << dir << "' has stopped\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddDownCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<DownOptions>();
  CLI::App* down = AddSubcommand(app, "down", "Stop the cluster of a data folder",
                                 "niwaki down --data-dir ./demo");
  down->add_option("--timeout", options->timeout_s, "Seconds to wait for its end")
      ->check(program::AboveZero())
      ->capture_default_str();
  SetAction(down, session, options, RunDown);
}

}  // namespace niwaki::cli
