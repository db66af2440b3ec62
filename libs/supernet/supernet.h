// Supernet: a search space together with its shared weights. This header needs no LibTorch.

#ifndef NIWAKI_LIBS_SUPERNET_SUPERNET_H_
#define NIWAKI_LIBS_SUPERNET_SUPERNET_H_

#include <cstdint>
#include <memory>

#include "libs/arch/space.h"

namespace niwaki::supernet {

class SharedWeights;

// Reading is thread-safe; whoever changes the weights must be alone.
class Supernet {
 public:
  // Untrained weights; equal seeds give equal weights.
  static std::unique_ptr<Supernet> Random(const arch::SearchSpace& space, uint64_t seed);

  Supernet(const arch::SearchSpace& space, SharedWeights weights);
  ~Supernet();
  Supernet(const Supernet&) = delete;
  Supernet& operator=(const Supernet&) = delete;

  const arch::SearchSpace& space() const { return space_; }
  const SharedWeights& weights() const { return *weights_; }
  SharedWeights& weights() { return *weights_; }

 private:
  const arch::SearchSpace space_;
  const std::unique_ptr<SharedWeights> weights_;
};

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SUPERNET_H_
