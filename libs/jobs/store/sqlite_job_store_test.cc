#include "libs/jobs/store/sqlite_job_store.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/job_store_conformance.h"
#include "libs/store/commit_fault.h"

namespace niwaki::jobs {
namespace {

std::string FreshPath() { return absl::StrCat(::testing::TempDir(), "/", NewUuid(), ".db"); }

std::unique_ptr<JobStore> MakeSqlite() {
  auto store = SqliteJobStore::Open(FreshPath());
  EXPECT_THAT(store, IsOk());
  return *std::move(store);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreConformance, ::testing::Values(&MakeSqlite));

TEST(SqliteJobStoreTest, CommittedRowsSurviveReopening) {
  const std::string path = FreshPath();
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(path));
    Mutations mutations;
    mutations.next_job_uid = 3;
    mutations.jobs.emplace(2, SampleJob(2, "a", JobState::kRunning));
    NIWAKI_ASSERT_OK(store->Commit(mutations));
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(path));

  EXPECT_EQ(store->Load()->next_job_uid, 3);
  EXPECT_EQ((*store->FindJob("a"))->uid, 2);
}

TEST(SqliteJobStoreTest, SecondOwnerIsRefused) {
  const std::string path = FreshPath();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(path));

  EXPECT_THAT(SqliteJobStore::Open(path),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseLocked));
}

TEST(SqliteJobStoreTest, NewerSchemaIsRefused) {
  const std::string path = FreshPath();
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(path));
    NIWAKI_ASSERT_OK(store->writer().Execute("PRAGMA user_version = 1000"));
  }

  EXPECT_THAT(SqliteJobStore::Open(path),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
}

TEST(SqliteJobStoreTest, FailedCommitLeavesNothing) {
  store::CommitFault fault;
  store::ConnectionOptions options;
  options.before_commit = fault.Hook();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath(), options));
  fault.FailNth(1, absl::UnavailableError("disk gone"));
  Mutations mutations;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kPending));

  EXPECT_THAT(store->Commit(mutations), StatusIs(absl::StatusCode::kUnavailable, "disk gone"));

  EXPECT_FALSE(store->FindJob("a")->has_value());
  EXPECT_FALSE(store->FindCandidate({1, 0})->has_value());
  NIWAKI_EXPECT_OK(store->Commit(mutations));
}

TEST(SqliteJobStoreTest, FullDiskLeavesNothingAndHeals) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations before;
  before.jobs.emplace(1, SampleJob(1, "kept", JobState::kRunning));
  NIWAKI_ASSERT_OK(store->Commit(before));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t pages, store->writer().QueryInt("PRAGMA page_count"));
  NIWAKI_ASSERT_OK(store->writer().Execute(absl::StrCat("PRAGMA max_page_count = ", pages + 2)));
  Mutations large;
  for (int slot = 0; slot < 1000; ++slot) {
    large.candidates.emplace(CandidateRef{1, slot},
                             SampleCandidate(slot, CandidateState::kPending));
  }

  EXPECT_THAT(store->Commit(large),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));

  EXPECT_TRUE(store->FindJob("kept")->has_value());
  EXPECT_FALSE(store->FindCandidate({1, 0})->has_value());
  NIWAKI_ASSERT_OK(store->writer().Execute("PRAGMA max_page_count = 1000000"));
  NIWAKI_EXPECT_OK(store->Commit(large));
  EXPECT_TRUE(store->FindCandidate({1, 999})->has_value());
}

TEST(SqliteJobStoreTest, ScoringOfAYoungJobIsWrittenDown) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations mutations;
  Job job = SampleJob(1, "a", JobState::kRunning);
  job.counters = {};
  mutations.jobs.emplace(1, job);
  NIWAKI_ASSERT_OK(store->Commit(mutations));
  NIWAKI_ASSERT_OK(store->Commit(mutations));

  EXPECT_EQ(*store->writer().QueryInt("SELECT count(*) FROM scorings"), 1);
}

TEST(SqliteJobStoreTest, MeaninglessRowsAreDataLoss) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations mutations;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kPending));
  NIWAKI_ASSERT_OK(store->Commit(mutations));
  NIWAKI_ASSERT_OK(store->writer().Execute("UPDATE candidates SET state = 77"));

  EXPECT_THAT(store->FindCandidate({1, 0}),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));

  NIWAKI_ASSERT_OK(store->writer().Execute("UPDATE jobs SET spec = '{'"));
  EXPECT_THAT(store->FindJob("a"), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::jobs
