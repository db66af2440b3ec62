// LossScale: keeps float16 gradients from vanishing by training on a multiple of the loss
// (Micikevicius et al., Mixed Precision Training, 2018, §3.2).

#ifndef NIWAKI_LIBS_TRAIN_STEP_LOSS_SCALE_H_
#define NIWAKI_LIBS_TRAIN_STEP_LOSS_SCALE_H_

namespace niwaki::train {

// Doubles after a run of steps whose gradients were finite; halves when one was not, and that step
// is to be left out. Not thread-safe.
class LossScale {
 public:
  static constexpr double kFirst = 65536;
  static constexpr double kSmallest = 1;
  static constexpr double kLargest = 16777216;
  static constexpr int kStepsToGrow = 2000;

  // A scale that never moves: for formats with float32's range.
  static LossScale Fixed() { return LossScale(1, 0, false); }
  static LossScale Dynamic() { return LossScale(kFirst, 0, true); }
  // As saved.
  LossScale(double scale, int good_steps, bool dynamic)
      : scale_(scale), good_steps_(good_steps), dynamic_(dynamic) {}

  double scale() const { return scale_; }
  int good_steps() const { return good_steps_; }
  // Whether a gradient that is not finite means only that the scale is too large.
  bool MayOverflow() const { return dynamic_ && scale_ > kSmallest; }

  void Update(bool finite);

 private:
  double scale_;
  int good_steps_;
  bool dynamic_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_STEP_LOSS_SCALE_H_
