// A structured predictor of a space for the same space with only some of its input sizes: what was
// learned of the sizes that are left out is dropped, everything else holds as it is.

#ifndef NIWAKI_LIBS_PREDICTOR_STRUCTURED_FEWER_INPUTS_H_
#define NIWAKI_LIBS_PREDICTOR_STRUCTURED_FEWER_INPUTS_H_

#include <optional>
#include <vector>

#include "libs/arch/space.h"

namespace niwaki::predictor {

// A linear model of the features of a FeatureBasis.
struct LinearModel {
  double intercept = 0;
  std::vector<double> weights;
};

// For each input size of `space` its index among `inputs`; nothing where one is not among them.
std::optional<std::vector<int>> FindInputs(const arch::SearchSpace& space,
                                           const std::vector<arch::Resolution>& inputs);

// Features that a basis has more for the choice among `inputs` sizes than for none.
int NumInputFeatures(int inputs);

// `model` is of a basis of a space with `inputs` sizes; the result is of the basis, of the same
// Normalisation, of the space with only those numbered `kept` (ascending, at least one), and
// predicts the same for its networks. `model` has NumInputFeatures(inputs) weights at least.
LinearModel KeepInputs(const std::vector<int>& kept, int inputs, const LinearModel& model);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_STRUCTURED_FEWER_INPUTS_H_
