// The two ends of a space, scored: how far the largest and the smallest subnet have come.

#ifndef NIWAKI_LIBS_TRAIN_END_SCORES_H_
#define NIWAKI_LIBS_TRAIN_END_SCORES_H_

#include "absl/status/statusor.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/supernet/supernet.h"

namespace niwaki::train {

// Scores of the two ends of a space.
struct EndScores {
  supernet::Score largest;
  supernet::Score smallest;
};

// The two ends of a supernet's space, each at its own resolution. The errors of Scorer.
absl::StatusOr<EndScores> ScoreEnds(const supernet::Supernet& supernet,
                                    const data::PreparedData& data,
                                    const supernet::ScoreOptions& options);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_END_SCORES_H_
