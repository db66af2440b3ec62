#include "services/cli/cluster/local_cluster.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "services/cli/cluster/log_tail.h"

namespace niwaki::cli {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(20);
constexpr absl::Duration kFirstBackoff = absl::Seconds(1);
constexpr absl::Duration kMaxBackoff = absl::Seconds(30);
// A child that has lived this long starts over with its backoff.
constexpr absl::Duration kStableAfter = absl::Minutes(1);

}  // namespace

absl::Status LocalClusterOptions::Validate() const {
  constexpr int kMaxWorkers = 1024;
  return CheckRange("--workers", workers, 0, kMaxWorkers);
}

LocalCluster::LocalCluster(LocalClusterOptions options, std::unique_ptr<ClusterLock> lock)
    : options_(std::move(options)), lock_(std::move(lock)) {}

LocalCluster::~LocalCluster() { Stop(); }

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(LocalClusterOptions options) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  const std::string& dir = options.data_dir;
  NIWAKI_RETURN_IF_ERROR(MakeFolders(absl::StrCat(dir, "/logs")));
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<ClusterLock> lock, ClusterLock::Acquire(dir));
  for (const char* folder : {"coordinator", "oracle"}) {
    NIWAKI_RETURN_IF_ERROR(MakeFolders(absl::StrCat(dir, "/", folder)));
  }
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(std::move(options), std::move(lock)));
  NIWAKI_RETURN_IF_ERROR(cluster->StartAll());
  return cluster;
}

absl::Status LocalCluster::StartAll() {
  const std::string& dir = options_.data_dir;
  oracle_.name = "oracle";
  oracle_.child.path = options_.oracle_path;
  oracle_.child.arguments = {"--data-dir", absl::StrCat(dir, "/oracle")};
  NIWAKI_ASSIGN_OR_RETURN(description_.oracle.address,
                          StartService(&oracle_, options_.oracle_listen));

  coordinator_.name = "coordinator";
  coordinator_.child.path = options_.coordinator_path;
  coordinator_.child.arguments = {"--data-dir", absl::StrCat(dir, "/coordinator"), "--oracle",
                                  description_.oracle.address};
  NIWAKI_ASSIGN_OR_RETURN(description_.coordinator.address,
                          StartService(&coordinator_, options_.coordinator_listen));

  const int cores = std::max<int>(1, std::thread::hardware_concurrency());
  const int threads = options_.worker_threads > 0
                          ? options_.worker_threads
                          : std::max(1, cores / std::max(1, options_.workers));
  workers_.resize(options_.workers);
  for (int i = 0; i < options_.workers; ++i) {
    Member& worker = workers_[i];
    worker.name = absl::StrCat("w", i);
    worker.child.path = options_.worker_path;
    worker.child.arguments = {
        "--coordinator", description_.coordinator.address, "--name",    worker.name,
        "--cache-dir",   absl::StrCat(dir, "/cache"),      "--threads", absl::StrCat(threads)};
    NIWAKI_RETURN_IF_ERROR(StartMember(&worker));
  }
  NIWAKI_RETURN_IF_ERROR(StartBoards());
  return WriteDescription();
}

absl::Status LocalCluster::StartBoards() {
  if (options_.boards_path.empty()) return absl::OkStatus();
  Member& boards = boards_.emplace_back();
  boards.name = "boards";
  boards.child.path = options_.boards_path;
  boards.child.arguments = {"--oracle",        description_.oracle.address,
                            "--name",          "local",
                            "--emulated",      absl::StrJoin(options_.emulated_boards, ","),
                            "--cache-dir",     absl::StrCat(options_.data_dir, "/cache"),
                            "--drain-timeout", "5"};
  return StartMember(&boards);
}

absl::StatusOr<std::string> LocalCluster::StartService(Member* member, const std::string& listen) {
  member->address_file = absl::StrCat(options_.data_dir, "/", member->name, "/address");
  unlink(member->address_file.c_str());
  std::vector<std::string>& arguments = member->child.arguments;
  arguments.insert(arguments.begin(), {"--listen", listen, "--address-file", member->address_file});
  NIWAKI_RETURN_IF_ERROR(StartMember(member));
  NIWAKI_ASSIGN_OR_RETURN(const std::string address, AwaitAddress(member));
  // A restart must come back where the others know it.
  arguments[1] = address;
  Report(absl::StrCat(member->name, " listening on ", address));
  return address;
}

absl::StatusOr<std::string> LocalCluster::AwaitAddress(Member* member) {
  constexpr int64_t kMaxAddress = 1024;
  const absl::Time deadline = options_.clock->Now() + options_.start_timeout;
  while (options_.clock->Now() < deadline) {
    const absl::StatusOr<std::string> address = ReadFile(member->address_file, kMaxAddress);
    if (address.ok()) return std::string(absl::StripAsciiWhitespace(*address));
    if (!member->process->Running()) {
      return StartError(member->name, absl::StrCat("the ", member->name, " ", EndOf(*member)));
    }
    if (options_.interrupted && options_.interrupted()) {
      return absl::CancelledError("interrupted while the cluster started");
    }
    options_.clock->Sleep(kPollInterval);
  }
  return Error(absl::StatusCode::kDeadlineExceeded, reason::kSystemError)
      .Field(member->name)
      .Limit(absl::FormatDuration(options_.start_timeout))
      .Message(absl::StrCat("the ", member->name, " does not listen after ",
                            absl::FormatDuration(options_.start_timeout), " (see ",
                            member->child.log_path, ")"));
}

absl::Status LocalCluster::StartMember(Member* member) {
  member->child.log_path = absl::StrCat(options_.data_dir, "/logs/", member->name, ".log");
  member->log_begin = LogSize(member->child.log_path);
  NIWAKI_ASSIGN_OR_RETURN(member->process, ChildProcess::Start(member->child));
  member->started = options_.clock->Now();
  member->waiting = false;
  return absl::OkStatus();
}

void LocalCluster::Tick() {
  if (stopped_) return;
  TickMember(&oracle_);
  TickMember(&coordinator_);
  for (Member& worker : workers_) TickMember(&worker);
  for (Member& boards : boards_) TickMember(&boards);
}

std::string LocalCluster::EndOf(const Member& member) {
  const std::string last = LastLine(member.child.log_path, member.log_begin);
  return absl::StrCat("ended with ", member.process->Outcome(), last.empty() ? "" : ": ", last,
                      " (see ", member.child.log_path, ")");
}

void LocalCluster::TickMember(Member* member) {
  const absl::Time now = options_.clock->Now();
  if (member->process->Running()) {
    if (member->trouble.empty() || now - member->started < kStableAfter) return;
    member->trouble.clear();
    const absl::Status status = WriteDescription();
    if (!status.ok()) Report(std::string(status.message()));
    return;
  }
  if (!member->waiting) {
    if (now - member->started >= kStableAfter) member->backoff = absl::ZeroDuration();
    member->restart_at = now + member->backoff;
    member->waiting = true;
    member->trouble = EndOf(*member);
    Report(absl::StrCat(member->name, " ended with ", member->process->Outcome(),
                        ", starting it again",
                        member->backoff > absl::ZeroDuration()
                            ? absl::StrCat(" in ", absl::FormatDuration(member->backoff))
                            : "",
                        "; ", member->name, " ", member->trouble));
  }
  if (now < member->restart_at) return;
  member->backoff = std::clamp(2 * member->backoff, kFirstBackoff, kMaxBackoff);
  absl::Status status = StartMember(member);
  if (status.ok()) status = WriteDescription();
  if (!status.ok()) {
    Report(absl::StrCat(member->name, ": ", std::string(status.message())));
    member->restart_at = now + member->backoff;
  }
}

void LocalCluster::StopMembers(const std::vector<Member*>& members, absl::Time deadline) {
  for (Member* member : members) {
    if (member->process != nullptr) member->process->Signal(SIGTERM);
  }
  for (Member* member : members) {
    if (member->process == nullptr) continue;
    while (member->process->Running() && options_.clock->Now() < deadline) {
      options_.clock->Sleep(kPollInterval);
    }
    if (member->process->Running()) Report(absl::StrCat(member->name, " does not stop, killed"));
    member->process.reset();
  }
}

void LocalCluster::Stop() {
  if (stopped_) return;
  stopped_ = true;
  const absl::Time deadline = options_.clock->Now() + options_.stop_grace;
  std::vector<Member*> workers;
  for (Member& worker : workers_) workers.push_back(&worker);
  for (Member& boards : boards_) workers.push_back(&boards);
  StopMembers(workers, deadline);
  StopMembers({&coordinator_}, deadline);
  StopMembers({&oracle_}, deadline);
  unlink(ClusterFilePath(options_.data_dir).c_str());
}

absl::Status LocalCluster::WriteDescription() {
  description_.pid = getpid();
  description_.oracle.name = oracle_.name;
  description_.oracle.trouble = oracle_.trouble;
  description_.oracle.pid = oracle_.process->pid();
  description_.coordinator.name = coordinator_.name;
  description_.coordinator.trouble = coordinator_.trouble;
  description_.coordinator.pid = coordinator_.process->pid();
  description_.workers.clear();
  for (const Member& worker : workers_) {
    description_.workers.push_back({worker.name, "", worker.process->pid(), worker.trouble});
  }
  description_.boards.clear();
  for (const Member& boards : boards_) {
    description_.boards.push_back({boards.name, "", boards.process->pid(), boards.trouble});
  }
  return WriteClusterFile(options_.data_dir, description_);
}

void LocalCluster::Report(const std::string& line) const {
  if (options_.report) options_.report(line);
}

}  // namespace niwaki::cli
