#include "libs/train/step/loss_scale.h"

#include <algorithm>

namespace niwaki::train {

void LossScale::Update(bool finite) {
  if (!dynamic_) return;
  if (!finite) {
    scale_ = std::max(scale_ / 2, kSmallest);
    good_steps_ = 0;
  } else if (++good_steps_ == kStepsToGrow) {
    scale_ = std::min(scale_ * 2, kLargest);
    good_steps_ = 0;
  }
}

}  // namespace niwaki::train
