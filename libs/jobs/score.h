// Score: how well one network classifies, and the key that it is a pure function of.

#ifndef NIWAKI_LIBS_JOBS_SCORE_H_
#define NIWAKI_LIBS_JOBS_SCORE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/jobs/precision.h"

namespace niwaki::jobs {

struct Score {
  // Shares of the evaluation images, 0 to 1.
  double top1 = 0;
  double top5 = 0;
  // Mean cross entropy in nats, from 0.
  double loss = 0;
  // Evaluated, from 1.
  int64_t images = 0;
  // Wall time on the worker, from 0; for statistics, no part of the score's identity.
  double seconds = 0;
};

// A part of the prepared data. The numbers are those of the wire.
enum class Split {
  kValidation = 1,
  // What no search sees.
  kTest = 2
};

// How networks are scored; every field set.
struct Evaluation {
  // SHA-256 of the prepared data.
  std::string data_digest;
  int32_t calibration_images = 512;
  // 0 means all of the split.
  int32_t evaluation_images = 0;
  // What the scoring devices compute in: one of KnownPrecisions().
  std::string precision = kDefaultPrecision;
  // What is scored.
  Split split = Split::kValidation;
  // The data's classes are the supernet's in another order, and its labels are mapped by their
  // names. Scores of such data from before that was done have another identity.
  bool labels_by_name = false;

  friend bool operator==(const Evaluation& a, const Evaluation& b) {
    return a.data_digest == b.data_digest && a.calibration_images == b.calibration_images &&
           a.evaluation_images == b.evaluation_images && a.precision == b.precision &&
           a.split == b.split && a.labels_by_name == b.labels_by_name;
  }
};

// Identity of (supernet, evaluation): 128 bits of the SHA-256 of both. All networks of one scoring
// are comparable.
using ScoringId = Fingerprint;
ScoringId ScoringIdOf(absl::string_view supernet_digest, const Evaluation& evaluation);

// What a score is a pure function of.
struct ScoreKey {
  ScoringId scoring;
  arch::SubnetId subnet;

  friend bool operator==(const ScoreKey& a, const ScoreKey& b) {
    return a.scoring == b.scoring && a.subnet == b.subnet;
  }
  friend bool operator<(const ScoreKey& a, const ScoreKey& b) {
    return a.scoring != b.scoring ? a.scoring < b.scoring : a.subnet < b.subnet;
  }
  template <typename H>
  friend H AbslHashValue(H h, const ScoreKey& k) {
    return H::combine(std::move(h), k.scoring, k.subnet);
  }
};

// InvalidArgument naming the field: SCORE_NOT_FINITE for NaN and infinities, ARGUMENT_INVALID for a
// value out of range.
absl::Status ValidateScore(const Score& score);

// How far two scores of one key may lie apart and still be the same; what the precision class
// promises.
struct ScoreTolerance {
  // Of top1 and top5.
  double share = 0;
  // Of loss, relative.
  double loss = 0;
};

// Zero for "cpu-f32" (bit for bit); one image in 500 and 1 % of the loss for every other class.
ScoreTolerance ToleranceOf(absl::string_view precision);

// Whether `b` repeats `a`. `seconds` does not count.
bool SameScore(const Score& a, const Score& b, const ScoreTolerance& tolerance);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_SCORE_H_
