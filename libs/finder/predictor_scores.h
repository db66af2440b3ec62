// A predictor's accuracies as the scores of a search in one process.

#ifndef NIWAKI_LIBS_FINDER_PREDICTOR_SCORES_H_
#define NIWAKI_LIBS_FINDER_PREDICTOR_SCORES_H_

#include <memory>

#include "libs/predictor/accuracy_predictor.h"
#include "libs/search/in_process_search.h"

namespace niwaki::finder {

// top1 is what `predictor` says. The function is not thread-safe.
search::ScoreFunction PredictorScores(
    std::shared_ptr<const predictor::AccuracyPredictor> predictor);

}  // namespace niwaki::finder

#endif  // NIWAKI_LIBS_FINDER_PREDICTOR_SCORES_H_
