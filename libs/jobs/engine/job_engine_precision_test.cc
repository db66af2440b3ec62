// JobEngine: candidates go to workers of the job's precision only, and jobs say when there is none.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine_fixture.h"

namespace niwaki::jobs {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using JobEnginePrecisionTest = JobEngineTest;

TEST_F(JobEnginePrecisionTest, WorkerGetsCandidatesOfItsPrecisionOnly) {
  MakeJob("f32", 2);
  MakeJob("bf16", 3, "", kCudaBf16);

  const std::vector<LeaseGrant> cuda = Lease("gpu", 10, kCudaBf16);
  const std::vector<LeaseGrant> cpu = Lease("cpu", 10, kCpuF32);

  ASSERT_THAT(cuda, SizeIs(3));
  for (const LeaseGrant& grant : cuda) {
    EXPECT_EQ(grant.job_id, "bf16");
    EXPECT_EQ(grant.evaluation.precision, kCudaBf16);
  }
  ASSERT_THAT(cpu, SizeIs(2));
  for (const LeaseGrant& grant : cpu) EXPECT_EQ(grant.job_id, "f32");
}

TEST_F(JobEnginePrecisionTest, MismatchYieldsNothingAndIsNoWork) {
  MakeJob("bf16", 3, "", kCudaBf16);

  EXPECT_THAT(Lease("cpu", 10, kCpuF32), IsEmpty());

  EXPECT_FALSE(engine_->has_work(kCpuF32));
  EXPECT_TRUE(engine_->has_work(kCudaBf16));
  EXPECT_EQ(GetJob("bf16").counters.pending, 3);
}

TEST_F(JobEnginePrecisionTest, PrecisionOutlivesARestart) {
  MakeJob("bf16", 1, "", kCudaBf16);
  Commit();
  Reload();

  EXPECT_THAT(Lease("cpu", 1, kCpuF32), IsEmpty());
  EXPECT_THAT(Lease("gpu", 1, kCudaBf16), SizeIs(1));
}

TEST_F(JobEnginePrecisionTest, ScoreOfOnePrecisionIsNotUsedForTheOther) {
  MakeJob("f32", 2, "net");
  const int64_t waiting = MakeJob("waiting", 1, "net", kCudaBf16);
  const LeaseGrant grant = Lease("cpu", 1)[0];
  ASSERT_EQ(grant.subnet_json, "net0");
  EXPECT_EQ(Report("cpu", grant).verdict, Verdict::kAccepted);
  Commit();

  // Neither for one that waited, nor for one that comes later.
  const int64_t later = MakeJob("later", 1, "net", kCudaBf16);
  EXPECT_EQ(Row(waiting, 0).state, CandidateState::kPending);
  EXPECT_EQ(Row(later, 0).state, CandidateState::kPending);
  // While a job of the same precision takes it from the table.
  const int64_t same = MakeJob("same", 1, "net");
  EXPECT_EQ(Row(same, 0).state, CandidateState::kScored);
  EXPECT_TRUE(Row(same, 0).cached);
}

TEST_F(JobEnginePrecisionTest, EachPrecisionHasItsOwnScoreOfANetwork) {
  const int64_t f32 = MakeJob("f32", 2, "net");
  const int64_t bf16 = MakeJob("bf16", 2, "net", kCudaBf16);
  const LeaseGrant cpu = Lease("cpu", 1, kCpuF32)[0];
  // Not held back by the other that is being scored.
  const LeaseGrant gpu = Lease("gpu", 1, kCudaBf16)[0];
  ASSERT_EQ(cpu.subnet_json, gpu.subnet_json);
  Score other = FakeScoreOf(gpu.subnet_json);
  other.loss += 0.5;

  EXPECT_EQ(Report("cpu", cpu).verdict, Verdict::kAccepted);
  EXPECT_EQ(Report("gpu", gpu, other).verdict, Verdict::kAccepted);

  EXPECT_EQ(Row(f32, 0).score->loss, FakeScoreOf(cpu.subnet_json).loss);
  EXPECT_EQ(Row(bf16, 0).score->loss, other.loss);
}

TEST_F(JobEnginePrecisionTest, JobWithoutAWorkerSaysSoAtOnce) {
  Lease("cpu", 1, kCpuF32);
  Job job;
  job.id = "queued";
  job.spec.evaluation.precision = kCudaBf16;
  job.supernet_digest = "supernet";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Job queued, engine_->CreateJob(job, now_));

  EXPECT_EQ(queued.state, JobState::kQueued);
  EXPECT_THAT(queued.state_reason,
              HasSubstr("no worker that computes in cuda-bf16 is there, but cpu in cpu-f32"));

  MakeJob("bf16", 1, "", kCudaBf16);

  EXPECT_EQ(GetJob("bf16").state_reason, queued.state_reason);
  EXPECT_EQ(GetJob("bf16").state, JobState::kRunning);
}

TEST_F(JobEnginePrecisionTest, JobWithAWorkerSaysNothing) {
  Lease("cpu", 1, kCpuF32);
  MakeJob("f32", 1);

  EXPECT_EQ(GetJob("f32").state_reason, "");
  now_ += Attendance::kPatience - absl::Seconds(1);
  engine_->NoteAbsentWorkers(now_);
  EXPECT_EQ(GetJob("f32").state_reason, "");
  now_ += absl::Seconds(1);
  engine_->NoteAbsentWorkers(now_);

  EXPECT_THAT(GetJob("f32").state_reason, HasSubstr("'cpu' has not called for a minute"));
}

TEST_F(JobEnginePrecisionTest, JobOfBeforeARestartGivesItsWorkersAMinute) {
  Lease("cpu", 1, kCpuF32);
  MakeJob("f32", 1);
  Commit();
  Reload();

  now_ += Attendance::kPatience - absl::Seconds(1);
  engine_->NoteAbsentWorkers(now_);
  EXPECT_EQ(GetJob("f32").state_reason, "");
  now_ += absl::Seconds(1);
  engine_->NoteAbsentWorkers(now_);

  EXPECT_THAT(GetJob("f32").state_reason, HasSubstr("none has called yet"));
}

TEST_F(JobEnginePrecisionTest, NoteGoesWhenAWorkerAsks) {
  MakeJob("bf16", 1, "", kCudaBf16);
  ASSERT_NE(GetJob("bf16").state_reason, "");
  Commit();

  // One of another precision does not help.
  Lease("cpu", 1, kCpuF32);
  EXPECT_NE(GetJob("bf16").state_reason, "");
  EXPECT_THAT(Lease("gpu", 1, kCudaBf16), SizeIs(1));

  EXPECT_EQ(GetJob("bf16").state_reason, "");
}

TEST_F(JobEnginePrecisionTest, NoteOutlivesARestartUntilAWorkerAsks) {
  MakeJob("bf16", 1, "", kCudaBf16);
  Commit();

  Reload();
  engine_->NoteAbsentWorkers(now_);

  EXPECT_NE(GetJob("bf16").state_reason, "");
  Lease("gpu", 1, kCudaBf16);
  EXPECT_EQ(GetJob("bf16").state_reason, "");
}

TEST_F(JobEnginePrecisionTest, BusyWorkerIsNotMissed) {
  MakeJob("a", 1, "", kCudaBf16);
  MakeJob("b", 1, "", kCudaBf16);
  const LeaseGrant grant = Lease("gpu", 1, kCudaBf16)[0];
  for (int i = 0; i < 20; ++i) {
    now_ += kTtl / 2;
    Run("gpu", grant);
    NIWAKI_ASSERT_OK(engine_->ExpireLeases(now_));
    engine_->NoteAbsentWorkers(now_);
  }
  ASSERT_GT(20 * kTtl / 2, 2 * Attendance::kPatience);

  EXPECT_EQ(GetJob("a").state_reason, "");
  EXPECT_EQ(GetJob("b").state_reason, "");
}

TEST_F(JobEnginePrecisionTest, OtherReasonsStay) {
  const int64_t uid = MakeJob("bf16", 1, "", kCudaBf16);
  engine_->SetStateReason(uid, "the oracle is away");
  now_ += Attendance::kPatience;

  engine_->NoteAbsentWorkers(now_);
  Lease("gpu", 1, kCudaBf16);

  EXPECT_EQ(GetJob("bf16").state_reason, "the oracle is away");
}

TEST_F(JobEnginePrecisionTest, PausedJobWaitsForNobody) {
  MakeJob("bf16", 1, "", kCudaBf16);
  NIWAKI_ASSERT_OK(engine_->PauseJob("bf16", now_));
  now_ += Attendance::kPatience;

  engine_->NoteAbsentWorkers(now_);

  EXPECT_EQ(GetJob("bf16").state_reason, "");
}

}  // namespace
}  // namespace niwaki::jobs
