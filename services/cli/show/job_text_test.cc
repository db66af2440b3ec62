#include "services/cli/show/job_text.h"

#include <utility>

#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::Job SomeJob() {
  v1::Job job;
  job.set_name("jobs/a");
  job.set_state(v1::JOB_STATE_SUCCEEDED);
  job.mutable_spec()->set_max_candidates(200);
  job.mutable_spec()->set_supernet("supernets/kws");
  job.mutable_progress()->set_scored(190);
  job.mutable_progress()->set_infeasible(9);
  job.mutable_progress()->set_failed(1);
  job.mutable_progress()->set_rejected(120);
  job.mutable_progress()->set_front_size(14);
  return job;
}

TEST(JobTextTest, SummaryCountsOutcomes) {
  EXPECT_EQ(JobSummary(SomeJob()),
            "jobs/a SUCCEEDED: 190 scored, 9 infeasible, 1 failed; 14 networks on the front");
}

TEST(JobTextTest, NoteLeavesOutWhatIsZero) {
  v1::Job job = SomeJob();
  EXPECT_EQ(ProgressNote(job), "front 14, 9 infeasible, 1 failed, 120 rejected, SUCCEEDED");
  job.set_state(v1::JOB_STATE_RUNNING);
  job.clear_progress();
  EXPECT_EQ(ProgressNote(job), "front 0");
}

TEST(JobTextTest, StandstillIsExplainedUntilTheEnd) {
  v1::Job job = SomeJob();
  job.set_state(v1::JOB_STATE_RUNNING);
  job.clear_progress();
  EXPECT_EQ(StandstillNotes({job}), "");
  job.set_state_reason("no worker");

  EXPECT_EQ(ProgressNote(job), "front 0, no worker");
  EXPECT_EQ(StandstillNotes({job, job}), "a: no worker\na: no worker\n");

  job.mutable_end_time()->set_seconds(1);
  EXPECT_EQ(ProgressNote(job), "front 0");
  EXPECT_EQ(StandstillNotes({job}), "");
}

TEST(JobTextTest, FailedJobsAreExplained) {
  v1::Job job = SomeJob();
  job.mutable_end_time()->set_seconds(1);
  job.set_state(v1::JOB_STATE_FAILED);
  job.set_state_reason("none of 3 candidates could be scored: other classes");

  EXPECT_EQ(StandstillNotes({job}), "a: none of 3 candidates could be scored: other classes\n");

  job.set_state(v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(StandstillNotes({job}), "");
}

TEST(JobTextTest, CandidatesWithoutAnOutcomeSayWhy) {
  v1::Candidate good;
  good.set_state(v1::CANDIDATE_STATE_SCORED);
  v1::Candidate failed;
  failed.set_state(v1::CANDIDATE_STATE_FAILED);
  failed.set_state_reason("other classes: \"cat\"");

  EXPECT_THAT(CandidateTable({good}, /*with_state=*/true).ToString(),
              ::testing::Not(HasSubstr("REASON")));
  EXPECT_THAT(CandidateTable({good, failed}, /*with_state=*/true).ToString(),
              AllOf(HasSubstr("REASON"), HasSubstr("other classes: \"cat\"\n")));
  EXPECT_THAT(CandidateTable({failed}, /*with_state=*/false).ToString(),
              ::testing::Not(HasSubstr("other classes")));
  EXPECT_THAT(CandidateCsv({good, failed}),
              AllOf(HasSubstr(",subnet,schedule,reason\r\n"), HasSubstr(",\"\",,\r\n"),
                    HasSubstr(",\"other classes: \"\"cat\"\"\"\r\n")));
}

TEST(JobTextTest, UnknownCostsAreUnknownInTablesAndEmptyInCsv) {
  v1::Candidate candidate;
  candidate.set_slot(4);
  candidate.set_state(v1::CANDIDATE_STATE_SCORED);
  candidate.set_subnet_id("cafe");
  candidate.set_subnet_json("{}");
  candidate.mutable_score()->set_top1(0.5);
  candidate.mutable_cost()->set_sram_bytes(1024);
  candidate.mutable_cost()->set_flash_bytes(2048);
  candidate.mutable_cost()->set_macs(3);
  candidate.mutable_cost()->set_params(4);

  EXPECT_THAT(CandidateTable({candidate}, /*with_state=*/false).ToString(), HasSubstr("unknown"));
  EXPECT_THAT(CandidateCsv({candidate}),
              HasSubstr("4,SCORED,cafe,0.5,0,0,1024,2048,,,3,4,,\"{}\""));
}

TEST(JobTextTest, MetricsOfTheJobHaveTheirColumns) {
  v1::Candidate candidate;
  candidate.mutable_score()->set_loss(0.25);
  candidate.mutable_score()->set_top5(0.75);
  candidate.mutable_cost()->mutable_energy_mj()->set_value(1.5);
  candidate.mutable_cost()->mutable_energy_mj()->set_provenance(v1::PROVENANCE_PREDICTED);

  EXPECT_THAT(CandidateTable({candidate}, /*with_state=*/true).ToString(),
              ::testing::Not(::testing::AnyOf(HasSubstr("LOSS"), HasSubstr("ENERGY"))));
  EXPECT_THAT(CandidateTable({candidate}, /*with_state=*/true,
                             {v1::METRIC_LOSS, v1::METRIC_TOP5, v1::METRIC_ENERGY_MJ})
                  .ToString(),
              AllOf(HasSubstr("LOSS"), HasSubstr("0.250"), HasSubstr("TOP-5"), HasSubstr("75.0 %"),
                    HasSubstr("ENERGY"), HasSubstr("1.5 mJ predicted")));
}

TEST(JobTextTest, JobTableShowsPrecision) {
  v1::Job job = SomeJob();
  job.mutable_spec()->mutable_evaluation()->set_precision("cuda-bf16");

  EXPECT_THAT(JobTable({job}).ToString(), AllOf(HasSubstr("PRECISION"), HasSubstr("cuda-bf16")));
}

TEST(JobTextTest, JobTableShowsShareDone) {
  EXPECT_THAT(JobTable({SomeJob()}).ToString(), AllOf(HasSubstr("200/200"), HasSubstr("kws")));
}

TEST(JobTextTest, UnknownStatesHaveAName) {
  EXPECT_EQ(StateName(static_cast<v1::JobState>(99)), "?");
  EXPECT_EQ(StateName(v1::CANDIDATE_STATE_INFEASIBLE), "INFEASIBLE");
}

TEST(JobTextTest, CsvQuotesTheSubnet) {
  v1::Candidate candidate;
  candidate.set_slot(3);
  candidate.set_state(v1::CANDIDATE_STATE_PENDING);
  candidate.set_subnet_id("ab");
  candidate.set_subnet_json(R"({"ks":[3]})");

  const std::string csv = CandidateCsv({candidate});

  EXPECT_THAT(csv, StartsWith("slot,state,subnet_id,top1,top5,loss,sram_bytes,"));
  EXPECT_THAT(csv, HasSubstr("3,PENDING,ab,,,,,,,,,,,\"{\"\"ks\"\":[3]}\",,\r\n"));
}

TEST(JobTextTest, ScheduleOfTheCostsIsShown) {
  v1::Candidate candidate;
  candidate.set_subnet_id("ab");
  candidate.mutable_cost()->set_sram_bytes(1000);
  candidate.mutable_cost()->set_schedule("streamed_75");

  EXPECT_THAT(CandidateCsv({candidate}), HasSubstr(",\"\",streamed_75,\r\n"));
  const std::string table = CandidateTable({candidate}, /*with_state=*/false).ToString();
  EXPECT_THAT(table, AllOf(HasSubstr("SCHEDULE"), HasSubstr("streamed_75")));
}

TEST(JobTextTest, TableLeavesUnknownFiguresEmpty) {
  v1::Candidate candidate;
  candidate.set_subnet_id("ab");
  const std::string text = CandidateTable({candidate}, /*with_state=*/false).ToString();

  EXPECT_THAT(text, ::testing::Not(HasSubstr("0 B")));
}

TEST(JobTextTest, LimitsOfTheDeviceAreThoseThatNobodyAskedFor) {
  v1::JobSpec asked;
  v1::Constraint& latency = *asked.add_constraints();
  latency.set_metric(v1::METRIC_LATENCY_US);
  latency.set_max(100000);
  EXPECT_EQ(DeviceLimitsNote(asked, asked), "");
  v1::JobSpec resolved = asked;
  for (const auto& [metric, max] :
       {std::pair(v1::METRIC_SRAM_BYTES, 320 << 10), {v1::METRIC_FLASH_BYTES, 1 << 20}}) {
    v1::Constraint& memory = *resolved.add_constraints();
    memory.set_metric(metric);
    memory.set_max(max);
  }

  EXPECT_EQ(DeviceLimitsNote(asked, resolved),
            "within the device's SRAM of 320.0 kB and flash of 1.00 MB");
  EXPECT_EQ(LimitsText(resolved.constraints()), "latency 100.0 ms, SRAM 320.0 kB, flash 1.00 MB");
}

TEST(JobTextTest, CandidateThatLeftTheFrontSaysWhy) {
  v1::Candidate candidate;
  candidate.set_state(v1::CANDIDATE_STATE_SCORED);
  candidate.mutable_proof()->set_state(v1::PROOF_STATE_REFUSED);
  candidate.mutable_proof()->set_reason("flash_bytes is 300 KiB");
  EXPECT_THAT(CandidateTable({candidate}, /*with_state=*/true, {}).ToString(),
              ::testing::HasSubstr("left the front: flash_bytes is 300 KiB"));
  EXPECT_THAT(CandidateCsv({candidate}), ::testing::HasSubstr("left the front"));
  candidate.mutable_proof()->set_state(v1::PROOF_STATE_PROVEN);
  EXPECT_THAT(CandidateCsv({candidate}), ::testing::Not(::testing::HasSubstr("flash_bytes is")));
}

TEST(JobTextTest, ProofOfACandidateIsTold) {
  EXPECT_EQ(ProofLines(v1::Proof()), "");
  v1::Proof proof;
  proof.set_state(v1::PROOF_STATE_PROVEN);
  proof.set_int8_digest("abc");
  proof.mutable_int8_score()->set_top1(0.5);
  proof.mutable_int8_score()->set_images(720);
  EXPECT_EQ(ProofLines(proof), "proof    PROVEN\nint8     50.0 % of 720 images, network abc\n");
  proof.mutable_figures()->set_board("boards/m7-0");
  proof.mutable_figures()->set_count(1234);
  EXPECT_THAT(ProofLines(proof), ::testing::HasSubstr("board    m7-0 ("));
}

TEST(JobTextTest, ProofsAreCountedWhileTheyAreUnderWayAndAfterwards) {
  v1::Job job;
  job.mutable_spec()->set_max_candidates(20);
  EXPECT_EQ(ProofNote(job), "");
  v1::ProofProgress& proof = *job.mutable_progress()->mutable_proof();
  proof.set_pending(1);
  proof.set_measuring(1);
  proof.set_proven(1);
  proof.set_extra_slots(8);
  EXPECT_EQ(ProofNote(job), "proving 2 of 3 (1 waiting, 1 being measured)");
  EXPECT_THAT(ProgressNote(job), ::testing::HasSubstr("proving 2 of 3"));
  EXPECT_EQ(AllSlots(job), 28);
  proof.clear_pending();
  proof.clear_measuring();
  proof.set_proven(2);
  proof.set_refused(1);
  EXPECT_EQ(ProofNote(job), "2 proven, 1 left the front");
  EXPECT_THAT(JobSummary(job), ::testing::HasSubstr("; 2 proven, 1 left the front"));
}

}  // namespace
}  // namespace niwaki::cli
