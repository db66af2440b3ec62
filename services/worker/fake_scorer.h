// Scores without the candidates' networks: for tests of everything around the scoring, and for
// benchmarks.

#ifndef NIWAKI_SERVICES_WORKER_FAKE_SCORER_H_
#define NIWAKI_SERVICES_WORKER_FAKE_SCORER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/jobs/precision.h"
#include "services/worker/scorer.h"

namespace niwaki::worker {

struct FakeScorerOptions {
  // How long a score or a proof takes; both count as scores below.
  absl::Duration delay = absl::ZeroDuration();
  // What it says that it computes in.
  std::string precision = jobs::kDefaultPrecision;
  // Every n-th score of this process is an error; 0 for never.
  int64_t fail_every = 0;
  // Every n-th score of this process is not a number; 0 for never.
  int64_t nan_every = 0;
  // The process kills itself (SIGKILL) instead of giving its n-th score; 0 for never.
  int64_t die_at = 0;
  // The n-th score of this process never comes; 0 for never.
  int64_t hang_at = 0;
  // Of its quantiser; 0 for one that cannot prove.
  int quantiser_version = engine::kQuantiserVersion;
  // Borrowed; outlives the scorer.
  Clock* clock = &Clock::Real();
};

// The score that a fake worker gives: a pure function of the text of the architecture, the number
// of images and the split, the same in every process.
v1::Score FakeScore(const std::string& subnet_json, int64_t images,
                    v1::Split split = v1::SPLIT_VALIDATION);

// The int8 network that a fake worker gives (fake_network.h), with FakeScore for `images` of the
// validation split and for all of a test split of 1000.
absl::StatusOr<ProvenNetwork> FakeProof(const std::string& subnet_json, int64_t images);

class FakeScorer : public Scorer {
 public:
  explicit FakeScorer(const FakeScorerOptions& options = FakeScorerOptions()) : options_(options) {}

  std::string precision() const override { return options_.precision; }
  int quantiser_version() const override { return options_.quantiser_version; }
  absl::Status Prepare(const ScoreContext& context) override;
  absl::StatusOr<v1::Score> Score(const std::string& subnet_json) override;
  absl::StatusOr<ProvenNetwork> Prove(const std::string& subnet_json) override;

 private:
  // The faults that are due at the next score or proof; counts it.
  absl::Status Strike();

  const FakeScorerOptions options_;
  int64_t images_ = 0;
  v1::Split split_ = v1::SPLIT_VALIDATION;
  int64_t scores_ = 0;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_FAKE_SCORER_H_
