// Recipe: how a supernet is trained. Data, not code: a JSON file, or one of those compiled in from
// libs/train/recipes.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::train {

// Training samples subnets with in-place distillation from the largest (sandwich rule: Yu et al.,
// BigNAS, 2020, §3.1), after a first part that trains the largest alone and sorts its channels by
// importance (OFA, Cai 2020, §3.3).
struct Recipe {
  // Images per step.
  int batch_size = 64;
  // Images that are normalised together and worked on by one thread; 0 for the whole batch. Part of
  // the recipe, so that the weights do not depend on the number of threads.
  int shard_size = 32;
  // Passes over the training split, unless a time budget is given.
  double epochs = 20;
  // Peak of the cosine schedule; it starts after the warm-up and ends at 0.
  double learning_rate = 0.1;
  // Fraction of the training during which the rate rises linearly from a tenth of its peak.
  double warmup_fraction = 0.05;
  double momentum = 0.9;
  // On convolution and classifier weights only.
  double weight_decay = 3e-5;
  // Of the largest subnet's cross entropy.
  double label_smoothing = 0.1;
  // The gradient of a step is scaled down to this norm; 0 for no limit.
  double gradient_clip = 5.0;
  // Fraction of the training that trains the largest subnet alone; channels are sorted at its end.
  // 0 for none.
  double largest_only_fraction = 0.4;
  // Random subnets of each later step, besides the largest and the smallest.
  int random_subnets = 1;
  // Randomly shifted, noisy, masked or mirrored training images, as the kind of data allows.
  bool augment = true;

  // From JSON; keys that are absent keep their defaults. InvalidArgument with reason FILE_MALFORMED
  // or ARGUMENT_INVALID names an unknown key, a wrong type or a value out of range.
  static absl::StatusOr<Recipe> FromJson(absl::string_view text, absl::string_view what);
  std::string ToJson() const;
  absl::Status Validate() const;
};

// The recipe for a space of the catalogue, or the default for any other.
Recipe DefaultRecipe(absl::string_view space_name);

// A file's recipe, or DefaultRecipe(space_name) when `path` is empty.
absl::StatusOr<Recipe> LoadRecipe(const std::string& path, absl::string_view space_name);

// Learning rate at `progress` in [0, 1] of the training.
double LearningRateAt(const Recipe& recipe, double progress);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_H_
