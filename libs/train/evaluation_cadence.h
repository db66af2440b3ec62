// When a training is evaluated on its way: a number of times, evenly spaced.

#ifndef NIWAKI_LIBS_TRAIN_EVALUATION_CADENCE_H_
#define NIWAKI_LIBS_TRAIN_EVALUATION_CADENCE_H_

namespace niwaki::train {

// No training comes as far: there is no other evaluation.
inline constexpr double kNeverEvaluate = 2;

// The progress at which the next evaluation is due: the first multiple of 1 / `evaluations` after
// `progress` in [0, 1]. kNeverEvaluate where that is the end, whose evaluation is the summary's,
// and where `evaluations` is 0.
double NextEvaluationAfter(double progress, int evaluations);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_EVALUATION_CADENCE_H_
