#include "libs/jobs/store/in_memory_job_store.h"

#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/job_store_conformance.h"

namespace niwaki::jobs {
namespace {

// What an in-memory store keeps is itself.
class InMemoryRig : public StoreRig {
 public:
  JobStore& store() override { return store_; }
  void Reopen() override {}
  void FailNextCommitBefore(absl::Status status) override {
    store_.FailCommit(1, std::move(status));
  }
  void FailNextCommitAfter(absl::Status status) override {
    store_.FailCommit(1, std::move(status), CommitFailure::kAfter);
  }

 private:
  InMemoryJobStore store_;
};

std::unique_ptr<StoreRig> MakeInMemoryRig() { return std::make_unique<InMemoryRig>(); }

INSTANTIATE_TEST_SUITE_P(InMemory, JobStoreConformance, ::testing::Values(&MakeInMemoryRig));

TEST(InMemoryJobStoreTest, NthCommitFailsAndChangesNothing) {
  InMemoryJobStore store;
  store.FailCommit(2, absl::ResourceExhaustedError("full"));
  Mutations mutations;
  mutations.next_job_uid = 5;
  NIWAKI_ASSERT_OK(store.Commit(mutations, 0));
  mutations.next_job_uid = 6;

  EXPECT_THAT(store.Commit(mutations, 0), StatusIs(absl::StatusCode::kResourceExhausted, "full"));

  EXPECT_EQ(store.Load()->next_job_uid, 5);
  NIWAKI_EXPECT_OK(store.Commit(mutations, 0));
}

}  // namespace
}  // namespace niwaki::jobs
