// Training of an accuracy predictor on measured scores.

#ifndef NIWAKI_LIBS_PREDICTOR_TRAINING_H_
#define NIWAKI_LIBS_PREDICTOR_TRAINING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/predictor/accuracy_predictor.h"
#include "libs/predictor/evaluation.h"
#include "libs/predictor/score_table.h"
#include "libs/predictor/structured/structured_predictor.h"

namespace niwaki::predictor {

struct TrainingOptions {
  // Of the division into parts.
  uint64_t seed = 1;
  // Called before each fit with the number done and of all.
  std::function<void(int done, int total)> progress;
};

struct TrainedPredictor {
  // Of all scores.
  std::unique_ptr<StructuredPredictor> predictor;
  // Of predictors trained on four fifths, on the fifth that they did not see, each in turn.
  HeldOut held_out;
  // How many sessions the scores fall into (sessions.h), and the first row of all but the first.
  int sessions = 1;
  std::vector<int> session_starts;
  // Standard deviation of what the predictor leaves of the scores, within their sessions.
  double noise = 0;
};

// One predictor on all of `table`, fitted by evidence (evidence_regression.h) on a FeatureBasis,
// and on its choices alone, mixed by how probable the scores are on each. Where a first fit shows
// that the scores fall into sessions, each gets an offset, and one that varies with the input's
// size; predictions are those of the mean session. The table has been checked. Deterministic.
std::unique_ptr<StructuredPredictor> FitStructured(const arch::SearchSpace& space,
                                                   const ScoreTable& table,
                                                   TrainedPredictor* figures = nullptr);

// Each row's accuracy as predicted by a predictor that has not seen it.
struct CrossValidation {
  HeldOut held_out;
  std::vector<double> predicted;
  // For each row the part that it was held out with; -1 for one that was never predicted.
  std::vector<int> part;
};

// How predictors that `fit` makes of four fifths of `table` do on the fifth that they did not see,
// each fifth in turn. Reports as many fits to do as parts, and one for the caller. The errors of
// CheckScores and of `fit`.
using Fit =
    std::function<absl::StatusOr<std::unique_ptr<AccuracyPredictor>>(const ScoreTable& training)>;
absl::StatusOr<CrossValidation> CrossValidate(const ScoreTable& table,
                                              const TrainingOptions& options, const Fit& fit);

// With its held-out figures, from five further fits. The errors of CheckScores.
absl::StatusOr<TrainedPredictor> TrainPredictor(const arch::SearchSpace& space,
                                                const ScoreTable& table,
                                                const TrainingOptions& options);

// Kendall's tau within one input size and one session of rows that were held out; nothing where
// there is one session.
std::optional<double> KendallWithinSessions(const ScoreTable& table,
                                            const CrossValidation& validation,
                                            const std::vector<int>& session_starts);

// The input size of every network, as the gene's value.
std::vector<int> InputsOf(const ScoreTable& table);

// The rows of `table` that are in `rows`, in that order.
ScoreTable Select(const ScoreTable& table, const std::vector<int>& rows);

// The predictions of `predictor` against the rows `rows` of `table`; parts is 1.
HeldOut Evaluate(const AccuracyPredictor& predictor, const ScoreTable& table,
                 const std::vector<int>& rows);

// Numbers 0 to `rows` - 1 in random order.
std::vector<int> Shuffled(int rows, uint64_t seed);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_TRAINING_H_
