// Sorts the expansion channels of every block by importance, so that narrower blocks keep the most
// important ones.

#ifndef NIWAKI_LIBS_TRAIN_STEP_CHANNEL_SORT_H_
#define NIWAKI_LIBS_TRAIN_STEP_CHANNEL_SORT_H_

#include <ATen/core/Tensor.h>

#include "libs/arch/space.h"
#include "libs/supernet/weights.h"

namespace niwaki::train {

// Importance of a channel: the sum of the absolute weights that the projection applies to it (OFA,
// Cai 2020, §3.3); then the inner channels of squeeze-excite, by its expansion's weights. In a
// bottleneck, of both inner tensors, by the convolution that reads them. The largest subnet
// computes the same function as before, up to the order of its sums. Values move within their
// tensors.
//
// `stage` is the number of smaller expand ratios already in training: no channel crosses one of
// their widths. With stage 0 the sort is free; with stage 1 the channels within the second largest
// ratio's width stay within it; and so on (OFA's released code, to the last tie). At most the
// number of ratios less one; more count as that.
void SortExpansionChannels(const arch::SearchSpace& space, int stage,
                           supernet::SharedWeights& weights);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_STEP_CHANNEL_SORT_H_
