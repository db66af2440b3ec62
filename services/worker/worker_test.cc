#include "services/worker/worker.h"

#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "services/worker/fake_coordinator.h"
#include "services/worker/fake_scorer.h"

namespace niwaki::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kShortTtl = absl::Milliseconds(300);

// Asks the test before each score.
class HookedScorer : public Scorer {
 public:
  std::string precision() const override { return computes_in; }
  int quantiser_version() const override { return fake.quantiser_version(); }
  absl::Status Prepare(const ScoreContext& context) override {
    contexts.push_back(context);
    if (!prepare_status.ok()) return prepare_status;
    return fake.Prepare(context);
  }
  absl::StatusOr<v1::Score> Score(const std::string& subnet_json) override {
    ++scores;
    if (before) before(subnet_json);
    if (subnet_json == "broken") return absl::InternalError("the network is broken");
    absl::StatusOr<v1::Score> score = fake.Score(subnet_json);
    if (subnet_json == "nan") score->set_top1(std::nan(""));
    return score;
  }

  absl::StatusOr<ProvenNetwork> Prove(const std::string& subnet_json) override {
    if (before) before(subnet_json);
    if (subnet_json == "broken") return absl::InvalidArgumentError("no such network");
    return fake.Prove(subnet_json);
  }

  FakeScorer fake;
  std::string computes_in = "cpu-f32";
  std::atomic<int> scores{0};
  absl::Status prepare_status;
  std::function<void(const std::string&)> before;
  std::vector<ScoreContext> contexts;
};

class WorkerTest : public ::testing::Test {
 protected:
  void Start(absl::Duration ttl = absl::Seconds(30), int max_candidates = 4) {
    coordinator_ = std::make_unique<FakeCoordinator>(ttl);
    rpc::ServerOptions server_options;
    server_options.services = {coordinator_.get()};
    auto server = rpc::Server::Start(server_options);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    rpc::ChannelOptions channel;
    channel.own_connection = true;
    client_ = std::make_unique<client::WorkerClient>(rpc::MakeChannel(server_->address(), channel));
    WorkerOptions options;
    options.name = "w";
    options.max_candidates = max_candidates;
    options.tasks = tasks_;
    options.backoff.initial = absl::Milliseconds(1);
    options.backoff.max = absl::Milliseconds(10);
    options.report_patience = absl::Seconds(5);
    worker_ = std::make_unique<Worker>(
        options, client_.get(), [this](const std::string& digest) { return fetch_(digest); },
        [this](const std::string& bytes) { return upload_(bytes); }, &scorer_);
  }

  // Runs the worker on a thread of its own.
  void Run() {
    thread_ = std::thread([this] {
      run_status_ = worker_->Run();
      ended_.Notify();
    });
  }

  // Stops the worker and returns what Run gave.
  absl::Status Stop() {
    worker_->Stop();
    return Join();
  }
  absl::Status Join() {
    thread_.join();
    return run_status_;
  }

  void TearDown() override {
    if (thread_.joinable()) Stop().IgnoreError();
    worker_ = nullptr;
    if (server_ != nullptr) server_->Shutdown(absl::ZeroDuration());
  }

  HookedScorer scorer_;
  std::function<absl::StatusOr<std::string>(const std::string&)> fetch_ =
      [](const std::string& digest) { return absl::StrCat("/cache/", digest); };
  std::function<absl::StatusOr<std::string>(const std::string&)> upload_ =
      [](const std::string& bytes) { return Sha256Hex(bytes); };
  std::vector<v1::LeaseTask> tasks_ = {v1::LEASE_TASK_SCORE, v1::LEASE_TASK_PROVE};
  std::unique_ptr<FakeCoordinator> coordinator_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<client::WorkerClient> client_;
  std::unique_ptr<Worker> worker_;
  std::thread thread_;
  absl::Status run_status_;
  absl::Notification ended_;
};

TEST_F(WorkerTest, EveryCandidateGetsItsScore) {
  Start();
  for (int i = 0; i < 50; ++i) coordinator_->AddCandidate(absl::StrCat("net ", i));
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(50));

  EXPECT_THAT(Stop(), IsOk());
  for (int i = 0; i < 50; ++i) {
    const v1::ScoreReport report = coordinator_->reports()[absl::StrCat("lease-", i)];
    EXPECT_EQ(report.epoch(), 1);
    EXPECT_EQ(report.score().SerializeAsString(),
              FakeScore(absl::StrCat("net ", i), 1000).SerializeAsString());
  }
  EXPECT_EQ(worker_->finished(), 50);
}

TEST_F(WorkerTest, FilesAreFetchedOnceForAContext) {
  Start();
  for (int i = 0; i < 6; ++i) coordinator_->AddCandidate(absl::StrCat("net ", i), "s1", "d1");
  Run();
  ASSERT_TRUE(coordinator_->AwaitReports(6));
  coordinator_->AddCandidate("other", "s2", "d1");
  ASSERT_TRUE(coordinator_->AwaitReports(7));

  EXPECT_THAT(Stop(), IsOk());
  ASSERT_EQ(scorer_.contexts.size(), 2u);
  EXPECT_EQ(scorer_.contexts[0].supernet_path, "/cache/s1");
  EXPECT_EQ(scorer_.contexts[0].data_path, "/cache/d1");
  EXPECT_EQ(scorer_.contexts[1].supernet_path, "/cache/s2");
  EXPECT_EQ(scorer_.contexts[1].supernet_digest, "s2");
}

TEST_F(WorkerTest, FailuresAreReportedWithTheirReason) {
  Start();
  coordinator_->AddCandidate("broken");
  coordinator_->AddCandidate("nan");
  coordinator_->AddCandidate("good");
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(3));

  EXPECT_THAT(Stop(), IsOk());
  EXPECT_THAT(coordinator_->reports()["lease-0"].failure(), HasSubstr("the network is broken"));
  EXPECT_THAT(coordinator_->reports()["lease-1"].failure(), HasSubstr("top1"));
  EXPECT_EQ(coordinator_->reports()["lease-1"].failure_code(),
            static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(coordinator_->reports()["lease-2"].has_score());
}

TEST_F(WorkerTest, MissingArtifactFailsItsCandidatesOnly) {
  fetch_ = [](const std::string& digest) -> absl::StatusOr<std::string> {
    if (digest == "gone") return absl::NotFoundError("no artifact gone");
    return digest;
  };
  Start();
  coordinator_->AddCandidate("a", "gone");
  coordinator_->AddCandidate("b");
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(2));

  EXPECT_THAT(Stop(), IsOk());
  EXPECT_THAT(coordinator_->reports()["lease-0"].failure(), HasSubstr("no artifact gone"));
  EXPECT_TRUE(coordinator_->reports()["lease-1"].has_score());
}

TEST_F(WorkerTest, UnreachableArtifactIsTriedAgain) {
  std::atomic<int> attempts{0};
  fetch_ = [&attempts](const std::string& digest) -> absl::StatusOr<std::string> {
    if (++attempts < 4) return absl::UnavailableError("away");
    return digest;
  };
  Start();
  coordinator_->AddCandidate("a");
  Run();

  EXPECT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_TRUE(coordinator_->reports()["lease-0"].has_score());
}

TEST_F(WorkerTest, FullDiskEndsTheWorkerAndSparesTheCandidate) {
  fetch_ = [](const std::string&) -> absl::StatusOr<std::string> {
    return Error(absl::StatusCode::kResourceExhausted, reason::kDiskFull).Message("disk full");
  };
  Start();
  coordinator_->AddCandidate("a");
  Run();

  EXPECT_THAT(Join(), HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
  EXPECT_TRUE(coordinator_->reports().empty());
  ASSERT_TRUE(coordinator_->farewell().has_value());
  EXPECT_EQ(coordinator_->farewell()->trouble(), "disk full");
}

TEST_F(WorkerTest, LastCallSaysThatTheWorkerLeaves) {
  Start();
  coordinator_->AddCandidate("a");
  Run();
  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_FALSE(coordinator_->farewell().has_value());

  EXPECT_THAT(Stop(), IsOk());

  ASSERT_TRUE(coordinator_->farewell().has_value());
  EXPECT_EQ(coordinator_->farewell()->worker(), "w");
  EXPECT_EQ(coordinator_->farewell()->instance().size(), 36);
  EXPECT_EQ(coordinator_->farewell()->trouble(), "");
}

TEST_F(WorkerTest, ScoresWaitUntilTheCoordinatorIsBack) {
  Start();
  absl::Notification scoring;
  absl::Notification go_on;
  scorer_.before = [&](const std::string& subnet) {
    if (subnet != "net 0") return;
    scoring.Notify();
    go_on.WaitForNotification();
  };
  for (int i = 0; i < 4; ++i) coordinator_->AddCandidate(absl::StrCat("net ", i));
  Run();
  scoring.WaitForNotification();
  coordinator_->SetAway(true);
  go_on.Notify();
  // Everything held is scored although nobody is there.
  while (worker_->finished() < 4) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_TRUE(coordinator_->reports().empty());

  coordinator_->SetAway(false);

  EXPECT_TRUE(coordinator_->AwaitReports(4));
  EXPECT_THAT(Stop(), IsOk());
}

TEST_F(WorkerTest, LostAnswerIsAskedForWithTheSameId) {
  Start();
  coordinator_->LoseReportAnswers(3);
  coordinator_->AddCandidate("a");
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));

  EXPECT_THAT(Stop(), IsOk());
  EXPECT_EQ(coordinator_->repeated_reports(), 0);
}

TEST_F(WorkerTest, OneRefusedReportDoesNotHoldUpTheOthers) {
  Start(absl::Seconds(30), /*max_candidates=*/16);
  coordinator_->RefuseReportsOf("lease-5");
  for (int i = 0; i < 16; ++i) coordinator_->AddCandidate(absl::StrCat("net ", i));
  Run();

  EXPECT_TRUE(coordinator_->AwaitReports(15));
  EXPECT_THAT(Stop(), IsOk());
  EXPECT_EQ(coordinator_->reports().count("lease-5"), 0u);
}

TEST_F(WorkerTest, HeartbeatTellsWhichOneIsRunning) {
  Start();
  absl::Notification go_on;
  scorer_.before = [&](const std::string& subnet) {
    if (subnet == "slow") go_on.WaitForNotification();
  };
  coordinator_->AddCandidate("slow");
  coordinator_->AddCandidate("next");
  Run();

  // Long before a third of the time to live: the first beat comes with the start.
  EXPECT_TRUE(coordinator_->AwaitRunning("lease-0"));
  go_on.Notify();
  EXPECT_TRUE(coordinator_->AwaitReports(2));
}

TEST_F(WorkerTest, LeasesAreExtendedWhileScoringLasts) {
  Start(kShortTtl);
  absl::Notification go_on;
  scorer_.before = [&](const std::string&) { go_on.WaitForNotification(); };
  coordinator_->AddCandidate("slow");
  Run();

  while (coordinator_->heartbeats() < 5) absl::SleepFor(absl::Milliseconds(1));

  go_on.Notify();
  EXPECT_TRUE(coordinator_->AwaitReports(1));
}

TEST_F(WorkerTest, RevokedCandidateIsNotStarted) {
  Start(kShortTtl);
  absl::Notification go_on;
  scorer_.before = [&](const std::string& subnet) {
    if (subnet == "slow") go_on.WaitForNotification();
  };
  coordinator_->AddCandidate("slow");
  coordinator_->AddCandidate("taken back");
  coordinator_->AddCandidate("last");
  Run();
  ASSERT_TRUE(coordinator_->AwaitRunning("lease-0"));
  coordinator_->Revoke("lease-1");
  const int before = coordinator_->heartbeats();
  // The beat with the revocation, and one more: then its answer has surely been dealt with.
  while (coordinator_->heartbeats() < before + 2) absl::SleepFor(absl::Milliseconds(1));

  go_on.Notify();

  EXPECT_TRUE(coordinator_->AwaitReports(2));
  EXPECT_THAT(Stop(), IsOk());
  EXPECT_EQ(coordinator_->reports().count("lease-1"), 0u);
  EXPECT_EQ(scorer_.scores, 2);
}

TEST_F(WorkerTest, DrainEndsTheWorkerAfterWhatItHolds) {
  Start(kShortTtl);
  absl::Notification go_on;
  scorer_.before = [&](const std::string&) {
    if (!go_on.HasBeenNotified()) go_on.WaitForNotification();
  };
  for (int i = 0; i < 8; ++i) coordinator_->AddCandidate(absl::StrCat("net ", i));
  Run();
  ASSERT_TRUE(coordinator_->AwaitRunning("lease-0"));
  coordinator_->SetDrain();

  go_on.Notify();

  EXPECT_THAT(Join(), IsOk());
  EXPECT_EQ(coordinator_->reports().size(), 4u);
}

TEST_F(WorkerTest, StopFinishesTheCandidateInProgress) {
  Start();
  absl::Notification scoring;
  absl::Notification go_on;
  scorer_.before = [&](const std::string&) {
    scoring.Notify();
    go_on.WaitForNotification();
  };
  for (int i = 0; i < 4; ++i) coordinator_->AddCandidate(absl::StrCat("net ", i));
  Run();
  scoring.WaitForNotification();

  worker_->Stop();
  go_on.Notify();

  EXPECT_THAT(Join(), IsOk());
  EXPECT_EQ(coordinator_->reports().size(), 1u);
}

TEST_F(WorkerTest, SplitOfTheLeaseIsScored) {
  Start(absl::Seconds(30), /*max_candidates=*/1);
  coordinator_->AddCandidate("net");
  coordinator_->AddCandidate("net", "s", "d", "", v1::SPLIT_TEST);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(2));
  EXPECT_THAT(Stop(), IsOk());

  EXPECT_TRUE(coordinator_->last_knows_split());
  ASSERT_EQ(scorer_.contexts.size(), 2u);
  EXPECT_EQ(scorer_.contexts[0].evaluation.split(), v1::SPLIT_VALIDATION);
  EXPECT_EQ(scorer_.contexts[1].evaluation.split(), v1::SPLIT_TEST);
  EXPECT_EQ(scorer_.contexts[1].data_path, scorer_.contexts[0].data_path);
  const auto reports = coordinator_->reports();
  EXPECT_NE(reports.at("lease-0").score().top1(), reports.at("lease-1").score().top1());
}

TEST_F(WorkerTest, ProvenNetworkIsUploadedThenReported) {
  std::vector<std::string> uploads;
  upload_ = [&uploads](const std::string& bytes) {
    uploads.push_back(bytes);
    return Sha256Hex(bytes);
  };
  Start();
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_THAT(Stop(), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork proof, FakeProof("net", 1000));
  const v1::Int8Network network = coordinator_->reports()["lease-0"].network();
  EXPECT_EQ(network.digest(), Sha256Hex(proof.file));
  EXPECT_EQ(network.quantise_key(), proof.quantise_key);
  EXPECT_EQ(network.quantiser_version(), engine::kQuantiserVersion);
  EXPECT_EQ(network.score().SerializeAsString(), proof.score.SerializeAsString());
  EXPECT_EQ(network.test_score().SerializeAsString(), proof.test_score->SerializeAsString());
  EXPECT_EQ(uploads, std::vector<std::string>{proof.file});
  EXPECT_EQ(scorer_.contexts[0].task, v1::LEASE_TASK_PROVE);
}

TEST_F(WorkerTest, TasksAndQuantiserAreAnnounced) {
  Start();
  coordinator_->AddCandidate("net");
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_THAT(coordinator_->last_lease_call().tasks(),
              ElementsAre(v1::LEASE_TASK_SCORE, v1::LEASE_TASK_PROVE));
  EXPECT_EQ(coordinator_->last_lease_call().quantiser_version(), engine::kQuantiserVersion);
}

TEST_F(WorkerTest, ContextOfAScoreDoesNotServeAProof) {
  Start(absl::Seconds(30), /*max_candidates=*/1);
  coordinator_->AddCandidate("net");
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  coordinator_->AddProof("other", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(3));
  EXPECT_THAT(Stop(), IsOk());
  ASSERT_EQ(scorer_.contexts.size(), 2u);
  EXPECT_EQ(scorer_.contexts[0].task, v1::LEASE_TASK_SCORE);
  EXPECT_EQ(scorer_.contexts[1].task, v1::LEASE_TASK_PROVE);
}

TEST_F(WorkerTest, ProofOfAnotherQuantiserIsRefusedUnfetched) {
  fetch_ = [](const std::string&) -> absl::StatusOr<std::string> {
    return absl::NotFoundError("fetched");
  };
  Start();
  coordinator_->AddProof("net", engine::kQuantiserVersion + 1);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  const v1::ScoreReport report = coordinator_->reports()["lease-0"];
  EXPECT_THAT(report.failure(), HasSubstr("quantiser"));
  EXPECT_EQ(report.failure_code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
}

TEST_F(WorkerTest, TaskThatIsNotTakenIsRefused) {
  tasks_ = {v1::LEASE_TASK_SCORE};
  Start();
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  const v1::ScoreReport report = coordinator_->reports()["lease-0"];
  EXPECT_THAT(report.failure(), HasSubstr("LEASE_TASK_PROVE"));
  EXPECT_EQ(report.failure_code(), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(coordinator_->last_lease_call().quantiser_version(), 0);
}

TEST_F(WorkerTest, ProofsMayBeOfAnyPrecision) {
  scorer_.computes_in = "cuda-bf16";
  Start();
  coordinator_->AddProof("net", engine::kQuantiserVersion, "cpu-f32");
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_TRUE(coordinator_->reports()["lease-0"].has_network());
}

TEST_F(WorkerTest, FailedProofIsReportedWithItsClass) {
  Start();
  coordinator_->AddProof("broken", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_EQ(coordinator_->reports()["lease-0"].failure_code(),
            static_cast<int>(absl::StatusCode::kInvalidArgument));
}

TEST_F(WorkerTest, UploadIsRepeatedUntilTheCoordinatorIsBack) {
  std::atomic<int> attempts{0};
  upload_ = [&attempts](const std::string& bytes) -> absl::StatusOr<std::string> {
    if (++attempts < 4) return absl::UnavailableError("away");
    return Sha256Hex(bytes);
  };
  Start(kShortTtl);
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_TRUE(coordinator_->reports()["lease-0"].has_network());
  EXPECT_EQ(attempts, 4);
}

TEST_F(WorkerTest, RefusedUploadFailsTheCandidate) {
  upload_ = [](const std::string&) -> absl::StatusOr<std::string> {
    return absl::ResourceExhaustedError("the coordinator's disk is full");
  };
  Start();
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  const v1::ScoreReport report = coordinator_->reports()["lease-0"];
  EXPECT_THAT(report.failure(), HasSubstr("disk is full"));
  EXPECT_EQ(report.failure_code(), static_cast<int>(absl::StatusCode::kResourceExhausted));
}

// What another worker then proves has the same bytes.
TEST_F(WorkerTest, WorkerThatCannotUploadLeavesTheCandidateToOthers) {
  absl::Notification asked;
  upload_ = [&asked](const std::string&) -> absl::StatusOr<std::string> {
    if (!asked.HasBeenNotified()) asked.Notify();
    return absl::UnavailableError("away");
  };
  Start();
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  Run();
  asked.WaitForNotification();

  EXPECT_THAT(Stop(), IsOk());
  EXPECT_TRUE(coordinator_->reports().empty());
}

TEST_F(WorkerTest, LeasesAreExtendedWhileAProofLasts) {
  Start(kShortTtl);
  absl::Notification go_on;
  scorer_.before = [&go_on](const std::string&) { go_on.WaitForNotification(); };
  coordinator_->AddProof("net", engine::kQuantiserVersion);
  Run();

  ASSERT_TRUE(coordinator_->AwaitRunning("lease-0"));
  const int beats = coordinator_->heartbeats();
  while (coordinator_->heartbeats() < beats + 3) absl::SleepFor(absl::Milliseconds(1));
  go_on.Notify();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_TRUE(coordinator_->reports()["lease-0"].has_network());
}

TEST_F(WorkerTest, PrecisionOfTheScorerIsAnnounced) {
  scorer_.computes_in = "cuda-bf16";
  Start();
  coordinator_->AddCandidate("net", "s", "d", "cuda-bf16");
  Run();

  ASSERT_TRUE(coordinator_->AwaitReports(1));
  EXPECT_EQ(coordinator_->last_precision(), "cuda-bf16");
}

// One that knows no precision hands out everything to everyone.
TEST_F(WorkerTest, LeaseOfAnotherPrecisionEndsTheWorkerUnscored) {
  scorer_.computes_in = "cuda-bf16";
  Start();
  coordinator_->AddCandidate("net");
  Run();

  const absl::Status status = Join();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(std::string(status.message()),
              ::testing::AllOf(HasSubstr("cpu-f32"), HasSubstr("cuda-bf16")));
  EXPECT_EQ(scorer_.scores, 0);
  EXPECT_TRUE(coordinator_->reports().empty());
}

TEST_F(WorkerTest, StopEndsALongPollAtOnce) {
  Start();
  Run();
  while (coordinator_->lease_calls() == 0) absl::SleepFor(absl::Milliseconds(1));
  const absl::Time begin = absl::Now();

  EXPECT_THAT(Stop(), IsOk());
  // The poll would wait for ten seconds.
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

TEST_F(WorkerTest, StopWhileTheCoordinatorIsAwayEnds) {
  Start();
  coordinator_->SetAway(true);
  Run();
  while (coordinator_->lease_calls() < 3) absl::SleepFor(absl::Milliseconds(1));

  EXPECT_THAT(Stop(), IsOk());
}

}  // namespace
}  // namespace niwaki::worker
