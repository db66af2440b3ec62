// Schedule: a recipe laid out over a space and a length: where its phases begin and end, what they
// sample, which learning rate holds when.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_SCHEDULE_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_SCHEDULE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/train/recipe/choice_set.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

// Positions are steps when the length is a number of epochs, and fractions in [0, 1] when it is a
// time; phases share a time in proportion to their epochs. Immutable; thread-safe.
class Schedule {
 public:
  // With `steps_per_epoch` 0 the length is a time. InvalidArgument when the recipe is not valid,
  // when its choices are not the space's, when they do not grow from phase to phase, or when a
  // phase wants a teacher that is no longer kept.
  static absl::StatusOr<Schedule> Create(const arch::SearchSpace& space, const Recipe& recipe,
                                         int64_t steps_per_epoch);

  int phases() const { return static_cast<int>(spans_.size()); }
  const Phase& phase(int index) const { return recipe_.phases[index]; }
  const ChoiceSet& choices(int index) const { return choices_[index]; }
  const Recipe& recipe() const { return recipe_; }

  // All steps, or 1.
  double length() const { return spans_.back().end; }
  double begin(int index) const { return spans_[index].begin; }
  double end(int index) const { return spans_[index].end; }
  // The phase of the step that begins at `position`.
  int PhaseAt(double position) const;

  // Linear from warmup_learning_rate to the peak over the warm-up, then half a cosine to 0 (OFA's
  // released code: the first step of a warm-up is one step risen, the first after it at the peak).
  double LearningRateAt(double position) const;

  // Whether the optimiser starts anew with this phase: it has a cosine of its own, or moves
  // channels.
  bool StartsAnew(int index) const {
    return phase(index).learning_rate > 0 || phase(index).sort_channels >= 0;
  }

  // Whether the largest subnet is to be kept as a teacher when phase `index` begins.
  bool TakesTeacher(int index) const { return takes_teacher_[index]; }
  // Whether phase `index` learns from the subnet kept.
  bool UsesKeptTeacher(int index) const;

 private:
  struct Span {
    double begin = 0;
    double end = 0;
    // Of the cosine that holds here: its beginning, its end, and where its warm-up ends.
    double cosine_begin = 0;
    double cosine_end = 0;
    double warmup = 0;
    double peak = 0;
    double warmup_start = 0;
  };

  explicit Schedule(const Recipe& recipe) : recipe_(recipe) {}
  void LayOut(int64_t steps_per_epoch);
  absl::Status PlanTeachers();

  Recipe recipe_;
  std::vector<ChoiceSet> choices_;
  std::vector<Span> spans_;
  std::vector<bool> takes_teacher_;
  // Smallest advance that a position makes: 1 step, or 0.
  double increment_ = 0;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_SCHEDULE_H_
