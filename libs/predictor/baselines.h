// Baselines: what a predictor must beat. More arithmetic and more parameters mostly mean more
// accuracy, and cost nothing to know.

#ifndef NIWAKI_LIBS_PREDICTOR_BASELINES_H_
#define NIWAKI_LIBS_PREDICTOR_BASELINES_H_

#include "libs/arch/space.h"
#include "libs/predictor/evaluation.h"
#include "libs/predictor/score_table.h"

namespace niwaki::predictor {

// Fills in `figures.macs` and `figures.parameters` from the networks and scores of `table`, which
// are of `space`.
void MeasureBaselines(const arch::SearchSpace& space, const ScoreTable& table, HeldOut& figures);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_BASELINES_H_
