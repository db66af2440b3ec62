// Mlp: a feed-forward network with ReLU between its layers and one output, on sparse one-hot input.
//
// The first layer is a sum of as many weight columns as the input has ones; the others are matrix
// products over blocks of rows, in AVX-512 or AVX2 where the processor has it (dense_kernels.h).

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_MLP_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_MLP_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/predictor/mlp/dense_kernels.h"
#include "libs/predictor/mlp/encoder.h"

namespace niwaki::predictor {

// outputs = weights · inputs + bias.
struct DenseLayer {
  int inputs = 0;
  int outputs = 0;
  // [outputs, inputs] float32, row-major.
  std::vector<float> weights;
  // [outputs]; empty for none.
  std::vector<float> bias;
};

// Immutable, thread-safe.
class Mlp {
 public:
  // At least two layers, each of as many inputs as the one before has outputs (1 to 65536), the
  // last of one output. InvalidArgument with reason ARGUMENT_INVALID names the layer, the value
  // and the limit, also for a weight that is not finite.
  static absl::StatusOr<Mlp> Create(std::vector<DenseLayer> layers);

  int inputs() const { return layers_.front().inputs; }
  const std::vector<DenseLayer>& layers() const { return layers_; }
  // Of one row with `ones` ones.
  int64_t MultiplyAdds(int ones) const;

  // Writes the output for each row; `kernels` for tests, others leave it. Equal bits however rows
  // are divided into calls.
  void Forward(const SparseRows& rows, absl::Span<float> outputs,
               const DenseKernels& kernels = BestDenseKernels()) const;

 private:
  // Layers but the last, packed in panels.
  struct Packed {
    std::vector<float> weights;
    std::vector<float> bias;
    int64_t panels = 0;
  };

  explicit Mlp(std::vector<DenseLayer> layers);
  PackedLayer packed(size_t layer) const;
  // `count` rows from `first` on; `scratch` holds two blocks of rows at the widest layer.
  void ForwardBlock(const SparseRows& rows, int first, int count, std::vector<float>& scratch,
                    float* outputs, const DenseKernels& kernels) const;

  std::vector<DenseLayer> layers_;
  std::vector<Packed> packed_;
  // Floats of a row at the widest packed layer.
  int64_t widest_ = 0;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_MLP_H_
