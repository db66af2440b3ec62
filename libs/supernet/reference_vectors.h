// Tensors and networks of the reference implementations, for tests: the files under
// NIWAKI_SHARED/ofa/vectors and the formula that made their weights and images.

#ifndef NIWAKI_LIBS_SUPERNET_REFERENCE_VECTORS_H_
#define NIWAKI_LIBS_SUPERNET_REFERENCE_VECTORS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/base/json.h"
#include "libs/supernet/ofa_names.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {

// NIWAKI_SHARED/ofa/vectors/NAME; FailedPrecondition when the variable is not set.
absl::StatusOr<std::string> VectorsPath(const std::string& name);

// NAME.index.json and NAME.bin as tensors of their own types.
absl::StatusOr<std::map<std::string, at::Tensor>> ReadVectors(const std::string& name);
absl::StatusOr<Json> ReadVectorsJson(const std::string& name);

// The tensor that the formula gives for `name`: SplitMix64 seeded by FNV-1a of the name, uniform in
// [low, high].
at::Tensor FormulaUniform(const std::string& name, at::IntArrayRef shape, double low, double high);

// `count` images [count, 3, side, side] with a gain for each and an offset for each channel.
at::Tensor FormulaImages(const std::string& tag, int64_t count, int64_t side);

// The value that the formula gives a state tensor of the reference, by its kind; running statistics
// are not covered.
at::Tensor FormulaState(const std::string& set, const std::string& key, at::IntArrayRef shape);

// One set of recorded figures: its space (libs/arch/testdata), the weights that the reference had,
// and what it computed.
struct ReferenceNet {
  arch::SearchSpace space;
  SharedWeights weights;
  OfaRepository repository;
  // SET.json and SET.arrays.
  Json figures;
  std::map<std::string, at::Tensor> arrays;
};
absl::StatusOr<arch::SearchSpace> ReadReferenceSpace(const std::string& set);
absl::StatusOr<ReferenceNet> ReadReferenceNet(const std::string& set, OfaRepository repository);

// Key → shape of every tensor of the reference's state dict.
absl::StatusOr<std::map<std::string, std::vector<int64_t>>> ReadStateShapes(const std::string& set);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_REFERENCE_VECTORS_H_
