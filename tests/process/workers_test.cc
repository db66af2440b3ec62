// Workers that hang and workers that are asked to leave, as processes.

#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/status_matchers.h"
#include "tests/process/test_cluster.h"

namespace niwaki::testing {
namespace {

constexpr char kJob[] = "jobs/search";
constexpr int kCandidates = 60;
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kPoll = absl::Milliseconds(10);

std::string Folder(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

absl::Status Submit(client::CoordinatorClient& client, int candidates = kCandidates) {
  v1::CreateJobRequest request;
  v1::JobSpec& spec = *request.mutable_spec();
  spec.set_supernet("supernets/kws");
  spec.set_device("devices/stm32f746");
  spec.add_objectives(v1::METRIC_TOP1);
  spec.add_objectives(v1::METRIC_LATENCY_US);
  spec.mutable_nsga2()->set_population(12);
  spec.set_max_candidates(candidates);
  spec.set_max_parallel(12);
  spec.set_seed(3);
  request.set_job_id("search");
  return client.CreateJob(request).status();
}

absl::StatusOr<v1::Worker> FindWorker(client::CoordinatorClient& client, const std::string& name) {
  const absl::StatusOr<std::vector<v1::Worker>> workers = client.ListWorkers();
  if (!workers.ok()) return workers.status();
  for (const v1::Worker& worker : *workers) {
    if (worker.name() == absl::StrCat("workers/", name)) return worker;
  }
  return absl::NotFoundError(name);
}

// Waits until the coordinator knows the worker and `condition` holds of it.
template <typename Condition>
bool AwaitWorker(client::CoordinatorClient& client, const std::string& name, Condition condition) {
  Clock& clock = Clock::Real();
  for (const absl::Time end = clock.Now() + kPatience; clock.Now() < end; clock.Sleep(kPoll)) {
    const absl::StatusOr<v1::Worker> worker = FindWorker(client, name);
    if (worker.ok() && condition(*worker)) return true;
  }
  return false;
}

bool IsKnown(const v1::Worker& worker) { return worker.has_last_seen_time(); }

TEST(WorkersTest, HungWorkersHoldNothingUpAndChangeNothing) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto calm, TestCluster::Start({Folder("calm")}));
  NIWAKI_ASSERT_OK(calm->StartWorker("w"));
  NIWAKI_ASSERT_OK(Submit(calm->client()));
  // Heartbeats come in time, scores do not.
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      auto stuck, TestCluster::Start({Folder("stuck"), /*lease_ttl_s=*/1.5, /*score_ms=*/5,
                                      /*max_lease_s=*/1}));
  NIWAKI_ASSERT_OK(stuck->StartWorker("hung-0", {"--hang-at", "1"}));
  NIWAKI_ASSERT_OK(stuck->StartWorker("hung-1", {"--hang-at", "3", "--drain-timeout", "0.5"}));
  NIWAKI_ASSERT_OK(Submit(stuck->client()));
  for (const char* name : {"hung-0", "hung-1"}) {
    ASSERT_TRUE(AwaitWorker(stuck->client(), name, [](const v1::Worker& worker) {
      return worker.running() > 0 || worker.lost() > 0;
    })) << stuck->Logs();
  }
  NIWAKI_ASSERT_OK(stuck->StartWorker("good"));

  const auto any_change = [](const v1::Job&) { return true; };
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job job, stuck->client().WatchJob(kJob, any_change));
  NIWAKI_ASSERT_OK(calm->client().WatchJob(kJob, any_change).status());

  EXPECT_EQ(job.progress().scored(), kCandidates) << stuck->Logs();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string expected, ResultText(calm->client(), kJob));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string actual, ResultText(stuck->client(), kJob));
  EXPECT_EQ(actual, expected) << stuck->Logs();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker hung, FindWorker(stuck->client(), "hung-0"));
  EXPECT_EQ(hung.lost(), 1);
  EXPECT_EQ(hung.held(), 0);
  // A stuck scorer does not keep its process from ending.
  stuck->worker("hung-1").Signal(SIGTERM);
  EXPECT_THAT(stuck->worker("hung-1").Wait(absl::Seconds(20)), IsOkAndHolds(0));
}

TEST(WorkersTest, DrainedWorkerEndsWithZeroAndSoDoLaterOnesUntilUndone) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, TestCluster::Start({Folder("drain"), 2, 20}));
  client::CoordinatorClient& client = cluster->client();
  NIWAKI_ASSERT_OK(cluster->StartWorker("w"));
  NIWAKI_ASSERT_OK(cluster->StartWorker("other"));
  NIWAKI_ASSERT_OK(Submit(client));
  ASSERT_TRUE(AwaitWorker(client, "w", [](const v1::Worker& worker) {
    return worker.scored() > 0;
  })) << cluster->Logs();

  NIWAKI_ASSERT_OK(client.DrainWorker("workers/w", /*undo=*/false));
  EXPECT_THAT(cluster->worker("w").Wait(kPatience), IsOkAndHolds(0)) << cluster->Logs();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker drained, FindWorker(client, "w"));
  EXPECT_EQ(drained.state(), v1::WORKER_STATE_DRAINED);
  EXPECT_EQ(drained.lost(), 0);

  // The acknowledged drain survives, for whoever comes under the name.
  cluster->coordinator().Kill();
  NIWAKI_ASSERT_OK(cluster->StartCoordinator());
  NIWAKI_ASSERT_OK(cluster->StartWorker("w"));
  EXPECT_THAT(cluster->worker("w").Wait(kPatience), IsOkAndHolds(0)) << cluster->Logs();

  NIWAKI_ASSERT_OK(client.DrainWorker("workers/w", /*undo=*/true));
  NIWAKI_ASSERT_OK(cluster->StartWorker("w"));
  EXPECT_TRUE(AwaitWorker(client, "w", IsKnown)) << cluster->Logs();
  EXPECT_TRUE(cluster->worker("w").running());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job job,
                              client.WatchJob(kJob, [](const v1::Job&) { return true; }));
  EXPECT_EQ(job.progress().scored(), kCandidates);
}

TEST(WorkersTest, IdleWorkerIsToldToLeaveAtOnce) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto cluster, TestCluster::Start({Folder("idle")}));
  NIWAKI_ASSERT_OK(cluster->StartWorker("w"));
  ASSERT_TRUE(AwaitWorker(cluster->client(), "w", IsKnown)) << cluster->Logs();

  NIWAKI_ASSERT_OK(cluster->client().DrainWorker("workers/w", /*undo=*/false));

  // Its call would wait for ten seconds.
  EXPECT_THAT(cluster->worker("w").Wait(absl::Seconds(8)), IsOkAndHolds(0)) << cluster->Logs();
}

}  // namespace
}  // namespace niwaki::testing
