#include "libs/jobs/engine/failure_causes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

TEST(FailureCausesTest, OnlyRefusedRequestsAreOfTheRequest) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kFailedPrecondition,
        absl::StatusCode::kNotFound, absl::StatusCode::kUnimplemented,
        absl::StatusCode::kOutOfRange}) {
    EXPECT_TRUE(IsOfRequest(code)) << absl::StatusCodeToString(code);
  }
  for (const absl::StatusCode code :
       {absl::StatusCode::kUnknown, absl::StatusCode::kInternal, absl::StatusCode::kUnavailable,
        absl::StatusCode::kResourceExhausted, absl::StatusCode::kOk}) {
    EXPECT_FALSE(IsOfRequest(code)) << absl::StatusCodeToString(code);
  }
}

TEST(FailureCausesTest, ReasonCountsTimesAndWorkersInGoodEnglish) {
  EXPECT_EQ(PoisonousReason({"a"}, "oom"),
            "CANDIDATE_POISONOUS: failed 1 time on 1 worker, last: oom");
  EXPECT_EQ(PoisonousReason({"a", "b", "a"}, "oom"),
            "CANDIDATE_POISONOUS: failed 3 times on 2 workers, last: oom");
}

TEST(FailureCausesTest, CauseIsWhatTheWorkerSaid) {
  EXPECT_EQ(CauseOf(PoisonousReason({"a", "a"}, "no room, last: at all")), "no room, last: at all");
  EXPECT_EQ(CauseOf("other classes, last: cat"), "other classes, last: cat");
  EXPECT_EQ(CauseOf("CANDIDATE_POISONOUS"), "CANDIDATE_POISONOUS");
}

TEST(FailureCausesTest, JobNamesItsMostFrequentCause) {
  FailureCauses causes;
  EXPECT_EQ(causes.JobReason(2), "none of 2 candidates could be scored");
  causes.Add("other classes");
  EXPECT_EQ(causes.JobReason(1), "the only candidate could not be scored: other classes");
  causes.Add(PoisonousReason({"a", "b"}, "oom"));
  causes.Add(PoisonousReason({"a", "a"}, "oom"));
  EXPECT_EQ(causes.JobReason(3),
            "none of 3 candidates could be scored; the most frequent cause, 2 times: oom");
}

TEST(FailureCausesTest, EqualCountsNameTheFirstInTheAlphabet) {
  FailureCauses causes;
  for (const char* cause : {"b", "c", "a"}) causes.Add(cause);
  EXPECT_EQ(causes.JobReason(3),
            "none of 3 candidates could be scored; the most frequent cause, 1 time: a");
}

TEST(FailureCausesTest, NumberOfCausesIsBounded) {
  FailureCauses causes;
  for (size_t i = 0; i < FailureCauses::kMaxCauses; ++i) causes.Add(std::to_string(i));
  causes.Add("z");
  causes.Add("z");
  causes.Add("7");
  EXPECT_EQ(causes.JobReason(5000),
            "none of 5000 candidates could be scored; the most frequent cause, 2 times: 7");
}

}  // namespace
}  // namespace niwaki::jobs
