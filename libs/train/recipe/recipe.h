// Recipe: how a supernet is trained. Data, not code: a JSON file, or one of those compiled in from
// libs/train/recipe/recipes.
//
// A training is a list of phases; each allows some choices of the space, and the choices only grow
// from one phase to the next (progressive shrinking: OFA, Cai 2020, §3.3). schedule.h checks that
// for a space and turns epochs into steps.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::train {

enum class SamplingRule {
  // `subnets` random ones (OFA).
  kReference,
  // The largest, the smallest and `subnets` random ones (Yu et al., BigNAS, 2020, §3.1).
  kSandwich,
};

enum class DistillationLoss {
  // -Σ softmax(teacher) · log softmax(student).
  kCrossEntropy,
  // Mean square of the difference of the logits.
  kMeanSquare,
};

enum class Augmentation {
  kNone,
  // Shifted, noisy, masked or mirrored, as the kind of data allows: for small examples.
  kSmall,
  // Random crop of 8 to 100 % of the area, mirrored, brightness and saturation: for photographs.
  kPhoto,
};

enum class PhaseValidation {
  // Largest and smallest subnet, each at the phase's smallest and largest resolution.
  kEnds,
  // Every combination of {smallest, largest} of each elastic dimension, at both resolutions.
  kCorners,
};

// Teachers that are not the name of a phase.
inline constexpr char kNoTeacher[] = "none";
inline constexpr char kLiveTeacher[] = "live";
inline constexpr char kStartTeacher[] = "start";

// Which choices of one elastic dimension a phase allows. JSON: "all", "largest", or a list of
// values. A gene that offers none of the values listed (a stage of fixed depth) keeps its largest.
struct ChoiceRule {
  enum class Kind { kAll, kLargest, kListed };
  Kind kind = Kind::kAll;
  // For kListed: kernel sizes, ratios, numbers of blocks, multipliers or resolution values.
  std::vector<double> listed;
};

struct Phase {
  std::string name;
  // Passes over the training split, and how many of them the learning rate rises.
  double epochs = 0;
  double warmup_epochs = 0;
  ChoiceRule kernel_sizes;
  ChoiceRule expand_ratios;
  ChoiceRule depths;
  ChoiceRule width_mults;
  ChoiceRule resolutions;
  SamplingRule sampling = SamplingRule::kReference;
  // Random subnets of a step.
  int subnets = 1;
  // Peak of a cosine of this phase's own, which ends at 0; 0: the cosine of the phase before goes
  // on over this one.
  double learning_rate = 0;
  // Where the warm-up begins; 0: a tenth of the peak.
  double warmup_learning_rate = 0;
  // Whose outputs subnets learn from. kNoTeacher: nobody's. kLiveTeacher: the largest subnet's, as
  // it is in this step. kStartTeacher: the largest subnet's as it was when the phase began. The
  // name of an earlier phase: the largest subnet's as it was when that phase ended. Teachers
  // normalise with the statistics of the batch, as in training (OFA's released code).
  std::string teacher = kNoTeacher;
  DistillationLoss distillation = DistillationLoss::kCrossEntropy;
  // A distilled subnet's loss is kd_ratio * distillation + label_ratio * cross entropy.
  double kd_ratio = 1;
  double label_ratio = 1;
  // Before the phase, sort expansion channels by importance within the bands of that many widths
  // in use (channel_sort.h); -1: leave them.
  int sort_channels = -1;
};

// The phases of a training in two parts: the largest subnet alone, then, with sorted channels and
// under the same cosine, the largest, the smallest and random ones, which learn from the labels
// and, half as much, from the largest.
struct TwoPartOptions {
  double epochs = 20;
  double learning_rate = 0.1;
  // Of the whole training.
  double warmup_fraction = 0.05;
  double largest_only_fraction = 0.1;
  int random_subnets = 2;
};
std::vector<Phase> TwoPartPhases(const TwoPartOptions& options);

struct Recipe {
  // Catalogue space that the recipe was made for; empty for any.
  std::string space;
  // Images per step, over all processes.
  int batch_size = 64;
  // Images that are normalised together and worked on by one thread; 0 for the whole batch. Part of
  // the recipe, so that the weights do not depend on the number of threads or processes.
  int shard_size = 32;
  // Learning rates are those of a batch of so many images and grow with batch_size; 0: they are
  // what they are. The start of a warm-up does not grow.
  int learning_rate_batch = 0;
  double momentum = 0.9;
  // On every weight whose name holds neither "bn" nor "bias".
  double weight_decay = 3e-5;
  // Of the cross entropy with labels.
  double label_smoothing = 0.1;
  // Fraction of the classifier's inputs that are dropped while training; not for teachers.
  double dropout = 0;
  // The gradient of a step is scaled down to this norm; 0 for no limit.
  double gradient_clip = 5.0;
  Augmentation augment = Augmentation::kSmall;
  PhaseValidation phase_validation = PhaseValidation::kEnds;
  std::vector<Phase> phases = TwoPartPhases({});

  double epochs() const;
  // Stretches every phase and warm-up alike.
  void ScaleTo(double epochs);

  // How one network alone is trained as long as a supernet is with this recipe: everything of it
  // but what only supernets have. One phase without a teacher, with the first phase's learning rate
  // and warm-up.
  Recipe ForOneNetwork() const;

  // From JSON; keys that are absent keep their defaults. In place of "phases" the keys of
  // TwoPartOptions may stand. InvalidArgument with reason FILE_MALFORMED or ARGUMENT_INVALID names
  // the phase and an unknown key, a wrong type or a value out of range.
  static absl::StatusOr<Recipe> FromJson(absl::string_view text, absl::string_view what);
  std::string ToJson() const;
  absl::Status Validate() const;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_H_
