#include "libs/jobs/store/sqlite_rows.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/fingerprint_bytes.h"
#include "libs/jobs/store/job_store_conformance.h"
#include "libs/store/migrate.h"

namespace niwaki::jobs {
namespace {

// Those are for stores.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JobStoreConformance);

// Reading and writing whole rows is in job_store_conformance.h; here is what no writer makes.
class SqliteRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store::ConnectionOptions options;
    options.in_memory = true;
    NIWAKI_ASSERT_OK_AND_ASSIGN(connection_, store::Connection::Open("rows", options));
    NIWAKI_ASSERT_OK(store::Migrate(*connection_, kApplicationId, Migrations()));
    Mutations mutations;
    mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
    mutations.candidates.emplace(CandidateRef{1, 0}, SampleCandidate(0, CandidateState::kScored));
    NIWAKI_ASSERT_OK(WriteMutations(*connection_, mutations));
  }

  absl::StatusOr<Job> FirstJob() {
    auto row = connection_->Prepare(absl::StrCat("SELECT ", kJobColumns, " FROM jobs"));
    if (!row.ok()) return row.status();
    const auto found = row->Step();
    return found.ok() ? ReadJob(*row) : found.status();
  }

  absl::StatusOr<Candidate> FirstCandidate() {
    auto row = connection_->Prepare(
        absl::StrCat("SELECT ", CandidateColumns(), " FROM ", kCandidateTables));
    if (!row.ok()) return row.status();
    const auto found = row->Step();
    return found.ok() ? ReadCandidate(*row) : found.status();
  }

  void Damage(const std::string& sql) { NIWAKI_ASSERT_OK(connection_->Execute(sql)); }

  std::unique_ptr<store::Connection> connection_;
};

TEST_F(SqliteRowsTest, RowsReadBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Job job, FirstJob());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Candidate candidate, FirstCandidate());

  EXPECT_EQ(job.id, "a");
  EXPECT_EQ(candidate.subnet_id, SampleCandidate(0, CandidateState::kScored).subnet_id);
}

TEST_F(SqliteRowsTest, ScoredCandidateWithoutItsScoreIsDataLoss) {
  Damage("UPDATE candidates SET top1 = NULL");

  EXPECT_THAT(FirstCandidate(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST_F(SqliteRowsTest, StatesThatDoNotExistAreDataLoss) {
  for (const char* state : {"0", "7", "-1", "4294967297"}) {
    Damage(absl::StrCat("UPDATE jobs SET state = ", state));
    Damage(absl::StrCat("UPDATE candidates SET state = ", state));

    EXPECT_THAT(FirstJob(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt)) << state;
    EXPECT_THAT(FirstCandidate(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << state;
  }
}

TEST_F(SqliteRowsTest, FiguresReadBackAndUnknownOnesStayUnknown) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Candidate known, FirstCandidate());
  EXPECT_EQ(known.cost, SampleCandidate(0, CandidateState::kScored).cost);
  Candidate candidate = SampleCandidate(0, CandidateState::kScored);
  candidate.cost.latency_us = candidate.cost.energy_mj = cost::Figure();
  Mutations mutations;
  mutations.candidates.emplace(CandidateRef{1, 0}, candidate);
  NIWAKI_ASSERT_OK(WriteMutations(*connection_, mutations));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Candidate read, FirstCandidate());

  EXPECT_EQ(read.cost, candidate.cost);
  EXPECT_THAT(connection_->QueryInt("SELECT latency_provenance FROM candidates"), IsOkAndHolds(0));
}

TEST_F(SqliteRowsTest, FiguresOfOldRowsAreReadRight) {
  // Not known: provenance 0, whatever stands beside it.
  Damage(
      "UPDATE candidates SET latency_us = 0, latency_us_low = 0, latency_us_high = 0,"
      " latency_provenance = 0, energy_mj = 3, energy_provenance = 0");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Candidate unknown, FirstCandidate());
  // A device without a power: its energy was 0 and PREDICTED.
  Damage(
      "UPDATE candidates SET latency_us = 5, latency_us_low = 4, latency_us_high = 6,"
      " latency_provenance = 2, energy_mj = 0, energy_mj_low = 0, energy_mj_high = 0,"
      " energy_provenance = 4");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Candidate powerless, FirstCandidate());

  EXPECT_FALSE(unknown.cost.latency_us.known());
  EXPECT_FALSE(unknown.cost.energy_mj.known());
  EXPECT_EQ(powerless.cost.latency_us, cost::Figure::Of(5, 4, 6, cost::Provenance::kMeasured));
  EXPECT_FALSE(powerless.cost.energy_mj.known());
}

TEST_F(SqliteRowsTest, UnknownProvenanceIsDataLoss) {
  for (const char* column : {"latency_provenance", "energy_provenance"}) {
    Damage("UPDATE candidates SET latency_provenance = 2, energy_provenance = 4");
    Damage(absl::StrCat("UPDATE candidates SET ", column, " = 5"));

    EXPECT_THAT(FirstCandidate(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  }
}

TEST_F(SqliteRowsTest, DamagedSpecIsDataLoss) {
  Damage("UPDATE jobs SET spec = substr(spec, 1, 20)");

  EXPECT_THAT(FirstJob(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST_F(SqliteRowsTest, FingerprintOfWrongLengthIsDataLoss) {
  Damage("UPDATE candidates SET subnet_id = x'0011'");

  EXPECT_THAT(FirstCandidate(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST_F(SqliteRowsTest, DeletedJobTakesItsCandidatesAlong) {
  Mutations deletion;
  deletion.deleted_jobs.insert(1);

  NIWAKI_ASSERT_OK(WriteMutations(*connection_, deletion));

  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM candidates"), IsOkAndHolds(0));
}

TEST(FingerprintBytesTest, BytesSortAsFingerprintsDo) {
  const Fingerprint low = {1, 0xFFFFFFFFFFFFFFFF};
  const Fingerprint high = {2, 0};

  EXPECT_LT(FingerprintBytes(low), FingerprintBytes(high));
  EXPECT_EQ(FingerprintBytes({0x0102030405060708, 9}).substr(0, 8),
            "\x01\x02\x03\x04\x05\x06\x07\x08");
}

}  // namespace
}  // namespace niwaki::jobs
