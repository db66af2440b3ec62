#include "services/cli/cluster/local_cluster.h"

#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Stands for a service: writes the address it was told (or one of its own), notes its name when it
// gets SIGTERM.
constexpr char kService[] = R"(#!/bin/sh
dir=$(dirname "$0")
name=$(basename "$0")
echo "$name $*" >> "$dir/starts"
listen=
while [ $# -gt 0 ]; do
  case "$1" in
    --listen) listen=$2 ;;
    --address-file) file=$2 ;;
    --name) name=$2 ;;
  esac
  shift
done
trap 'echo "$name" >> "$dir/stops"; exit 0' TERM
echo "$name" >> "$dir/ready"
case "$listen" in *:0) listen="127.0.0.1:4$$" ;; esac
if [ -n "$file" ]; then echo "$listen" > "$file.part"; mv "$file.part" "$file"; fi
while :; do sleep 0.05; done
)";

class LocalClusterTest : public ::testing::Test {
 protected:
  LocalClusterTest() {
    EXPECT_THAT(MakeFolders(root_), IsOk());
    options_.data_dir = root_ + "/data";
    options_.coordinator_path = Program("coordinator", kService);
    options_.oracle_path = Program("oracle", kService);
    options_.worker_path = Program("worker", kService);
    options_.stop_grace = absl::Seconds(5);
    options_.report = [this](const std::string& line) { absl::StrAppend(&report_, line, "\n"); };
  }

  std::string Program(const std::string& name, const std::string& script) {
    const std::string path = absl::StrCat(root_, "/", name);
    EXPECT_THAT(WriteFileAtomically(path, script), IsOk());
    EXPECT_EQ(chmod(path.c_str(), 0755), 0);
    return path;
  }

  std::string Read(const std::string& name) {
    const auto text = ReadFile(absl::StrCat(root_, "/", name));
    return text.ok() ? *text : "";
  }

  // Waits until the program has set its trap; the test's own limit ends a wait in vain.
  void AwaitReady(const std::string& name) {
    while (Read("ready").find(name + "\n") == std::string::npos) {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  const std::string root_ =
      absl::StrCat(std::getenv("TEST_TMPDIR"), "/",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
  LocalClusterOptions options_;
  std::string report_;
};

TEST_F(LocalClusterTest, StartsInOrderAndStopsInReverse) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Cluster read, ReadClusterFile(options_.data_dir));
  EXPECT_EQ(read.coordinator.address, cluster->description().coordinator.address);
  EXPECT_EQ(read.workers.size(), 2);
  AwaitReady("w0");
  AwaitReady("w1");

  cluster->Stop();

  const std::string starts = Read("starts");
  EXPECT_LT(starts.find("oracle --listen"), starts.find("coordinator --listen"));
  EXPECT_THAT(starts, HasSubstr(absl::StrCat("--oracle ", read.oracle.address)));
  EXPECT_THAT(starts, HasSubstr(absl::StrCat("--coordinator ", read.coordinator.address)));
  const std::string stops = Read("stops");
  EXPECT_THAT(stops,
              ::testing::AnyOf("w0\nw1\ncoordinator\noracle\n", "w1\nw0\ncoordinator\noracle\n"));
  EXPECT_FALSE(FileExists(ClusterFilePath(options_.data_dir)));
}

TEST_F(LocalClusterTest, BoardsKnowTheOracleAndStopBeforeIt) {
  options_.workers = 0;
  options_.boards_path = Program("boards", kService);
  options_.emulated_boards = {"m4", "m7=stm32f746"};
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Cluster read, ReadClusterFile(options_.data_dir));
  ASSERT_EQ(read.boards.size(), 1);
  EXPECT_EQ(read.boards[0].name, "boards");
  AwaitReady("local");

  cluster->Stop();

  EXPECT_THAT(Read("starts"), HasSubstr(absl::StrCat("boards --oracle ", read.oracle.address,
                                                     " --name local --emulated m4,m7=stm32f746 ")));
  EXPECT_EQ(Read("stops"), "local\ncoordinator\noracle\n");
}

TEST_F(LocalClusterTest, SecondClusterInTheFolderIsRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));

  EXPECT_THAT(LocalCluster::Start(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, absl::StrCat("process ", getpid())));
}

TEST_F(LocalClusterTest, CrashedChildComesBackOnItsAddress) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));
  const Cluster before = cluster->description();

  kill(static_cast<pid_t>(before.coordinator.pid), SIGKILL);
  while (cluster->description().coordinator.pid == before.coordinator.pid) {
    cluster->Tick();
    absl::SleepFor(absl::Milliseconds(10));
  }

  EXPECT_THAT(report_, HasSubstr("coordinator ended with signal 9, starting it again"));
  EXPECT_EQ(cluster->description().coordinator.address, before.coordinator.address);
  while (Read("starts").find(absl::StrCat("coordinator --listen ", before.coordinator.address)) ==
         std::string::npos) {
    absl::SleepFor(absl::Milliseconds(10));
  }
}

TEST_F(LocalClusterTest, CrashLoopIsSlowedDown) {
  options_.worker_path = Program("worker", "#!/bin/sh\nexit 1\n");
  options_.workers = 1;
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));

  const absl::Time end = absl::Now() + absl::Milliseconds(900);
  while (absl::Now() < end) {
    cluster->Tick();
    absl::SleepFor(absl::Milliseconds(10));
  }

  // The start, one at once; the next only after a second.
  EXPECT_THAT(report_, HasSubstr("w0 ended with exit code 1, starting it again in 1s; "));
  EXPECT_THAT(report_, Not(HasSubstr("again in 2s")));
}

TEST_F(LocalClusterTest, ServiceThatFailsAtOnceIsQuoted) {
  options_.coordinator_path =
      Program("coordinator", "#!/bin/sh\necho 'the port is taken' >&2\nexit 4\n");

  const auto cluster = LocalCluster::Start(options_);

  EXPECT_THAT(cluster, StatusIs(absl::StatusCode::kInternal, "exit code 4: the port is taken"));
  EXPECT_EQ(ClusterLock::Holder(options_.data_dir), std::nullopt);
}

TEST_F(LocalClusterTest, TakenPortComesWithTheOptionForAnother) {
  options_.oracle_path = Program(
      "oracle",
      "#!/bin/sh\necho 'niwaki-oracle: address x is in use by another program' >&2\nexit 1\n");

  const auto cluster = LocalCluster::Start(options_);

  EXPECT_THAT(cluster, HasReason(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse));
  EXPECT_THAT(cluster, StatusIs(absl::StatusCode::kFailedPrecondition, "--oracle-listen"));
}

TEST_F(LocalClusterTest, ChildThatEndsIsQuotedInTheClusterFile) {
  options_.worker_path = Program("worker", "#!/bin/sh\necho 'no room on the disk'\nexit 3\n");
  options_.workers = 1;
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));
  EXPECT_EQ(cluster->description().workers[0].trouble, "");

  while (cluster->description().workers[0].trouble.empty()) {
    cluster->Tick();
    absl::SleepFor(absl::Milliseconds(10));
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Cluster read, ReadClusterFile(options_.data_dir));
  EXPECT_THAT(read.workers[0].trouble, HasSubstr("ended with exit code 3: no room on the disk"));
  EXPECT_THAT(report_, HasSubstr("starting it again; w0 ended with exit code 3: no room"));
}

TEST_F(LocalClusterTest, ServiceThatNeverListensIsGivenUp) {
  options_.oracle_path = Program("oracle", "#!/bin/sh\nexec sleep 1000\n");
  options_.start_timeout = absl::Milliseconds(200);

  EXPECT_THAT(LocalCluster::Start(options_),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "oracle does not listen"));
}

TEST_F(LocalClusterTest, StubbornChildIsKilledAfterTheGrace) {
  options_.worker_path = Program(
      "worker",
      "#!/bin/sh\ntrap '' TERM\necho w0 >> $(dirname $0)/ready\nwhile :; do sleep 0.05; done\n");
  options_.workers = 1;
  options_.stop_grace = absl::Milliseconds(300);
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, LocalCluster::Start(options_));
  const int64_t pid = cluster->description().workers[0].pid;
  AwaitReady("w0");

  cluster->Stop();

  EXPECT_NE(kill(static_cast<pid_t>(pid), 0), 0);
}

TEST_F(LocalClusterTest, InterruptEndsTheStart) {
  options_.oracle_path = Program("oracle", "#!/bin/sh\nexec sleep 1000\n");
  options_.interrupted = [] { return true; };

  EXPECT_THAT(LocalCluster::Start(options_), StatusIs(absl::StatusCode::kCancelled, ""));
}

TEST_F(LocalClusterTest, NumberOfWorkersIsBounded) {
  options_.workers = -1;

  EXPECT_THAT(LocalCluster::Start(options_), StatusIs(absl::StatusCode::kInvalidArgument,
                                                      "--workers is -1; it must be 0 to 1024"));
}

}  // namespace
}  // namespace niwaki::cli
