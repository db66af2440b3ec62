// Sorts the expansion channels of every block by importance, so that narrower blocks keep the most
// important ones.

#ifndef NIWAKI_LIBS_TRAIN_CHANNEL_SORT_H_
#define NIWAKI_LIBS_TRAIN_CHANNEL_SORT_H_

#include "libs/arch/space.h"
#include "libs/supernet/weights.h"

namespace niwaki::train {

// Importance of a channel: the sum of the absolute weights that the projection applies to it (OFA,
// Cai 2020, §3.3). The largest subnet computes the same function as before, up to the order of its
// sums. Values move within their tensors.
void SortExpansionChannels(const arch::SearchSpace& space, supernet::SharedWeights& weights);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_CHANNEL_SORT_H_
