#include "libs/jobs/store/sqlite_job_store.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/job_store_conformance.h"
#include "libs/jobs/store/sqlite_rows.h"
#include "libs/store/commit_fault.h"
#include "libs/store/statement.h"

namespace niwaki::jobs {
namespace {

std::string FreshPath() { return absl::StrCat(::testing::TempDir(), "/", NewUuid(), ".db"); }

class SqliteRig : public StoreRig {
 public:
  SqliteRig() { Reopen(); }

  JobStore& store() override { return *store_; }
  void Reopen() override {
    store_ = nullptr;
    store::ConnectionOptions options;
    options.before_commit = fault_.Hook();
    options.after_commit = fault_.AfterHook();
    auto store = SqliteJobStore::Open(path_, options);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }
  void FailNextCommitBefore(absl::Status status) override { fault_.FailNth(1, std::move(status)); }
  void FailNextCommitAfter(absl::Status status) override {
    fault_.FailNth(1, std::move(status), store::CommitFaultTime::kAfter);
  }

 private:
  const std::string path_ = FreshPath();
  store::CommitFault fault_;
  std::unique_ptr<SqliteJobStore> store_;
};

std::unique_ptr<StoreRig> MakeSqliteRig() { return std::make_unique<SqliteRig>(); }

INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreConformance, ::testing::Values(&MakeSqliteRig));

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

TEST(SqliteJobStoreTest, FullDiskLeavesNothingAndHeals) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations before;
  before.jobs.emplace(1, SampleJob(1, "kept", JobState::kRunning));
  NIWAKI_ASSERT_OK(store->Commit(before, 0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int64_t pages, store->writer().QueryInt("PRAGMA page_count"));
  NIWAKI_ASSERT_OK(store->writer().Execute(absl::StrCat("PRAGMA max_page_count = ", pages + 2)));
  Mutations large;
  for (int slot = 0; slot < 1000; ++slot) {
    large.candidates.emplace(CandidateRef{1, slot},
                             SampleCandidate(slot, CandidateState::kPending));
  }

  EXPECT_THAT(store->Commit(large, 0),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));

  EXPECT_TRUE(store->FindJob("kept")->has_value());
  EXPECT_FALSE(store->FindCandidate({1, 0})->has_value());
  NIWAKI_ASSERT_OK(store->writer().Execute("PRAGMA max_page_count = 1000000"));
  NIWAKI_EXPECT_OK(store->Commit(large, 0));
  EXPECT_TRUE(store->FindCandidate({1, 999})->has_value());
}

TEST(SqliteJobStoreTest, ManyScoresAreSoughtByTheirKey) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations mutations;
  for (uint64_t i = 0; i < 1000; ++i) {
    mutations.scores.emplace(ScoreKey{{1, 1}, {i, i}}, Score{0.5, 0.6, 1, 10, 1});
  }
  NIWAKI_ASSERT_OK(store->Commit(mutations, 0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(store::Statement plan, store->writer().Prepare(absl::StrCat(
                                                         "EXPLAIN QUERY PLAN ", kSelectScores)));

  std::vector<std::string> steps;
  while (*plan.Step()) steps.emplace_back(plan.ColumnText(3));

  EXPECT_THAT(steps, ::testing::Contains(::testing::HasSubstr(
                         "SEARCH scores USING PRIMARY KEY (scoring_id=? AND subnet_id=?)")));
}

TEST(SqliteJobStoreTest, DatabaseOfAnEarlierProgramHasNoLeaderYet) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const int64_t rows,
      store->writer().QueryInt("SELECT count(*) FROM counters WHERE name = 'leader_epoch'"));
  EXPECT_EQ(rows, 0);

  NIWAKI_EXPECT_OK(store->Commit(Mutations(), 0));
  EXPECT_THAT(store->BeginEpoch(), IsOkAndHolds(1));
}

TEST(SqliteJobStoreTest, ScoringOfAYoungJobIsWrittenDown) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations mutations;
  Job job = SampleJob(1, "a", JobState::kRunning);
  job.counters = {};
  mutations.jobs.emplace(1, job);
  NIWAKI_ASSERT_OK(store->Commit(mutations, 0));
  NIWAKI_ASSERT_OK(store->Commit(mutations, 0));

  EXPECT_EQ(*store->writer().QueryInt("SELECT count(*) FROM scorings"), 1);
}

TEST(SqliteJobStoreTest, MeaninglessRowsAreDataLoss) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, SqliteJobStore::Open(FreshPath()));
  Mutations mutations;
  mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
  mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kPending));
  NIWAKI_ASSERT_OK(store->Commit(mutations, 0));
  NIWAKI_ASSERT_OK(store->writer().Execute("UPDATE candidates SET state = 77"));

  EXPECT_THAT(store->FindCandidate({1, 0}),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));

  NIWAKI_ASSERT_OK(store->writer().Execute("UPDATE jobs SET spec = '{'"));
  EXPECT_THAT(store->FindJob("a"), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::jobs
