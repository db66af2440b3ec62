// A job proves the members of its front: real oracle, coordinator and niwaki-boards with an
// emulated board, and workers whose int8 networks are real ones. Kills of each of them change
// nothing.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/client/artifact_client.h"
#include "libs/client/board_client.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/rpc/channel.h"
#include "tests/process/child_process.h"
#include "tests/process/test_cluster.h"

namespace niwaki::testing {
namespace {

using ::testing::SizeIs;

constexpr char kJob[] = "jobs/search";
constexpr int kMembers = 3;
// A cross compilation takes seconds, on a machine that is busy a minute.
constexpr absl::Duration kPatience = absl::Minutes(5);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

v1::JobSpec Spec() {
  v1::JobSpec spec;
  spec.set_supernet("supernets/kws");
  spec.set_device("devices/stm32f746");
  spec.add_objectives(v1::METRIC_TOP1);
  spec.add_objectives(v1::METRIC_LATENCY_US);
  spec.mutable_random();
  spec.set_max_candidates(30);
  spec.set_max_parallel(8);
  spec.set_seed(3);
  spec.mutable_proof()->set_members(v1::PROOF_MEMBERS_FRONT);
  spec.mutable_proof()->set_max_members(kMembers);
  spec.mutable_proof()->set_extra_slots(4);
  return spec;
}

// A cluster with a worker that proves and an emulated board.
class Plant {
 public:
  explicit Plant(const std::string& name) : folder_(absl::StrCat(::testing::TempDir(), "/", name)) {
    TestClusterOptions options;
    options.folder = folder_;
    options.oracle_flags = {"--board-ttl", "3"};
    auto cluster = TestCluster::Start(options);
    NIWAKI_EXPECT_OK(cluster.status());
    cluster_ = *std::move(cluster);
    StartWorker();
  }

  TestCluster& cluster() { return *cluster_; }
  client::CoordinatorClient& client() { return cluster_->client(); }

  void StartWorker() { NIWAKI_ASSERT_OK(cluster_->StartWorker("worker", {"--prove"})); }
  void StartBoards() {
    auto started = ChildProcess::Start(
        ProgramPath("services/boards/niwaki-boards"),
        {"--oracle", cluster_->oracle_address(), "--name", "lab", "--cache-dir",
         absl::StrCat(folder_, "/boards-cache"), "--emulated", "m7", "--drain-timeout", "30"},
        absl::StrCat(folder_, "/boards.log"));
    NIWAKI_ASSERT_OK(started.status());
    boards_ = *std::move(started);
    client::BoardClient known(rpc::MakeChannel(cluster_->oracle_address()));
    EXPECT_TRUE(Await([&] {
      const auto list = known.ListBoards();
      return list.ok() && !list->empty() && list->front().connected();
    }));
  }
  ChildProcess& boards() { return *boards_; }

  void Submit(const v1::JobSpec& spec = Spec()) {
    v1::CreateJobRequest request;
    *request.mutable_spec() = spec;
    request.set_job_id("search");
    NIWAKI_ASSERT_OK(client().CreateJob(request).status());
  }

  v1::Job Job() { return client().GetJob(kJob).value_or(v1::Job()); }
  v1::ProofProgress Proofs() { return Job().progress().proof(); }

  bool Await(const std::function<bool()>& condition) {
    Clock& clock = Clock::Real();
    for (const absl::Time end = clock.Now() + kPatience; clock.Now() < end; clock.Sleep(kPoll)) {
      if (condition()) return true;
    }
    ADD_FAILURE() << Job().DebugString() << cluster_->Logs();
    return false;
  }
  bool AwaitEnd() {
    return Await([&] { return client::IsFinal(Job().state()); });
  }

  // Everything that must not depend on who was killed when.
  std::string Result() {
    std::string text = ResultText(client(), kJob).value_or("");
    NIWAKI_EXPECT_OK(client().ForEachCandidate(
        kJob, v1::CANDIDATE_STATE_SCORED, [&text](const v1::Candidate& candidate) {
          if (!candidate.has_proof()) return true;
          const v1::Proof& proof = candidate.proof();
          absl::StrAppend(&text, candidate.slot(), " ", v1::ProofState_Name(proof.state()), " ",
                          proof.reason(), " ", proof.int8_digest(), " ", proof.int8_score().top1(),
                          " ", proof.figures().count(), " ", proof.figures().outputs_digest(), " ",
                          proof.figures().bill_digest(), "\n");
          return true;
        }));
    return text;
  }

 private:
  const std::string folder_;
  std::unique_ptr<TestCluster> cluster_;
  std::unique_ptr<ChildProcess> boards_;
};

// The folder is of the very network that ran.
void ExpectExported(Plant& plant, const v1::Candidate& candidate) {
  const std::string out = absl::StrCat(::testing::TempDir(), "/exported");
  auto exported = ChildProcess::Start(ProgramPath("services/cli/niwaki"),
                                      {"--coordinator", plant.cluster().coordinator_address(),
                                       "export", candidate.name(), "--out", out},
                                      absl::StrCat(::testing::TempDir(), "/export.log"));
  NIWAKI_ASSERT_OK(exported.status());
  EXPECT_THAT((*exported)->Wait(kPatience), IsOkAndHolds(0))
      << ReadFile(absl::StrCat(::testing::TempDir(), "/export.log")).value_or("");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const engine::BillOfMaterials bill, engine::ReadBill(out));
  EXPECT_EQ(bill.made_from["file"]["digest"], candidate.proof().int8_digest());
  EXPECT_EQ(bill.made_from["proof"]["bill_digest"], candidate.proof().figures().bill_digest());
  EXPECT_EQ(bill.arena_bytes, candidate.proof().figures().arena_bytes());
}

TEST(FrontsTest, KillsOfEveryProcessDuringTheProofChangeNothing) {
  Plant calm("calm");
  calm.StartBoards();
  calm.Submit();
  ASSERT_TRUE(calm.AwaitEnd());
  const v1::Job job = calm.Job();
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.state_reason();
  EXPECT_EQ(job.progress().proof().proven(), kMembers) << calm.cluster().Logs();
  EXPECT_EQ(job.progress().proof().board(), "core/cortex-m7");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const client::Front front, calm.client().GetFront(kJob));
  client::ArtifactClient artifacts(calm.client().channel());
  int on_board = 0;
  for (const v1::Candidate& candidate : front.candidates) {
    if (!candidate.has_proof()) continue;
    ++on_board;
    const v1::Proof& proof = candidate.proof();
    EXPECT_EQ(proof.figures().board(), "boards/lab-m7") << proof.DebugString();
    EXPECT_EQ(proof.figures().provenance(), v1::PROVENANCE_EMULATED);
    EXPECT_EQ(proof.figures().inputs(), 16);
    EXPECT_GT(proof.figures().count(), 0);
    EXPECT_THAT(proof.figures().bill_digest(), SizeIs(64));
    EXPECT_EQ(proof.measurements(), 1);
    NIWAKI_EXPECT_OK(artifacts.Get(proof.int8_digest()).status());
  }
  EXPECT_EQ(on_board, kMembers);

  ExpectExported(calm, front.candidates[0]);

  Plant stormy("stormy");
  stormy.StartBoards();
  stormy.Submit();
  ASSERT_TRUE(stormy.Await([&] { return stormy.Job().progress().has_proof(); }));
  stormy.cluster().worker("worker").Kill();
  stormy.cluster().coordinator().Kill();
  NIWAKI_ASSERT_OK(stormy.cluster().StartCoordinator());
  stormy.StartWorker();
  ASSERT_TRUE(stormy.Await(
      [&] { return stormy.Proofs().measuring() > 0 || stormy.Proofs().proven() == kMembers; }));
  stormy.cluster().coordinator().Kill();
  stormy.boards().Kill();
  NIWAKI_ASSERT_OK(stormy.cluster().StartCoordinator());
  stormy.cluster().oracle().Kill();
  NIWAKI_ASSERT_OK(stormy.cluster().StartOracle());
  stormy.StartBoards();
  ASSERT_TRUE(stormy.AwaitEnd());

  EXPECT_EQ(stormy.Result(), calm.Result());
}

TEST(FrontsTest, WithoutABoardTheInt8NetworkIsTheProofAndOldWorkersGoOn) {
  Plant plant("boardless");
  plant.Submit();
  ASSERT_TRUE(plant.AwaitEnd());
  EXPECT_EQ(plant.Job().state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(plant.Proofs().board(), "none");
  EXPECT_EQ(plant.Proofs().proven(), kMembers);

  // A job that says nothing of proofs ends where nobody proves.
  plant.cluster().worker("worker").Kill();
  NIWAKI_ASSERT_OK(plant.cluster().StartWorker("old"));
  v1::CreateJobRequest request;
  *request.mutable_spec() = Spec();
  request.mutable_spec()->clear_proof();
  request.mutable_spec()->set_seed(4);
  request.set_job_id("plain");
  NIWAKI_ASSERT_OK(plant.client().CreateJob(request).status());
  ASSERT_TRUE(plant.Await([&] {
    return client::IsFinal(plant.client().GetJob("jobs/plain").value_or(v1::Job()).state());
  }));
  EXPECT_FALSE(plant.client().GetJob("jobs/plain")->progress().has_proof());
}

}  // namespace
}  // namespace niwaki::testing
