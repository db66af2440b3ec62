#include "services/worker/fake_scorer.h"

#include <signal.h>

#include <cmath>
#include <limits>

#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"

namespace niwaki::worker {
namespace {

// Images of an evaluation that does not say how many.
constexpr int64_t kDefaultImages = 1000;

}  // namespace

v1::Score FakeScore(const std::string& subnet_json, int64_t images, v1::Split split) {
  const std::string key = split == v1::SPLIT_TEST ? "test " + subnet_json : subnet_json;
  Random random(FingerprintOf(key.data(), key.size()).low);
  const int64_t top1 = random.Uniform(images + 1);
  const int64_t top5 = top1 + random.Uniform(images - top1 + 1);
  v1::Score score;
  score.set_top1(static_cast<double>(top1) / images);
  score.set_top5(static_cast<double>(top5) / images);
  score.set_loss(2.0 - score.top1() - 0.5 * score.top5());
  score.set_images(images);
  return score;
}

absl::Status FakeScorer::Prepare(const ScoreContext& context) {
  images_ = context.evaluation.evaluation_images() > 0 ? context.evaluation.evaluation_images()
                                                       : kDefaultImages;
  split_ = context.evaluation.split();
  return absl::OkStatus();
}

absl::StatusOr<v1::Score> FakeScorer::Score(const std::string& subnet_json) {
  ++scores_;
  if (options_.delay > absl::ZeroDuration()) options_.clock->Sleep(options_.delay);
  if (options_.die_at == scores_) raise(SIGKILL);
  if (options_.hang_at == scores_) options_.clock->Sleep(absl::InfiniteDuration());
  if (options_.fail_every > 0 && scores_ % options_.fail_every == 0) {
    return Error(absl::StatusCode::kInternal, reason::kSystemError).Message("made to fail");
  }
  v1::Score score = FakeScore(subnet_json, images_, split_);
  if (options_.nan_every > 0 && scores_ % options_.nan_every == 0) {
    score.set_loss(std::numeric_limits<double>::quiet_NaN());
  }
  score.set_seconds(absl::ToDoubleSeconds(options_.delay));
  return score;
}

}  // namespace niwaki::worker
