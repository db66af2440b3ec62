// The coordinator from the last score to the proven front, as workers and users see it.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/rpc/call.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr int kSlots = 12;

class ProofOfFrontTest : public ::testing::Test {
 protected:
  void SetUp() override { coordinator_.RegisterSupernet(); }

  v1::LeaseCandidatesResponse Lease(int wait_ms = 100) {
    v1::LeaseCandidatesRequest request;
    request.set_worker("w");
    request.set_max_candidates(4);
    request.mutable_wait()->set_nanos(wait_ms * 1000000);
    request.set_knows_split(true);
    request.add_tasks(v1::LEASE_TASK_SCORE);
    request.add_tasks(v1::LEASE_TASK_PROVE);
    request.set_quantiser_version(engine::kQuantiserVersion);
    return *rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::LeaseCandidates, request,
                      kTimeout);
  }

  v1::ScoreVerdict Prove(const v1::Lease& lease, bool upload = true) {
    const std::string content = "int8 " + lease.subnet_json();
    if (upload) {
      NIWAKI_EXPECT_OK(coordinator_.Upload(Sha256Hex(content), content.size(), content).status());
    }
    v1::ReportScoresRequest request;
    request.set_worker("w");
    v1::ScoreReport& report = *request.add_reports();
    report.set_lease_id(lease.lease_id());
    report.set_epoch(lease.epoch());
    v1::Int8Network& network = *report.mutable_network();
    network.set_digest(Sha256Hex(content));
    network.set_quantiser_version(engine::kQuantiserVersion);
    network.set_quantise_key(Sha256Hex("key " + lease.subnet_json()));
    network.mutable_score()->set_top1(0.75);
    network.mutable_score()->set_images(100);
    network.mutable_test_score()->set_top1(0.5);
    network.mutable_test_score()->set_images(200);
    return rpc::Call(coordinator_.workers(), &v1::WorkerService::Stub::ReportScores, request,
                     kTimeout)
        ->verdicts(0);
  }

  // Until a network is to be proven.
  v1::Lease ProofLease() {
    while (true) {
      const v1::LeaseCandidatesResponse leases = Lease();
      if (leases.leases_size() == 0) continue;
      if (leases.leases(0).task() == v1::LEASE_TASK_PROVE) return leases.leases(0);
      NIWAKI_EXPECT_OK(coordinator_.Report("w", leases).status());
    }
  }

  TestCoordinator coordinator_;
};

TEST_F(ProofOfFrontTest, BestIsProvenThoughNobodyAskedForIt) {
  const v1::Job job = coordinator_.CreateJob(TestCoordinator::Spec(kSlots), "job");
  EXPECT_EQ(job.spec().proof().members(), v1::PROOF_MEMBERS_BEST);
  EXPECT_TRUE(job.spec().proof().where_possible());
  const v1::Lease lease = ProofLease();
  EXPECT_EQ(lease.quantiser_version(), engine::kQuantiserVersion);
  EXPECT_EQ(coordinator_.Get("job").state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(coordinator_.Get("job").progress().proof().leased(), 1);

  const v1::ScoreVerdict early = Prove(lease, /*upload=*/false);
  EXPECT_EQ(early.verdict(), v1::VERDICT_REJECTED);
  EXPECT_EQ(early.reason(), reason::kArtifactUnknown);
  EXPECT_EQ(Prove(lease).verdict(), v1::VERDICT_ACCEPTED);

  const v1::Job ended = coordinator_.Work("job");
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(ended.progress().proof().proven(), 1);
  EXPECT_EQ(ended.progress().proof().board(), "core/cortex-m7");
  const v1::Proof proof = coordinator_.Front("job").candidates(0).proof();
  EXPECT_EQ(proof.state(), v1::PROOF_STATE_PROVEN);
  EXPECT_EQ(proof.int8_digest(), Sha256Hex("int8 " + lease.subnet_json()));
  EXPECT_EQ(proof.int8_score().top1(), 0.75);
  EXPECT_EQ(proof.int8_test_score().images(), 200);
  EXPECT_EQ(proof.measurement(), "measurements/1");
  EXPECT_EQ(proof.figures().board(), "boards/m7-0");
  EXPECT_EQ(proof.figures().provenance(), v1::PROVENANCE_EMULATED);
  EXPECT_FALSE(proof.figures().has_latency_us());
}

TEST_F(ProofOfFrontTest, OldWorkersEndAJobThatSaysNothingOfProofs) {
  coordinator_.CreateJob(TestCoordinator::Spec(kSlots), "job");
  const v1::Job job = coordinator_.Work("job");
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_FALSE(job.progress().has_proof());
}

TEST_F(ProofOfFrontTest, JobThatAsksForProofsWaitsAndSaysForWhom) {
  v1::JobSpec spec = TestCoordinator::Spec(kSlots);
  spec.mutable_proof()->set_members(v1::PROOF_MEMBERS_FRONT);
  coordinator_.CreateJob(spec, "job");
  while (coordinator_.Get("job").progress().proof().pending() == 0) {
    const auto leases = coordinator_.Lease("old", 4, /*wait_ms=*/100);
    if (leases->leases_size() > 0) NIWAKI_ASSERT_OK(coordinator_.Report("old", *leases).status());
  }
  EXPECT_THAT(coordinator_.Get("job").state_reason(),
              ::testing::HasSubstr("proves with quantiser"));
  EXPECT_EQ(ProofLease().task(), v1::LEASE_TASK_PROVE);
  EXPECT_EQ(coordinator_.Get("job").state_reason(), "");
}

TEST_F(ProofOfFrontTest, NonsenseIsRefusedByItsField) {
  v1::CreateJobRequest request;
  *request.mutable_spec() = TestCoordinator::Spec(kSlots);
  request.mutable_spec()->mutable_proof()->set_members(static_cast<v1::ProofMembers>(9));
  EXPECT_THAT(coordinator_.Create(request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "spec.proof.members"));
  request.mutable_spec()->mutable_proof()->set_members(v1::PROOF_MEMBERS_BEST);
  request.mutable_spec()->mutable_proof()->set_extra_slots(-1);
  EXPECT_THAT(coordinator_.Create(request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "spec.proof.extra_slots"));
}

}  // namespace
}  // namespace niwaki::coordinator
