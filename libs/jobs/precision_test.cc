#include "libs/jobs/precision.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

TEST(PrecisionTest, KnownOnesAreValidAndTheDefaultIsOneOfThem) {
  for (const std::string& precision : KnownPrecisions()) {
    NIWAKI_EXPECT_OK(ValidatePrecision(precision, "f"));
  }
  EXPECT_THAT(KnownPrecisions(), ::testing::Contains(kDefaultPrecision));
}

TEST(PrecisionTest, UnknownOneIsRefusedWithFieldValueAndChoices) {
  for (const char* precision : {"", "cpu", "CPU-F32", "cpu-f32 ", "cuda-f16"}) {
    const absl::Status status = ValidatePrecision(precision, "spec.evaluation.precision");

    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    const auto detail = GetErrorDetail(status);
    EXPECT_EQ(detail->field, "spec.evaluation.precision");
    EXPECT_EQ(detail->value, precision);
    EXPECT_EQ(detail->limit, "one of cpu-f32, cuda-bf16");
  }
}

TEST(PrecisionTest, LongValueIsCut) {
  const absl::Status status = ValidatePrecision(std::string(5000, 'x'), "f");

  EXPECT_LT(status.message().size(), 300u);
}

TEST(PrecisionTest, EmptyFieldMeansTheDefault) {
  EXPECT_EQ(PrecisionOrDefault(""), "cpu-f32");
  EXPECT_EQ(PrecisionOrDefault("cuda-bf16"), "cuda-bf16");
}

}  // namespace
}  // namespace niwaki::jobs
