// SharedWeights: the full-size tensors of a supernet, of which every subnet uses leading slices.
//
// Tensors are named as in checkpoints: `WeightName(weight)` plus ".weight", ".bias", ".bn.weight",
// ".bn.bias",
// ".bn.running_mean", ".bn.running_var", and for spaces with kernel transform matrices
// ".7to5_matrix" and ".5to3_matrix" (of depthwise layers).

#ifndef NIWAKI_LIBS_SUPERNET_WEIGHTS_H_
#define NIWAKI_LIBS_SUPERNET_WEIGHTS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"

namespace niwaki::supernet {

// One operator's tensors at full size, float32; those that the operator does not have are
// undefined.
struct LayerWeights {
  // Convolution: [Co, Ci, k, k]; depthwise: [C, 1, k, k]; linear: [Co, Ci].
  at::Tensor weight;
  at::Tensor bias;         // [Co]
  at::Tensor norm_weight;  // [Co]
  at::Tensor norm_bias;    // [Co]
  at::Tensor norm_mean;    // [Co], running mean of training
  at::Tensor norm_var;     // [Co], running variance of training
  at::Tensor matrix_7to5;  // [25, 25]
  at::Tensor matrix_5to3;  // [9, 9]
};

// How the optimiser treats a tensor.
enum class TensorUse { kDecayed, kNotDecayed, kStatistic };

// Movable; not copyable by accident because it is large: use Clone. Reading is thread-safe.
class SharedWeights {
 public:
  // The layers of the largest subnet with He initialisation by fan-out (per group), classifier
  // uniform by fan-in, matrices the identity, batch norm at 1, 0, 0, 1. Equal seeds give equal
  // weights on every machine.
  static SharedWeights Random(const arch::SearchSpace& space, uint64_t seed);

  SharedWeights(SharedWeights&&) = default;
  SharedWeights& operator=(SharedWeights&&) = default;
  SharedWeights(const SharedWeights&) = delete;
  SharedWeights& operator=(const SharedWeights&) = delete;

  SharedWeights Clone() const;
  // Other handles of the same memory, without gradients: for a thread that collects gradients of
  // its own.
  SharedWeights Alias() const;
  // Moves every tensor to `device` ("cpu" or "cuda") and to `type`.
  void To(const at::Device& device, at::ScalarType type);

  // The layer that `weight` names; it must belong to the space.
  const LayerWeights& layer(const arch::Weight& weight) const { return layers_[IndexOf(weight)]; }
  LayerWeights& layer(const arch::Weight& weight) { return layers_[IndexOf(weight)]; }
  bool has_layer(const arch::Weight& weight) const { return index_.contains(KeyOf(weight)); }

  // Every defined tensor in a fixed order, with its name.
  using Visitor = std::function<void(const std::string& name, at::Tensor& tensor, TensorUse use)>;
  void ForEach(const Visitor& visit);
  // The same, read-only.
  void ForEach(
      const std::function<void(const std::string& name, const at::Tensor& tensor)>& visit) const;

 private:
  SharedWeights() = default;
  static int32_t KeyOf(const arch::Weight& weight);
  int IndexOf(const arch::Weight& weight) const;

  std::vector<arch::Weight> order_;
  std::vector<LayerWeights> layers_;
  absl::flat_hash_map<int32_t, int> index_;
};

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_WEIGHTS_H_
