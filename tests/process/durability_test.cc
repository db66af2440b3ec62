// What the coordinator promises across kill -9: a finished job is the same, bit for bit, as one
// that nobody disturbed.

#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "tests/process/test_cluster.h"

namespace niwaki::testing {
namespace {

constexpr char kJob[] = "jobs/search";
constexpr char kTestJob[] = "jobs/search.test";
constexpr int kCandidates = 300;
constexpr int kKills = 25;

std::string Folder(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

v1::JobSpec Spec() {
  v1::JobSpec spec;
  spec.set_supernet("supernets/kws");
  spec.set_device("devices/stm32f746");
  spec.add_objectives(v1::METRIC_TOP1);
  spec.add_objectives(v1::METRIC_LATENCY_US);
  v1::Constraint& sram = *spec.add_constraints();
  sram.set_metric(v1::METRIC_SRAM_BYTES);
  sram.set_max(64 * 1024);
  spec.mutable_nsga2()->set_population(20);
  spec.set_max_candidates(kCandidates);
  spec.set_max_parallel(12);
  spec.set_seed(3);
  spec.set_test_front(true);
  return spec;
}

absl::Status Submit(client::CoordinatorClient& client, const std::string& id = "search") {
  v1::CreateJobRequest request;
  *request.mutable_spec() = Spec();
  request.set_job_id(id);
  return client.CreateJob(request).status();
}

// The job and the test of its front that it begins.
bool Finished(client::CoordinatorClient& client) {
  const absl::StatusOr<v1::Job> test = client.GetJob(kTestJob);
  return test.ok() && client::IsFinal(test->state());
}

// Kills a program at random and starts it again, under its old name and address.
void KillSomething(TestCluster& cluster, Random& random) {
  switch (random.Uniform(5)) {
    case 0:
    case 1:
      cluster.coordinator().Kill();
      NIWAKI_ASSERT_OK(cluster.StartCoordinator());
      break;
    case 2:
      cluster.oracle().Kill();
      NIWAKI_ASSERT_OK(cluster.StartOracle());
      break;
    default: {
      const std::string name = absl::StrCat("worker-", random.Uniform(3));
      cluster.worker(name).Kill();
      NIWAKI_ASSERT_OK(cluster.StartWorker(name));
    }
  }
}

TEST(DurabilityTest, KillsChangeNothingInTheResult) {
  const uint64_t seed = EntropySeed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto calm, TestCluster::Start({Folder("calm")}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto stormy, TestCluster::Start({Folder("stormy"), 1.0, 20}));

  NIWAKI_ASSERT_OK(calm->StartWorker("worker-0"));
  NIWAKI_ASSERT_OK(Submit(calm->client()));
  NIWAKI_ASSERT_OK(Submit(stormy->client()));
  for (int i = 0; i < 3; ++i) NIWAKI_ASSERT_OK(stormy->StartWorker(absl::StrCat("worker-", i)));
  int kills = 0;
  for (; kills < kKills && !Finished(stormy->client()); ++kills) {
    Clock::Real().Sleep(absl::Milliseconds(random.Uniform(300)));
    ASSERT_NO_FATAL_FAILURE(KillSomething(*stormy, random)) << stormy->Logs();
  }
  const auto any_change = [](const v1::Job&) { return true; };
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job undisturbed, calm->client().WatchJob(kJob, any_change));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job disturbed, stormy->client().WatchJob(kJob, any_change));

  std::printf("%d kills\n", kills);
  EXPECT_GE(kills, 5) << "the job was over before it was disturbed";
  EXPECT_EQ(undisturbed.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(disturbed.state(), v1::JOB_STATE_SUCCEEDED) << stormy->Logs();
  EXPECT_EQ(undisturbed.progress().scored(), kCandidates);
  EXPECT_EQ(disturbed.progress().scored(), kCandidates);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string expected, ResultText(calm->client(), kJob));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string actual, ResultText(stormy->client(), kJob));
  EXPECT_EQ(actual, expected) << stormy->Logs();

  NIWAKI_ASSERT_OK(calm->client().WatchJob(kTestJob, any_change));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job tested,
                              stormy->client().WatchJob(kTestJob, any_change));
  EXPECT_EQ(tested.progress().scored(), disturbed.progress().front_size()) << stormy->Logs();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string expected_test,
                              ResultText(calm->client(), kTestJob));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string actual_test,
                              ResultText(stormy->client(), kTestJob));
  EXPECT_EQ(actual_test, expected_test) << stormy->Logs();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const client::Front front, stormy->client().GetFront(kJob));
  for (const v1::Candidate& candidate : front.candidates) {
    EXPECT_TRUE(candidate.has_test_score());
    EXPECT_NE(candidate.test_score().top1(), candidate.score().top1());
  }
}

TEST(DurabilityTest, SigtermEndsEveryProgramWithZero) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, TestCluster::Start({Folder("sigterm")}));
  NIWAKI_ASSERT_OK(cluster->StartWorker("worker-0"));
  NIWAKI_ASSERT_OK(Submit(cluster->client()));
  Clock::Real().Sleep(absl::Milliseconds(300));

  for (ChildProcess* program :
       {&cluster->worker("worker-0"), &cluster->coordinator(), &cluster->oracle()}) {
    program->Signal(SIGTERM);
    EXPECT_THAT(program->Wait(absl::Seconds(20)), IsOkAndHolds(0)) << cluster->Logs();
  }

  // Nothing that was acknowledged is gone.
  NIWAKI_ASSERT_OK(cluster->StartOracle());
  NIWAKI_ASSERT_OK(cluster->StartCoordinator());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job job, cluster->client().GetJob(kJob));
  EXPECT_EQ(job.state(), v1::JOB_STATE_RUNNING);
}

// A process whose files may not grow stands for a disk without room.
void SetFileSizeLimit(const ChildProcess& program, rlim_t bytes) {
  rlimit limit;
  ASSERT_EQ(prlimit(program.pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
  limit.rlim_cur = bytes;
  ASSERT_EQ(prlimit(program.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
}

TEST(DurabilityTest, FullDiskIsRefusedAndNothingIsLost) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, TestCluster::Start({Folder("full")}));
  NIWAKI_ASSERT_OK(Submit(cluster->client(), "before"));

  ASSERT_NO_FATAL_FAILURE(SetFileSizeLimit(cluster->coordinator(), 0));
  EXPECT_THAT(Submit(cluster->client(), "refused"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull))
      << cluster->Logs();
  EXPECT_TRUE(cluster->coordinator().running()) << cluster->Logs();
  NIWAKI_EXPECT_OK(cluster->client().GetJob("jobs/before"));
  EXPECT_THAT(cluster->client().GetJob("jobs/refused"),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));

  ASSERT_NO_FATAL_FAILURE(SetFileSizeLimit(cluster->coordinator(), RLIM_INFINITY));
  NIWAKI_EXPECT_OK(Submit(cluster->client(), "after")) << cluster->Logs();
  cluster->coordinator().Kill();
  NIWAKI_ASSERT_OK(cluster->StartCoordinator());
  NIWAKI_EXPECT_OK(cluster->client().GetJob("jobs/before"));
  NIWAKI_EXPECT_OK(cluster->client().GetJob("jobs/after"));
  EXPECT_THAT(cluster->client().GetJob("jobs/refused"),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST(DurabilityTest, SecondCoordinatorOnTheSameDataIsRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, TestCluster::Start({Folder("second")}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto second,
      ChildProcess::Start(ProgramPath("services/coordinator/niwaki-coordinator"),
                          {"--listen", "127.0.0.1:0", "--data-dir", Folder("second/coordinator")},
                          Folder("second/rival.log")));

  EXPECT_THAT(second->Wait(absl::Seconds(20)), IsOkAndHolds(1));
  EXPECT_NE(cluster->Logs().find("in use by another process"), std::string::npos)
      << cluster->Logs();
}

}  // namespace
}  // namespace niwaki::testing
