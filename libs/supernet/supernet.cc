#include "libs/supernet/supernet.h"

#include <utility>

#include "libs/supernet/weights.h"

namespace niwaki::supernet {

std::unique_ptr<Supernet> Supernet::Random(const arch::SearchSpace& space, uint64_t seed) {
  return std::make_unique<Supernet>(space, SharedWeights::Random(space, seed));
}

Supernet::Supernet(const arch::SearchSpace& space, SharedWeights weights)
    : space_(space), weights_(std::make_unique<SharedWeights>(std::move(weights))) {}

Supernet::~Supernet() = default;

}  // namespace niwaki::supernet
