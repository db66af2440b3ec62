#include "libs/train/end_scores.h"

#include "libs/arch/subnet.h"
#include "libs/base/status_macros.h"

namespace niwaki::train {

absl::StatusOr<EndScores> ScoreEnds(const supernet::Supernet& supernet,
                                    const data::PreparedData& data,
                                    const supernet::ScoreOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer, supernet::Scorer::Create(&supernet, &data, options));
  EndScores scores;
  NIWAKI_ASSIGN_OR_RETURN(scores.largest, scorer->ScoreSubnet(arch::MaxSubnet(supernet.space())));
  NIWAKI_ASSIGN_OR_RETURN(scores.smallest, scorer->ScoreSubnet(arch::MinSubnet(supernet.space())));
  return scores;
}

}  // namespace niwaki::train
