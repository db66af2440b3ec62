#include "tests/process/test_cluster.h"

#include <stdlib.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/client/artifact_client.h"

namespace niwaki::testing {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(30);

// A supernet file without tensors: all that a coordinator looks at.
std::string SupernetFile(const arch::SearchSpace& space) {
  Json manifest;
  manifest["format_version"] = 1;
  manifest["space"] = space.ToTextproto();
  manifest["space_structure"] = space.structure().ToHex();
  Json header;
  header["__metadata__"]["niwaki.manifest"] = manifest.dump();
  const std::string text = header.dump();
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(text.size() >> (8 * i)));
  return bytes + text;
}

}  // namespace

std::string ProgramPath(const std::string& path) {
  const char* runfiles = getenv("TEST_SRCDIR");
  const char* workspace = getenv("TEST_WORKSPACE");
  return absl::StrCat(runfiles == nullptr ? "." : runfiles, "/",
                      workspace == nullptr ? "" : workspace, "/", path);
}

absl::StatusOr<std::unique_ptr<TestCluster>> TestCluster::Start(TestClusterOptions options) {
  NIWAKI_RETURN_IF_ERROR(MakeFolders(options.folder));
  std::unique_ptr<TestCluster> cluster(new TestCluster(std::move(options)));
  NIWAKI_RETURN_IF_ERROR(cluster->StartOracle());
  NIWAKI_RETURN_IF_ERROR(cluster->StartCoordinator());
  NIWAKI_RETURN_IF_ERROR(cluster->RegisterSupernet());
  return cluster;
}

absl::Status TestCluster::StartOracle() {
  const std::string address_file = Path("oracle.address");
  unlink(address_file.c_str());
  std::vector<std::string> arguments = {
      "--listen",       oracle_address_.empty() ? "127.0.0.1:0" : oracle_address_,
      "--data-dir",     Path("oracle"),
      "--address-file", address_file};
  arguments.insert(arguments.end(), options_.oracle_flags.begin(), options_.oracle_flags.end());
  NIWAKI_ASSIGN_OR_RETURN(oracle_, ChildProcess::Start(ProgramPath("services/oracle/niwaki-oracle"),
                                                       arguments, Path("oracle.log")));
  NIWAKI_ASSIGN_OR_RETURN(oracle_address_, AwaitFile(address_file, kStartTimeout));
  return absl::OkStatus();
}

absl::Status TestCluster::StartCoordinator() {
  const std::string address_file = Path("coordinator.address");
  unlink(address_file.c_str());
  NIWAKI_ASSIGN_OR_RETURN(
      coordinator_,
      ChildProcess::Start(
          ProgramPath("services/coordinator/niwaki-coordinator"),
          {"--listen", coordinator_address_.empty() ? "127.0.0.1:0" : coordinator_address_,
           "--data-dir", Path("coordinator"), "--oracle", oracle_address_, "--lease-ttl",
           absl::StrCat(options_.lease_ttl_s), "--max-lease", absl::StrCat(options_.max_lease_s),
           "--max-strikes", "1000", "--address-file", address_file},
          Path("coordinator.log")));
  NIWAKI_ASSIGN_OR_RETURN(coordinator_address_, AwaitFile(address_file, kStartTimeout));
  if (client_ == nullptr) {
    client_ = std::make_unique<client::CoordinatorClient>(coordinator_address_);
  }
  return client_->WaitUntilServing(kStartTimeout);
}

absl::Status TestCluster::StartWorker(const std::string& name,
                                      const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {"--coordinator",
                                        coordinator_address_,
                                        "--name",
                                        name,
                                        "--cache-dir",
                                        Path("cache"),
                                        "--no-fetch",
                                        "--delay-ms",
                                        absl::StrCat(options_.score_ms),
                                        "--max-candidates",
                                        "4"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  NIWAKI_ASSIGN_OR_RETURN(workers_[name],
                          ChildProcess::Start(ProgramPath("services/worker/fake_worker"), arguments,
                                              Path(name + ".log")));
  return absl::OkStatus();
}

absl::Status TestCluster::RegisterSupernet() {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(Path("supernet"), SupernetFile(space)));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(Path("data"), "evaluation data"));
  client::ArtifactClient artifacts(client_->channel());
  v1::Supernet supernet;
  supernet.set_name("supernets/kws");
  NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact weights, artifacts.Upload(Path("supernet")));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact data, artifacts.Upload(Path("data")));
  supernet.set_digest(weights.digest());
  supernet.set_data_digest(data.digest());
  *supernet.mutable_space() = space.ToMessage();
  return client_->RegisterSupernet(supernet).status();
}

std::string TestCluster::Logs() const {
  std::string logs;
  const auto names = ListFolder(options_.folder);
  if (!names.ok()) return std::string(names.status().message());
  for (const std::string& name : *names) {
    if (name.size() < 4 || name.substr(name.size() - 4) != ".log") continue;
    absl::StrAppend(&logs, "--- ", name, "\n", ReadFile(Path(name)).value_or(""));
  }
  return logs;
}

absl::StatusOr<std::string> ResultText(client::CoordinatorClient& client, const std::string& job) {
  std::string text;
  NIWAKI_RETURN_IF_ERROR(client.ForEachCandidate(
      job, v1::CANDIDATE_STATE_UNSPECIFIED, [&text](const v1::Candidate& c) {
        absl::StrAppendFormat(&text, "%d %s %s %d sram %d flash %d latency %a top1 %a loss %a\n",
                              c.slot(), c.subnet_id(), c.subnet_json(), c.state(),
                              c.cost().sram_bytes(), c.cost().flash_bytes(),
                              c.cost().latency_us().value(), c.score().top1(), c.score().loss());
        return true;
      }));
  NIWAKI_ASSIGN_OR_RETURN(const client::Front front, client.GetFront(job));
  for (const v1::Candidate& c : front.candidates) absl::StrAppend(&text, "front ", c.slot(), "\n");
  return text;
}

}  // namespace niwaki::testing
