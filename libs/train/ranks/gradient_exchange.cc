#include "libs/train/ranks/gradient_exchange.h"

namespace niwaki::train {

void PairwiseOrder(int n, const std::function<void(int into, int from)>& add) {
  for (int stride = 1; stride < n; stride *= 2) {
    for (int i = 0; i + stride < n; i += 2 * stride) add(i, i + stride);
  }
}

}  // namespace niwaki::train
