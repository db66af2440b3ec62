#include "libs/train/evaluation_cadence.h"

#include <cmath>

namespace niwaki::train {

double NextEvaluationAfter(double progress, int evaluations) {
  // A multiple that rounding has put just below itself has been reached.
  constexpr double kRounding = 1e-9;
  if (evaluations == 0) return kNeverEvaluate;
  const double next = std::floor(progress * evaluations + kRounding) + 1;
  return next < evaluations ? next / evaluations : kNeverEvaluate;
}

}  // namespace niwaki::train
