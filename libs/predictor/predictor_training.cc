#include "libs/predictor/predictor_training.h"

#include <utility>

#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/predictor/baselines.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/training.h"

namespace niwaki::predictor {
namespace {

absl::StatusOr<PredictorInfo> TrainStructured(const arch::SearchSpace& space,
                                              const ScoreTable& table,
                                              const PredictorTraining& training,
                                              const std::string& path, PredictorInfo info) {
  NIWAKI_ASSIGN_OR_RETURN(const TrainedPredictor trained,
                          TrainPredictor(space, table, {training.seed, training.progress}));
  Describe(space, *trained.predictor, info);
  info.sessions = trained.sessions;
  info.noise = trained.noise;
  info.held_out = trained.held_out;
  MeasureBaselines(space, table, *info.held_out);
  NIWAKI_RETURN_IF_ERROR(WritePredictor(path, info, *trained.predictor));
  return info;
}

absl::StatusOr<PredictorInfo> TrainFeedForward(const arch::SearchSpace& space,
                                               const ScoreTable& table,
                                               const PredictorTraining& training,
                                               const std::string& path, PredictorInfo info) {
  NIWAKI_ASSIGN_OR_RETURN(const Encoding encoding, EncodingFromName(training.encoding));
  NIWAKI_ASSIGN_OR_RETURN(const Encoder encoder, Encoder::Create(encoding, space));
  MlpTrainingOptions options;
  options.seed = training.seed;
  options.steps = training.steps;
  options.progress = training.progress;
  NIWAKI_ASSIGN_OR_RETURN(const TrainedMlp trained, TrainMlp(encoder, table, options));
  Describe(space, *trained.predictor, info);
  info.held_out = trained.held_out;
  MeasureBaselines(space, table, *info.held_out);
  NIWAKI_RETURN_IF_ERROR(WritePredictor(path, info, *trained.predictor));
  return info;
}

}  // namespace

absl::StatusOr<PredictorInfo> TrainToFile(const arch::SearchSpace& space, const ScoreTable& table,
                                          const PredictorTraining& training,
                                          const std::string& path) {
  PredictorInfo info;
  info.source = training.source;
  info.scores = table.rows();
  info.scores_sha256 = table.Digest(space);
  if (training.kind == kStructuredKind) {
    return TrainStructured(space, table, training, path, std::move(info));
  }
  if (training.kind == kMlpKind) {
    return TrainFeedForward(space, table, training, path, std::move(info));
  }
  return InvalidValue("kind", training.kind, "structured or mlp");
}

}  // namespace niwaki::predictor
