// StructuredPredictor: accuracy as a linear function of a FeatureBasis, with the weights folded
// into tables: one number for each choice, and for each input size and width multiplier a quadratic
// form of the stages' coordinates. About a fifth of a microsecond for a network.

#ifndef NIWAKI_LIBS_PREDICTOR_STRUCTURED_STRUCTURED_PREDICTOR_H_
#define NIWAKI_LIBS_PREDICTOR_STRUCTURED_STRUCTURED_PREDICTOR_H_

#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/predictor/accuracy_predictor.h"
#include "libs/predictor/structured/feature_basis.h"

namespace niwaki::predictor {

class StructuredPredictor : public AccuracyPredictor {
 public:
  // `weights` has one number for each feature of `basis`, which is of `space`.
  StructuredPredictor(const arch::SearchSpace& space, FeatureBasis basis, double intercept,
                      std::vector<double> weights);

  const FeatureBasis& basis() const { return basis_; }
  double intercept() const { return intercept_; }
  const std::vector<double>& weights() const { return weights_; }

  void Predict(absl::Span<const arch::Subnet> subnets, absl::Span<double> top1) const override;

 private:
  // What a gene adds, by value from `first` on in effects_ and shifts_.
  struct Entry {
    int gene = 0;
    int depth_gene = -1;
    int active_from = 0;
    // Coordinate of the stages that it shifts; the last, unused one for none.
    int coordinate = 0;
    int first = 0;
  };

  void FoldGenes();
  void FoldProducts();
  double PredictOne(const arch::Subnet& subnet, double* coordinates) const;

  const FeatureBasis basis_;
  const double intercept_;
  const std::vector<double> weights_;

  int resolution_gene_ = 0;
  int width_gene_ = 0;
  int num_widths_ = 0;
  // Coordinates of the stages.
  int size_ = 0;
  std::vector<Entry> entries_;
  std::vector<double> effects_;
  std::vector<double> shifts_;
  // Of the coordinates before any gene has shifted them.
  std::vector<double> start_;
  // For each resolution and, faster, width multiplier: [1 + size_, 1 + size_], upper triangle, of a
  // form in (1, coordinates).
  std::vector<double> forms_;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_STRUCTURED_STRUCTURED_PREDICTOR_H_
