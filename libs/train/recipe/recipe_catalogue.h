// The recipes that come with Niwaki, by name.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_CATALOGUE_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_CATALOGUE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

// Names of the catalogue, sorted.
std::vector<std::string> RecipeNames();

// The recipe for a space: that of its name, else the longest name that its name goes on from with
// "_" (ofa_mbv3 for ofa_mbv3_w10), else the default.
Recipe DefaultRecipe(absl::string_view space_name);

// A recipe by its catalogue name or from a file; DefaultRecipe(space_name) when `name_or_path` is
// empty. NotFound with reason FILE_UNKNOWN lists the names; the errors of reading and of
// Recipe::FromJson.
absl::StatusOr<Recipe> LoadRecipe(const std::string& name_or_path, absl::string_view space_name);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_CATALOGUE_H_
