#include "libs/predictor/structured/fewer_inputs.h"

#include "absl/algorithm/container.h"

namespace niwaki::predictor {

std::optional<std::vector<int>> FindInputs(const arch::SearchSpace& space,
                                           const std::vector<arch::Resolution>& inputs) {
  std::vector<int> indices;
  for (const arch::Resolution& own : space.resolutions()) {
    const auto found = absl::c_find_if(inputs, [&](const arch::Resolution& input) {
      return input.value == own.value && input.height == own.height && input.width == own.width;
    });
    if (found == inputs.end()) return std::nullopt;
    indices.push_back(static_cast<int>(found - inputs.begin()));
  }
  return indices;
}

int NumInputFeatures(int inputs) { return inputs > 1 ? inputs : 0; }

LinearModel KeepInputs(const std::vector<int>& kept, int inputs, const LinearModel& model) {
  // The resolution is the first gene, so its choices are the first features; they are none where
  // there is nothing to choose, and the one choice's weight is of every network.
  LinearModel fewer{model.intercept, {}};
  const int choices = NumInputFeatures(inputs);
  for (const int input : kept) {
    if (choices == 0) break;
    if (kept.size() == 1) {
      fewer.intercept += model.weights[input];
    } else {
      fewer.weights.push_back(model.weights[input]);
    }
  }
  fewer.weights.insert(fewer.weights.end(), model.weights.begin() + choices, model.weights.end());
  return fewer;
}

}  // namespace niwaki::predictor
