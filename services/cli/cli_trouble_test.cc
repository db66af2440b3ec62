// What commands say where something stands in their way, against a fake cluster.

#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "services/cli/cli_app.h"
#include "services/cli/cluster/cluster_file.h"
#include "services/cli/cluster/cluster_lock.h"
#include "services/cli/cluster/fake_cluster.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CliTroubleTest : public ::testing::Test {
 protected:
  // Runs one command line against the fake cluster; returns the exit code.
  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    SessionOptions options;
    options.out = &out_;
    options.err = &err_;
    options.program_path = "/nowhere/niwaki";
    options.client.retry.max_attempts = 1;
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto it = environment_.find(name);
      if (it == environment_.end()) return std::nullopt;
      return it->second;
    };
    Session session(std::move(options));
    return RunCli(arguments, session);
  }

  std::string WriteTemporary(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
    EXPECT_THAT(WriteFileAtomically(path, content), IsOk());
    return path;
  }

  std::string JobFile() {
    return WriteTemporary("job.yaml", "supernet: kws\ndevice: stm32f746\nmax_candidates: 8\n");
  }

  FakeCluster cluster_;
  std::map<std::string, std::string> environment_ = {{"NIWAKI_COORDINATOR", cluster_.address()},
                                                     {"NIWAKI_ORACLE", cluster_.address()}};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CliTroubleTest, HealthSaysWhyACoordinatorDoesNotServe) {
  cluster_.jobs().SetTrouble("the disk of /data is full; free some space there");
  // The server looks every second.
  while (!absl::StrContains(err_.str(), "is not serving: the disk")) {
    Run({"health", "coordinator", "--timeout", "0.5"});
  }

  EXPECT_EQ(err_.str(),
            "niwaki: coordinator is not serving: the disk of /data is full; free some space there\n"
            "  field: coordinator\n");
  EXPECT_EQ(Run({"jobs"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\nthe disk of /data is full; free some space there\n"));
}

TEST_F(CliTroubleTest, KilledClusterIsSaidWithTheCommandThatStartsIt) {
  environment_.clear();
  const std::string dir = absl::StrCat(std::getenv("TEST_TMPDIR"), "/killed");
  EXPECT_THAT(MakeFolders(dir), IsOk());
  Cluster left;
  left.pid = 4711;
  left.coordinator = {"coordinator", cluster_.address(), 4712, ""};
  left.oracle = {"oracle", cluster_.address(), 4713, ""};
  EXPECT_THAT(WriteClusterFile(dir, left), IsOk());

  EXPECT_EQ(Run({"jobs", "--data-dir", dir}), 5);

  EXPECT_THAT(err_.str(), AllOf(HasSubstr("process 4711 was killed"),
                                HasSubstr(absl::StrCat("niwaki up --data-dir ", dir))));
  // Its addresses count while somebody holds the folder.
  const auto lock = ClusterLock::Acquire(dir);
  EXPECT_THAT(lock, IsOk());
  EXPECT_EQ(Run({"jobs", "--data-dir", dir}), 0) << err_.str();
}

TEST_F(CliTroubleTest, SilentServiceComesWithAdvice) {
  environment_["NIWAKI_COORDINATOR"] = "127.0.0.1:1";

  EXPECT_EQ(Run({"jobs"}), 5);

  EXPECT_THAT(err_.str(), AllOf(StartsWith("niwaki: coordinator at 127.0.0.1:1: "),
                                HasSubstr("does niwaki-coordinator run there"),
                                HasSubstr("from NIWAKI_COORDINATOR")));
}

TEST_F(CliTroubleTest, LostOracleIsNotTakenForALostCoordinator) {
  cluster_.jobs().FailWith(Error(absl::StatusCode::kUnavailable, reason::kOracleUnavailable)
                               .Message("the oracle at x does not answer; start it again"));

  EXPECT_EQ(Run({"submit", JobFile()}), 5);

  EXPECT_EQ(err_.str(), "niwaki: the oracle at x does not answer; start it again\n");
}

TEST_F(CliTroubleTest, FileOfAKilledClusterIsRemovedByDown) {
  const std::string dir = absl::StrCat(std::getenv("TEST_TMPDIR"), "/left");
  EXPECT_THAT(MakeFolders(dir), IsOk());
  Cluster left;
  left.pid = 4711;
  EXPECT_THAT(WriteClusterFile(dir, left), IsOk());

  EXPECT_EQ(Run({"down", "--data-dir", dir}), 0) << err_.str();

  EXPECT_THAT(out_.str(), HasSubstr("had ended already"));
  EXPECT_FALSE(FileExists(ClusterFilePath(dir)));
  EXPECT_EQ(Run({"down", "--data-dir", dir}), 3);
}

TEST_F(CliTroubleTest, SubmitSaysWhatLimitsAndWhatHolds) {
  cluster_.jobs().EndIn(v1::JOB_STATE_RUNNING, "no worker is there");

  EXPECT_EQ(Run({"submit", JobFile()}), 0);

  EXPECT_THAT(err_.str(), AllOf(HasSubstr("within the device's flash of 1.00 MB (lift that with"),
                                HasSubstr("it waits: no worker is there\n")));
}

TEST_F(CliTroubleTest, HealthNamesJobsThatWait) {
  cluster_.jobs().EndIn(v1::JOB_STATE_RUNNING, "no worker is there");

  EXPECT_EQ(Run({"health"}), 0);

  EXPECT_THAT(out_.str(), AllOf(HasSubstr("coordinator is serving\n"),
                                HasSubstr("demo: no worker is there\n")));
  EXPECT_EQ(Run({"health", "oracle"}), 0);
  EXPECT_EQ(out_.str(), "oracle is serving\n");
  EXPECT_EQ(Run({"health", "--output", "json"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"state_reason\": \"no worker is there\""));
}

TEST_F(CliTroubleTest, JobThatCouldScoreNothingFailsWithItsCause) {
  cluster_.jobs().EndIn(v1::JOB_STATE_FAILED,
                        "none of 6 candidates could be scored: other classes");

  EXPECT_EQ(Run({"jobs"}), 0);

  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr(" FAILED "),
                    HasSubstr("demo: none of 6 candidates could be scored: other classes\n")));
  EXPECT_EQ(Run({"watch", "demo"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("jobs/demo ended FAILED: none of 6 candidates"));
}

TEST_F(CliTroubleTest, DeviceFileOfAnotherNameIsRefused) {
  const std::string table = WriteTemporary("160.yaml",
                                           "Conv-input:160x160x3-output:80x80x24:\n"
                                           "  count: 498\n  mean: 0.5\n  std: 0.01\n");
  const auto device = [&](const std::string& name) {
    return WriteTemporary("named.textproto",
                          absl::StrCat("name: \"", name,
                                       "\" core: \"cortex-a76\" clock_hz: 1 sram_bytes: 1 "
                                       "flash_bytes: 1"));
  };

  EXPECT_EQ(Run({"lut", "import", table, "--device", "phone", "--device-file", device("tablet")}),
            2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("--device says 'phone'"), HasSubstr("'tablet'")));
  EXPECT_EQ(Run({"lut", "import", table, "--device", "phone", "--device-file", device("phone")}), 0)
      << err_.str();
}

}  // namespace
}  // namespace niwaki::cli
