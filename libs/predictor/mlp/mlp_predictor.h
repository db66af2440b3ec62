// MlpPredictor: an accuracy predictor that is a feed-forward network on an encoding, such as OFA's
// published one.

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_MLP_PREDICTOR_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_MLP_PREDICTOR_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/subnet.h"
#include "libs/predictor/accuracy_predictor.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/mlp.h"

namespace niwaki::predictor {

class MlpPredictor : public AccuracyPredictor {
 public:
  // The network's output plus `offset` is the accuracy. InvalidArgument with reason
  // ARGUMENT_INVALID when the network has not one input for each column of the encoding.
  static absl::StatusOr<std::unique_ptr<MlpPredictor>> Create(Encoder encoder, Mlp mlp,
                                                              double offset = 0);

  const Encoder& encoder() const { return encoder_; }
  const Mlp& mlp() const { return mlp_; }
  double offset() const { return offset_; }

  void Predict(absl::Span<const arch::Subnet> subnets, absl::Span<double> top1) const override;

 private:
  MlpPredictor(Encoder encoder, Mlp mlp, double offset)
      : encoder_(std::move(encoder)), mlp_(std::move(mlp)), offset_(offset) {}

  const Encoder encoder_;
  const Mlp mlp_;
  const double offset_;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_MLP_PREDICTOR_H_
