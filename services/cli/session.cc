#include "services/cli/session.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "services/cli/cluster/cluster_lock.h"

namespace niwaki::cli {

Session::Session(SessionOptions options) : options_(std::move(options)) {}

void Session::PrintJson(const Json& json) {
  out() << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string Session::data_dir() const {
  return globals_.data_dir.empty() ? DefaultDataDir(options_.environment) : globals_.data_dir;
}

absl::StatusOr<std::string> Session::FindAddress(const std::string& flag, const char* variable,
                                                 const ClusterMember Cluster::*member,
                                                 const char* name) const {
  advice_ = absl::StrCat("does niwaki-", name, " run there, and may this machine reach it?");
  if (!flag.empty()) return flag;
  const auto value = options_.environment(variable);
  if (value.has_value() && !value->empty()) {
    absl::StrAppend(&advice_, " (the address is from ", variable, ")");
    return *value;
  }
  const absl::StatusOr<Cluster> cluster = ReadClusterFile(data_dir());
  if (cluster.ok() && ClusterLock::Holder(data_dir()).has_value()) {
    advice_ = absl::StrCat("it is of the cluster in '", data_dir(), "', see ", data_dir(), "/logs/",
                           name, ".log and up.log");
    return ((*cluster).*member).address;
  }
  if (cluster.ok()) {
    return Error(absl::StatusCode::kUnavailable, reason::kServiceUnavailable)
        .Field(absl::StrCat("--", name))
        .Value(ClusterFilePath(data_dir()))
        .Message(absl::StrCat("the cluster in '", data_dir(), "' has ended, its process ",
                              cluster->pid,
                              " was killed; start it again with 'niwaki up --data-dir ", data_dir(),
                              "', jobs go on where they were"));
  }
  if (!absl::IsNotFound(cluster.status())) return cluster.status();
  return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
      .Field(absl::StrCat("--", name))
      .Value(ClusterFilePath(data_dir()))
      .Message(absl::StrCat("no ", name, " known: no cluster runs in '", data_dir(),
                            "'; start one with 'niwaki up', or give --", name, " or ", variable));
}

absl::StatusOr<std::shared_ptr<client::CoordinatorClient>> Session::Coordinator() {
  if (coordinator_ == nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string address,
                            FindAddress(globals_.coordinator, "NIWAKI_COORDINATOR",
                                        &Cluster::coordinator, "coordinator"));
    coordinator_ = std::make_shared<client::CoordinatorClient>(address, options_.client);
    peer_ = absl::StrCat("coordinator at ", address);
  }
  return coordinator_;
}

absl::StatusOr<client::OracleClient*> Session::Oracle() {
  if (oracle_ == nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string address, FindAddress(globals_.oracle, "NIWAKI_ORACLE",
                                                                   &Cluster::oracle, "oracle"));
    oracle_ = std::make_unique<client::OracleClient>(address, options_.client);
    peer_ = absl::StrCat("oracle at ", address);
  }
  return oracle_.get();
}

ProgressOptions Session::SideProgress(const std::string& label) const {
  return Progress(label, options_.err, options_.err_terminal, options_.err_fd);
}

ProgressOptions Session::MainProgress(const std::string& label) const {
  return Progress(label, options_.out, options_.out_terminal, options_.out_fd);
}

ProgressOptions Session::Progress(const std::string& label, std::ostream* stream,
                                  const Terminal& terminal, int fd) const {
  ProgressOptions progress;
  progress.style = json()           ? ProgressStyle::kNone
                   : terminal.draws ? ProgressStyle::kBar
                                    : ProgressStyle::kLines;
  progress.out = stream;
  progress.clock = options_.clock;
  progress.label = label;
  progress.columns = terminal.columns;
  progress.terminal_fd = fd;
  return progress;
}

absl::Status Session::Explain(const absl::Status& status) const {
  const bool away = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  // One that was explained already names its service first.
  const bool named = absl::StartsWith(status.message(), "coordinator ") ||
                     absl::StartsWith(status.message(), "oracle ");
  // What the service itself said is not about the way to it.
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  const bool said = detail.reason != reason::kServiceUnavailable &&
                    detail.reason != reason::kDeadlineExceeded && !detail.reason.empty();
  if (!away || peer_.empty() || named || said) return status;
  absl::Status explained(status.code(), absl::StrCat(peer_, ": ", status.message(), "; ", advice_));
  SetErrorDetail(explained, detail);
  return explained;
}

}  // namespace niwaki::cli
