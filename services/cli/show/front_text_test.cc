#include "services/cli/show/front_text.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

v1::Candidate MakeCandidate(int slot, double top1, int64_t images) {
  v1::Candidate candidate;
  candidate.set_slot(slot);
  candidate.set_state(v1::CANDIDATE_STATE_SCORED);
  candidate.set_subnet_id("cafe");
  candidate.set_subnet_json("{}");
  candidate.mutable_score()->set_top1(top1);
  candidate.mutable_score()->set_top5(1);
  candidate.mutable_score()->set_loss(0.5);
  candidate.mutable_score()->set_images(images);
  candidate.mutable_cost()->set_sram_bytes(1024);
  candidate.mutable_cost()->mutable_energy_mj()->set_value(3.25);
  candidate.mutable_cost()->mutable_energy_mj()->set_provenance(v1::PROVENANCE_PREDICTED);
  return candidate;
}

// As on the quickstart's supernet: 720 validation clips.
client::Front KeywordFront() {
  client::Front front;
  front.candidates = {MakeCandidate(7, 0.89, 720), MakeCandidate(3, 0.88, 720),
                      MakeCandidate(1, 0.84, 720)};
  front.objectives = {v1::METRIC_TOP1, v1::METRIC_LATENCY_US};
  front.etag = "e";
  return front;
}

v1::Job SomeJob(const std::vector<v1::Metric>& objectives) {
  v1::Job job;
  job.set_name("jobs/kws");
  for (const v1::Metric metric : objectives) job.mutable_spec()->add_objectives(metric);
  return job;
}

void AddTestScores(client::Front& front) {
  for (v1::Candidate& candidate : front.candidates) {
    *candidate.mutable_test_score() = candidate.score();
    candidate.mutable_test_score()->set_top1(candidate.score().top1() - 0.03);
    candidate.mutable_test_score()->set_images(840);
  }
  front.test_job = "jobs/kws.test";
}

TEST(FrontTextTest, AccuracyStandsWithItsErrorAndWhatIsNoiseIsMarked) {
  const std::string text =
      FrontText(SomeJob({v1::METRIC_TOP1, v1::METRIC_LATENCY_US}), KeywordFront());
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');

  ASSERT_GE(lines.size(), 8);
  EXPECT_THAT(lines[0], AllOf(HasSubstr("TOP-1"), Not(HasSubstr("ENERGY")), Not(HasSubstr("LOSS")),
                              Not(HasSubstr("TEST"))));
  EXPECT_THAT(lines[1], StartsWith("   7  89.0 % ± 1.2 ~  1.0 kB"));
  EXPECT_THAT(lines[2], StartsWith("   3  88.0 % ± 1.2    1.0 kB"));
  EXPECT_THAT(lines[3], StartsWith("   1  84.0 % ± 1.4    1.0 kB"));
  EXPECT_EQ(lines[4], "");
  EXPECT_EQ(lines[5], "± one standard error, of 720 validation images");
  EXPECT_EQ(lines[6],
            "~ not told apart from the next lower accuracy: less than 2 standard errors between "
            "them");
  EXPECT_THAT(lines[7], HasSubstr("niwaki front kws --test"));
}

TEST(FrontTextTest, TestScoresStandBesideThem) {
  client::Front front = KeywordFront();
  AddTestScores(front);

  const std::string text = FrontText(SomeJob({v1::METRIC_TOP1}), front);

  EXPECT_THAT(text, AllOf(HasSubstr("TEST TOP-1"), HasSubstr("86.0 % ± 1.2 ~"),
                          HasSubstr("720 validation images and 840 test images"),
                          Not(HasSubstr("--test"))));
}

TEST(FrontTextTest, NetworkWithoutTestScoreHasAnEmptyCell) {
  client::Front front = KeywordFront();
  AddTestScores(front);
  front.candidates[1].clear_test_score();

  EXPECT_THAT(FrontText(SomeJob({v1::METRIC_TOP1}), front), Not(HasSubstr("85.0 %")));
}

TEST(FrontTextTest, UnknownNumberOfImagesIsSaid) {
  client::Front front;
  front.candidates = {MakeCandidate(0, 0.9, 0), MakeCandidate(1, 0.9, 0)};

  EXPECT_THAT(FrontText(SomeJob({v1::METRIC_TOP1}), front),
              AllOf(HasSubstr("90.0 % ± unknown"), HasSubstr("an unknown number of validation"),
                    Not(HasSubstr("unknown ~"))));
}

TEST(FrontTextTest, MetricsOfTheJobHaveTheirColumns) {
  v1::Job job = SomeJob({v1::METRIC_LOSS, v1::METRIC_TOP5});
  v1::Constraint& constraint = *job.mutable_spec()->add_constraints();
  constraint.set_metric(v1::METRIC_ENERGY_MJ);
  constraint.set_max(5);

  const std::string text = FrontText(job, KeywordFront());

  EXPECT_THAT(
      text, AllOf(HasSubstr("LOSS"), HasSubstr("0.500"), HasSubstr("TOP-5"),
                  HasSubstr("100.0 % ± 0.1"), HasSubstr("ENERGY"), HasSubstr("3.25 mJ predicted")));
}

TEST(FrontTextTest, FrontOfTheTestItselfSaysSo) {
  v1::Job job = SomeJob({v1::METRIC_TOP1});
  job.mutable_spec()->mutable_evaluation()->set_split(v1::SPLIT_TEST);

  EXPECT_THAT(FrontText(job, KeywordFront()),
              AllOf(HasSubstr("720 test images"), Not(HasSubstr("--test"))));
}

TEST(FrontTextTest, EmptyFrontHasNoLegend) {
  EXPECT_THAT(FrontText(SomeJob({v1::METRIC_TOP1}), client::Front()), Not(HasSubstr("±")));
}

TEST(FrontTextTest, CsvHasErrorsAndTestScores) {
  client::Front front = KeywordFront();
  AddTestScores(front);
  front.candidates[2].clear_test_score();

  const std::vector<std::string> lines = absl::StrSplit(FrontCsv(front), "\r\n");

  ASSERT_EQ(lines.size(), 5);
  EXPECT_THAT(lines[0], StartsWith("slot,state,subnet_id,top1,"));
  EXPECT_THAT(lines[0],
              ::testing::EndsWith(
                  ",subnet,schedule,images,top1_standard_error,top5_standard_error,test_top1,"
                  "test_top5,test_loss,test_images,test_top1_standard_error,"
                  "within_noise_of_next,int8_top1,int8_top1_standard_error,int8_test_top1,proof,"
                  "board,board_count,bill_digest"));
  EXPECT_THAT(lines[1], HasSubstr("\"{}\",,720,0.0116607128,"));
  EXPECT_THAT(lines[1], ::testing::EndsWith(",0.86,1,0.5,840,0.01197219,1,,,,,,,"));
  EXPECT_THAT(lines[3], ::testing::EndsWith(",,,,,,0,,,,,,,"));
}

TEST(FrontTextTest, JsonHasErrorsAndTestScores) {
  client::Front front = KeywordFront();
  AddTestScores(front);
  front.candidates.push_back(MakeCandidate(9, 0.5, 0));

  const Json json = FrontJson(SomeJob({v1::METRIC_TOP1}), front);

  EXPECT_EQ(json["job"], "jobs/kws");
  EXPECT_EQ(json["test_job"], "jobs/kws.test");
  EXPECT_EQ(json["noise_factor"], 2);
  const Json& first = json["candidates"][0];
  EXPECT_EQ(first["score"]["images"], 720);
  EXPECT_NEAR(first["top1_standard_error"].get<double>(), std::sqrt(0.89 * 0.11 / 720), 1e-12);
  EXPECT_EQ(first["test_score"]["images"], 840);
  EXPECT_NEAR(first["test_top1_standard_error"].get<double>(), std::sqrt(0.86 * 0.14 / 840), 1e-12);
  EXPECT_EQ(first["within_noise_of_next"], true);
  EXPECT_EQ(json["candidates"][1]["within_noise_of_next"], false);
  EXPECT_TRUE(json["candidates"][3]["top1_standard_error"].is_null());
  EXPECT_TRUE(json["candidates"][3]["test_top1_standard_error"].is_null());
}

void Prove(v1::Candidate& candidate, bool on_board) {
  v1::Proof& proof = *candidate.mutable_proof();
  proof.set_state(v1::PROOF_STATE_PROVEN);
  *proof.mutable_int8_score() = candidate.score();
  proof.mutable_int8_score()->set_top1(candidate.score().top1() - 0.01);
  *proof.mutable_int8_test_score() = proof.int8_score();
  proof.mutable_int8_test_score()->set_images(840);
  if (!on_board) return;
  proof.mutable_figures()->set_board("boards/m7-0");
  proof.mutable_figures()->set_unit("instructions");
  proof.mutable_figures()->set_count(3210000);
  proof.mutable_figures()->set_bill_digest(std::string(64, 'b'));
}

TEST(FrontTextTest, ProvenNetworksSayOnWhatAndHowGoodTheyAre) {
  client::Front front = KeywordFront();
  Prove(front.candidates[0], /*on_board=*/true);
  Prove(front.candidates[1], /*on_board=*/false);

  const std::string text = FrontText(SomeJob({v1::METRIC_TOP1}), front);

  EXPECT_THAT(text, HasSubstr("INT8 TOP-1"));
  EXPECT_THAT(text, HasSubstr("INT8 TEST TOP-1"));
  EXPECT_THAT(text, HasSubstr("88.0 % ± 1.2"));
  EXPECT_THAT(text, HasSubstr("m7-0: 3.21 M instructions"));
  EXPECT_THAT(text, HasSubstr("bbbbbbbbbbbb"));
  EXPECT_THAT(text, HasSubstr("int8 only"));
  EXPECT_THAT(text, HasSubstr("of 720 validation images and 840 test images; PROOF"));
  const Json json = FrontJson(SomeJob({v1::METRIC_TOP1}), front);
  EXPECT_NEAR(json["candidates"][0]["int8_top1_standard_error"].get<double>(),
              std::sqrt(0.88 * 0.12 / 720), 1e-12);
  EXPECT_EQ(json["candidates"][0]["proof"]["figures"]["board"], "boards/m7-0");
  EXPECT_TRUE(json["candidates"][2]["int8_top1_standard_error"].is_null());
  const std::vector<std::string> lines = absl::StrSplit(FrontCsv(front), "\r\n");
  EXPECT_THAT(lines[1], HasSubstr(",0.88,0.0121106014,0.88,PROVEN,m7-0,3210000,bbbb"));
}

TEST(FrontTextTest, NetworkThatIsToLeaveSaysWhy) {
  client::Front front = KeywordFront();
  front.candidates[0].mutable_proof()->set_state(v1::PROOF_STATE_FAILED);
  front.candidates[0].mutable_proof()->set_reason("build: too large");
  front.candidates[1].mutable_proof()->set_state(v1::PROOF_STATE_PENDING);
  const std::string text = FrontText(SomeJob({v1::METRIC_TOP1}), front);
  EXPECT_THAT(text, HasSubstr("refused: build: too large"));
  EXPECT_THAT(text, HasSubstr("waiting"));
}

TEST(FrontTextTest, FrontThatNobodyCouldProveSaysSo) {
  v1::Job job = SomeJob({v1::METRIC_TOP1});
  job.set_state(v1::JOB_STATE_SUCCEEDED);
  EXPECT_THAT(FrontText(job, KeywordFront()), Not(HasSubstr("Not proven")));
  job.mutable_spec()->mutable_proof()->set_members(v1::PROOF_MEMBERS_BEST);
  EXPECT_THAT(FrontText(job, KeywordFront()), HasSubstr("no worker that proves took part"));
}

TEST(FrontTextTest, UntestedFrontHasNoTestJob) {
  EXPECT_TRUE(FrontJson(SomeJob({}), KeywordFront())["test_job"].is_null());
}

TEST(FrontTextTest, MetricsAreWhatAJobOptimisesOrLimits) {
  v1::Job job = SomeJob({v1::METRIC_TOP1});
  job.mutable_spec()->add_constraints()->set_metric(v1::METRIC_ENERGY_MJ);

  EXPECT_THAT(MetricsOf(job.spec()), ElementsAre(v1::METRIC_TOP1, v1::METRIC_ENERGY_MJ));
}

}  // namespace
}  // namespace niwaki::cli
