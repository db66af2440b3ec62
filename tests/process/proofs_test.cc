// A worker that proves may die at any moment: before the upload nothing is there, after it the next
// one finds the same bytes.

#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/client/fake_artifact_service.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/rpc/server.h"
#include "services/worker/fake_coordinator.h"
#include "tests/process/child_process.h"

namespace niwaki::testing {
namespace {

constexpr char kFakeWorker[] = "services/worker/fake_worker";
constexpr absl::Duration kPatience = absl::Seconds(60);

class ProofsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions options;
    options.services = {&coordinator_, &artifacts_};
    auto server = rpc::Server::Start(options);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown(absl::ZeroDuration());
  }

  std::unique_ptr<ChildProcess> Start(const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"--coordinator", server_->address(), "--name",
                                          "prover",        "--no-fetch",       "--prove"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto child = ChildProcess::Start(kFakeWorker, arguments,
                                     absl::StrCat(::testing::TempDir(), "/worker.log"));
    EXPECT_THAT(child, IsOk());
    return *std::move(child);
  }

  worker::FakeCoordinator coordinator_;
  client::FakeArtifactService artifacts_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(ProofsTest, DeathBetweenUploadAndReportIsHarmless) {
  coordinator_.AddProof("net", engine::kQuantiserVersion);
  const auto first = Start({"--die-after-upload", "1"});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int code, first->Wait(kPatience));
  EXPECT_EQ(code, 128 + SIGKILL);
  EXPECT_TRUE(coordinator_.reports().empty());
  const int64_t moved = artifacts_.moved_bytes();
  EXPECT_GT(moved, 0);

  // The lease has run out: another worker gets the candidate.
  coordinator_.AddProof("net", engine::kQuantiserVersion);
  const auto second = Start({});
  ASSERT_TRUE(coordinator_.AwaitReports(1));
  second->Signal(SIGTERM);

  EXPECT_EQ(*second->Wait(kPatience), 0);
  const v1::Int8Network network = coordinator_.reports().at("lease-1").network();
  EXPECT_TRUE(artifacts_.Has(network.digest()));
  // What the dead one stored is what this one reports.
  EXPECT_EQ(artifacts_.moved_bytes(), moved);
}

TEST_F(ProofsTest, DeathDuringAProofLeavesNothing) {
  coordinator_.AddProof("net", engine::kQuantiserVersion);
  const auto worker = Start({"--die-at", "1"});

  EXPECT_EQ(*worker->Wait(kPatience), 128 + SIGKILL);
  EXPECT_EQ(artifacts_.moved_bytes(), 0);
  EXPECT_TRUE(coordinator_.reports().empty());
}

TEST_F(ProofsTest, InterruptedUploadIsRepeated) {
  artifacts_.BreakTransfers(2, 0);
  coordinator_.AddProof("net", engine::kQuantiserVersion);
  const auto worker = Start({});

  ASSERT_TRUE(coordinator_.AwaitReports(1));
  EXPECT_TRUE(artifacts_.Has(coordinator_.reports().at("lease-0").network().digest()));
}

}  // namespace
}  // namespace niwaki::testing
