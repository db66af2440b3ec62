// AccuracyPredictor: guesses the accuracy of a subnet without running it.

#ifndef NIWAKI_LIBS_PREDICTOR_ACCURACY_PREDICTOR_H_
#define NIWAKI_LIBS_PREDICTOR_ACCURACY_PREDICTOR_H_

#include "absl/types/span.h"
#include "libs/arch/subnet.h"

namespace niwaki::predictor {

// For the subnets of the one space it was made for. Implementations are immutable, so that any
// number of threads may call at once, and give the same bits for equal arguments on one machine,
// however the subnets are divided into calls.
class AccuracyPredictor {
 public:
  virtual ~AccuracyPredictor() = default;

  // Writes the predicted top-1 accuracy, as a share of 1, of canonical subnets; both spans have one
  // length. Much faster for hundreds at a time than one by one. Predictions are not clipped: those
  // of unlike networks may lie outside 0 to 1.
  virtual void Predict(absl::Span<const arch::Subnet> subnets, absl::Span<double> top1) const = 0;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_ACCURACY_PREDICTOR_H_
