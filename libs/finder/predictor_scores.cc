#include "libs/finder/predictor_scores.h"

#include <utility>
#include <vector>

namespace niwaki::finder {

search::ScoreFunction PredictorScores(
    std::shared_ptr<const predictor::AccuracyPredictor> predictor) {
  auto top1 = std::make_shared<std::vector<double>>();
  return [predictor = std::move(predictor), top1](absl::Span<const arch::Subnet> subnets,
                                                  absl::Span<search::Metrics> metrics) {
    top1->resize(subnets.size());
    predictor->Predict(subnets, absl::MakeSpan(*top1));
    for (size_t i = 0; i < subnets.size(); ++i) metrics[i].top1 = (*top1)[i];
    return absl::OkStatus();
  };
}

}  // namespace niwaki::finder
