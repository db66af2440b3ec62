#include "libs/jobs/store/pending_overlay.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/counting_job_store.h"
#include "libs/jobs/store/in_memory_job_store.h"
#include "libs/jobs/store/job_store_conformance.h"
#include "libs/jobs/store/sample_proofs.h"

namespace niwaki::jobs {
namespace {

// Those are for stores.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JobStoreConformance);

constexpr int kIds = 6;

ScoreKey Key(uint64_t n) { return {{1, n}, {n, 2}}; }
Score ScoreOf(double top1) { return {top1, 0.9, 1, 10, 1}; }
std::string Id(uint64_t n) { return absl::StrCat("id", n); }
RequestRecord Request(const std::string& id, int64_t second) {
  return {id, "M", "d", absl::StrCat("answer ", second), absl::FromUnixSeconds(second)};
}

// Everything that the overlay can be asked, as text; the same questions go to a reader.
template <typename Rows>
std::vector<std::string> Answers(const Rows& rows) {
  std::vector<std::string> answers;
  for (int i = 0; i < kIds; ++i) {
    const std::optional<Job> by_id = *rows.FindJob(Id(i));
    answers.push_back(by_id ? absl::StrCat("job ", by_id->uid, " ", by_id->version) : "no job");
    const std::optional<Supernet> supernet = *rows.FindSupernet(Id(i));
    answers.push_back(supernet ? supernet->digest : "no supernet");
    const std::optional<RequestRecord> request = *rows.FindRequest(Id(i));
    answers.push_back(request ? request->response : "no request");
    const std::optional<Score> score = *rows.FindScore(Key(i));
    answers.push_back(score ? absl::StrCat(score->top1) : "no score");
  }
  for (int uid = 1; uid <= 3 * kIds; ++uid) {
    const std::optional<Job> job = *rows.FindJobByUid(uid);
    answers.push_back(job ? absl::StrCat(job->id, " ", job->version) : "no job");
    for (int slot = 0; slot < 3; ++slot) {
      const std::optional<Candidate> candidate = *rows.FindCandidate({uid, slot});
      answers.push_back(candidate ? absl::StrCat(candidate->epoch) : "no candidate");
    }
  }
  return answers;
}

// One change as the engine makes them.
void ChangeSomething(PendingOverlay& overlay, Random& random, int64_t step) {
  Mutations& pending = overlay.pending();
  const std::string id = Id(random.Uniform(kIds));
  const std::optional<Job> job = *overlay.FindJob(id);
  switch (random.Uniform(6)) {
    case 0: {
      const int64_t uid = job ? job->uid : 1 + random.Uniform(3 * kIds);
      const std::optional<Job> same_uid = *overlay.FindJobByUid(uid);
      if (same_uid.has_value() && same_uid->id != id) return;
      Job changed = SampleJob(uid, id, JobState::kRunning);
      changed.version = step;
      pending.jobs.insert_or_assign(uid, changed);
      return;
    }
    case 1:
      if (job) overlay.DeleteJob(job->uid);
      return;
    case 2: {
      if (!job) return;
      const int64_t slot = random.Uniform(3);
      Candidate candidate = SampleCandidate(slot, CandidateState::kLeased);
      candidate.epoch = step;
      pending.candidates.insert_or_assign({job->uid, slot}, candidate);
      return;
    }
    case 3: {
      const ScoreKey key = Key(random.Uniform(kIds));
      if (!overlay.FindScore(key)->has_value()) pending.scores.emplace(key, ScoreOf(step));
      return;
    }
    case 4:
      pending.requests[id] = Request(id, step);
      if (random.Bernoulli(0.2)) pending.forget_requests_before = absl::FromUnixSeconds(step - 10);
      return;
    default:
      pending.supernets[id] = {id, "space", absl::StrCat(step), "data", absl::UnixEpoch()};
  }
}

TEST(PendingOverlayTest, AnswersAreThoseAfterTheCommit) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    InMemoryJobStore store;
    PendingOverlay overlay(store);
    for (int64_t step = 1; step <= 100; ++step) {
      if (random.Bernoulli(0.3)) {
        NIWAKI_ASSERT_OK(overlay.Prefetch({Key(0), Key(1), Key(2)}, {Id(0), Id(1), Id(1)}));
      }
      ChangeSomething(overlay, random, step);
      if (!random.Bernoulli(0.2)) continue;
      const std::vector<std::string> before = Answers(overlay);

      NIWAKI_ASSERT_OK(store.Commit(overlay.Take(), 0));

      ASSERT_EQ(before, Answers(store));
      ASSERT_EQ(Answers(overlay), Answers(store));
    }
  }
}

class PendingOverlayReadsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Mutations mutations;
    mutations.scores.emplace(Key(1), ScoreOf(0.5));
    mutations.requests[Id(1)] = Request(Id(1), 1);
    NIWAKI_ASSERT_OK(store_.Commit(mutations, 0));
  }

  InMemoryJobStore store_;
  CountingJobStore counted_{store_};
  PendingOverlay overlay_{counted_};
};

TEST_F(PendingOverlayReadsTest, PrefetchIsOneReadOfEachKind) {
  NIWAKI_ASSERT_OK(overlay_.Prefetch({Key(1), Key(2), Key(1)}, {Id(1), Id(2), ""}));
  EXPECT_EQ(counted_.batch_reads(), 2);

  EXPECT_EQ((*overlay_.FindScore(Key(1)))->top1, 0.5);
  EXPECT_FALSE(overlay_.FindScore(Key(2))->has_value());
  EXPECT_EQ((*overlay_.FindRequest(Id(1)))->response, "answer 1");
  EXPECT_FALSE(overlay_.FindRequest(Id(2))->has_value());
  EXPECT_FALSE(overlay_.FindRequest("")->has_value());

  EXPECT_EQ(counted_.single_reads(), 0);
}

TEST_F(PendingOverlayReadsTest, WhatIsKnownIsNotReadAgain) {
  NIWAKI_ASSERT_OK(overlay_.Prefetch({Key(1)}, {Id(1)}));
  overlay_.pending().scores.emplace(Key(2), ScoreOf(0.7));
  overlay_.pending().requests[Id(2)] = Request(Id(2), 2);
  counted_.Reset();

  NIWAKI_ASSERT_OK(overlay_.Prefetch({Key(1), Key(2)}, {Id(1), Id(2)}));

  EXPECT_EQ(counted_.batch_reads(), 0);
  EXPECT_EQ((*overlay_.FindScore(Key(2)))->top1, 0.7);
}

TEST_F(PendingOverlayReadsTest, TakeForgetsWhatWasReadAhead) {
  NIWAKI_ASSERT_OK(overlay_.Prefetch({Key(2)}, {Id(2)}));
  overlay_.pending().scores.emplace(Key(2), ScoreOf(0.7));

  NIWAKI_ASSERT_OK(store_.Commit(overlay_.Take(), 0));

  EXPECT_TRUE(overlay_.pending().empty());
  EXPECT_EQ((*overlay_.FindScore(Key(2)))->top1, 0.7);
}

TEST(PendingOverlayTest, NetworksAreFoundBeforeAndAfterTheirCommit) {
  InMemoryJobStore store;
  PendingOverlay overlay(store);
  const NetworkKey key = {Key(1), 3};
  EXPECT_FALSE(overlay.FindNetwork(key)->has_value());
  overlay.pending().networks.emplace(key, SampleNetwork());
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(SameNetwork(**overlay.FindNetwork(key), SampleNetwork()));
    EXPECT_TRUE(
        SameNetwork(**overlay.FindNetworkMadeFrom(SampleNetwork().quantise_key), SampleNetwork()));
    EXPECT_FALSE(overlay.FindNetworkMadeFrom("other")->has_value());
    if (i == 0) NIWAKI_ASSERT_OK(store.Commit(overlay.Take(), 0));
  }
}

}  // namespace
}  // namespace niwaki::jobs
