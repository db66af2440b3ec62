#include "libs/jobs/score.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::jobs {
namespace {

absl::Status CheckFigure(absl::string_view field, double value, double max) {
  if (!std::isfinite(value)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kScoreNotFinite)
        .Field(field)
        .Value(value)
        .Limit("finite")
        .Message(absl::StrCat(field, " ", value, " is not finite"));
  }
  return CheckRange(field, value, 0, max);
}

}  // namespace

ScoringId ScoringIdOf(absl::string_view supernet_digest, const Evaluation& evaluation) {
  const std::string hex = Sha256Hex(
      absl::StrCat("supernet ", supernet_digest, "\ndata ", evaluation.data_digest,
                   "\ncalibration ", evaluation.calibration_images, "\nevaluation ",
                   evaluation.evaluation_images, "\nprecision ", evaluation.precision, "\n",
                   // Nothing for the validation split: ids from before there was another one.
                   evaluation.split == Split::kTest ? "split test\n" : "",
                   // Nor for labels that are what they were.
                   evaluation.labels_by_name ? "labels by name\n" : ""));
  const auto id = Fingerprint::FromHex(absl::string_view(hex).substr(0, 32));
  NIWAKI_CHECK(id.ok());
  return *id;
}

absl::Status ValidateScore(const Score& score) {
  constexpr double kLargest = 1e300;
  NIWAKI_RETURN_IF_ERROR(CheckFigure("top1", score.top1, 1));
  NIWAKI_RETURN_IF_ERROR(CheckFigure("top5", score.top5, 1));
  NIWAKI_RETURN_IF_ERROR(CheckFigure("loss", score.loss, kLargest));
  NIWAKI_RETURN_IF_ERROR(CheckFigure("seconds", score.seconds, kLargest));
  return CheckAtLeast("images", score.images, 1);
}

ScoreTolerance ToleranceOf(absl::string_view precision) {
  if (precision == kCpuF32) return {};
  return {/*share=*/0.002, /*loss=*/0.01};
}

bool SameScore(const Score& a, const Score& b, const ScoreTolerance& tolerance) {
  return a.images == b.images && std::abs(a.top1 - b.top1) <= tolerance.share &&
         std::abs(a.top5 - b.top5) <= tolerance.share &&
         std::abs(a.loss - b.loss) <= tolerance.loss * std::abs(a.loss);
}

}  // namespace niwaki::jobs
