#include "services/worker/fake_scorer.h"

#include <signal.h>

#include <cmath>
#include <limits>

#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/tflite/write_model.h"
#include "services/worker/fake_network.h"

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

absl::StatusOr<ProvenNetwork> FakeProof(const std::string& subnet_json, int64_t images) {
  ProvenNetwork proven;
  NIWAKI_ASSIGN_OR_RETURN(proven.file, interchange::WriteModel(FakeNetwork(subnet_json)));
  proven.quantise_key = Sha256Hex("fake " + subnet_json);
  proven.score = FakeScore(subnet_json, images);
  proven.score.clear_loss();
  proven.test_score = FakeScore(subnet_json, kDefaultImages, v1::SPLIT_TEST);
  proven.test_score->clear_loss();
  return proven;
}

absl::Status FakeScorer::Prepare(const ScoreContext& context) {
  images_ = context.evaluation.evaluation_images() > 0 ? context.evaluation.evaluation_images()
                                                       : kDefaultImages;
  split_ = context.evaluation.split();
  return absl::OkStatus();
}

absl::Status FakeScorer::Strike() {
  ++scores_;
  if (options_.delay > absl::ZeroDuration()) options_.clock->Sleep(options_.delay);
  if (options_.die_at == scores_) raise(SIGKILL);
  if (options_.hang_at == scores_) options_.clock->Sleep(absl::InfiniteDuration());
  if (options_.fail_every > 0 && scores_ % options_.fail_every == 0) {
    return Error(absl::StatusCode::kInternal, reason::kSystemError).Message("made to fail");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Score> FakeScorer::Score(const std::string& subnet_json) {
  NIWAKI_RETURN_IF_ERROR(Strike());
  v1::Score score = FakeScore(subnet_json, images_, split_);
  if (options_.nan_every > 0 && scores_ % options_.nan_every == 0) {
    score.set_loss(std::numeric_limits<double>::quiet_NaN());
  }
  score.set_seconds(absl::ToDoubleSeconds(options_.delay));
  return score;
}

absl::StatusOr<ProvenNetwork> FakeScorer::Prove(const std::string& subnet_json) {
  NIWAKI_RETURN_IF_ERROR(Strike());
  NIWAKI_ASSIGN_OR_RETURN(ProvenNetwork proven, FakeProof(subnet_json, images_));
  proven.score.set_seconds(absl::ToDoubleSeconds(options_.delay));
  return proven;
}

}  // namespace niwaki::worker
