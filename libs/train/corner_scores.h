// Scores of a phase's extreme subnets, as its validation when it ends.

#ifndef NIWAKI_LIBS_TRAIN_CORNER_SCORES_H_
#define NIWAKI_LIBS_TRAIN_CORNER_SCORES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/supernet/supernet.h"
#include "libs/train/recipe/choice_set.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

// One of the subnets that are scored when a phase ends.
struct CornerScore {
  // Resolution, then the choices of each elastic dimension: "R224-K7-E6-D4".
  std::string name;
  supernet::Score score;
};

// Name and subnet of each, without duplicates, smallest resolution first.
std::vector<std::pair<std::string, arch::Subnet>> CornersOf(const ChoiceSet& choices,
                                                            PhaseValidation validation);

// The errors of Scorer.
absl::StatusOr<std::vector<CornerScore>> ScoreCorners(const supernet::Supernet& supernet,
                                                      const data::PreparedData& data,
                                                      const ChoiceSet& choices,
                                                      PhaseValidation validation,
                                                      const supernet::ScoreOptions& options);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_CORNER_SCORES_H_
