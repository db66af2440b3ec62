#include "libs/jobs/store/in_memory_job_store.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/store/job_store_conformance.h"

namespace niwaki::jobs {
namespace {

std::unique_ptr<JobStore> MakeInMemory() { return std::make_unique<InMemoryJobStore>(); }

INSTANTIATE_TEST_SUITE_P(InMemory, JobStoreConformance, ::testing::Values(&MakeInMemory));

TEST(InMemoryJobStoreTest, FailedCommitChangesNothing) {
  InMemoryJobStore store;
  store.FailCommit(2, absl::ResourceExhaustedError("full"));
  Mutations mutations;
  mutations.next_job_uid = 5;
  NIWAKI_ASSERT_OK(store.Commit(mutations));
  mutations.next_job_uid = 6;

  EXPECT_THAT(store.Commit(mutations), StatusIs(absl::StatusCode::kResourceExhausted, "full"));

  EXPECT_EQ(store.Load()->next_job_uid, 5);
  NIWAKI_EXPECT_OK(store.Commit(mutations));
}

}  // namespace
}  // namespace niwaki::jobs
