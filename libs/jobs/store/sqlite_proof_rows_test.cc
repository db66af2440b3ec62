#include "libs/jobs/store/sqlite_proof_rows.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/store/job_store_conformance.h"
#include "libs/jobs/store/mutations.h"
#include "libs/jobs/store/sample_proofs.h"
#include "libs/jobs/store/sqlite_rows.h"
#include "libs/store/connection.h"
#include "libs/store/migrate.h"
#include "libs/store/statement.h"

namespace niwaki::jobs {

// The rows of the conformance are wanted, its tests are not.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JobStoreConformance);

namespace {

class SqliteProofRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store::ConnectionOptions options;
    options.in_memory = true;
    NIWAKI_ASSERT_OK_AND_ASSIGN(connection_, store::Connection::Open("rows", options));
    NIWAKI_ASSERT_OK(store::Migrate(*connection_, kApplicationId, Migrations()));
    Mutations mutations;
    mutations.jobs.emplace(1, SampleJob(1, "a", JobState::kRunning));
    Candidate candidate = SampleCandidate(0, CandidateState::kScored);
    candidate.proof = SampleProof(ProofState::kProven);
    mutations.candidates.emplace(CandidateRef{1, 0}, candidate);
    mutations.networks.emplace(NetworkKey{{{1, 2}, {3, 4}}, 3}, SampleNetwork());
    NIWAKI_ASSERT_OK(WriteMutations(*connection_, mutations));
  }

  absl::StatusOr<std::optional<Proof>> FirstProof() {
    auto row = connection_->Prepare(absl::StrCat("SELECT ", kProofColumns, " FROM proofs"));
    if (!row.ok()) return row.status();
    const auto found = row->Step();
    return found.ok() ? ReadProof(*row, 0) : found.status();
  }

  std::unique_ptr<store::Connection> connection_;
};

TEST_F(SqliteProofRowsTest, RowsReadBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::optional<Proof> proof, FirstProof());
  ASSERT_TRUE(proof.has_value());
  EXPECT_EQ(proof->state, ProofState::kProven);
  EXPECT_TRUE(SameNetwork(*proof->network, SampleNetwork()));
  EXPECT_EQ(proof->figures->count, 1000);
  auto row = *connection_->Prepare(absl::StrCat("SELECT ", kNetworkColumns, " FROM int8_networks"));
  ASSERT_TRUE(*row.Step());
  EXPECT_TRUE(SameNetwork(ReadNetwork(row), SampleNetwork()));
}

TEST_F(SqliteProofRowsTest, ProofThatHasNotBegunHasNeitherNetworkNorFigures) {
  Mutations mutations;
  Candidate candidate = SampleCandidate(0, CandidateState::kScored);
  candidate.proof = Proof();
  mutations.candidates.emplace(CandidateRef{1, 0}, candidate);
  NIWAKI_ASSERT_OK(WriteProofs(*connection_, mutations));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::optional<Proof> proof, FirstProof());
  EXPECT_FALSE(proof->network.has_value());
  EXPECT_FALSE(proof->figures.has_value());
}

TEST_F(SqliteProofRowsTest, WhatNobodyWroteIsDataLoss) {
  for (const char* damage : {"proof_state = 99", "figures = '{'", "digest = NULL"}) {
    SCOPED_TRACE(damage);
    NIWAKI_ASSERT_OK(connection_->Execute("SAVEPOINT before"));
    NIWAKI_ASSERT_OK(connection_->Execute(absl::StrCat("UPDATE proofs SET ", damage)));
    EXPECT_THAT(FirstProof(), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
    NIWAKI_ASSERT_OK(connection_->Execute("ROLLBACK TO before"));
  }
}

}  // namespace
}  // namespace niwaki::jobs
