// The recipes of libs/train/recipe/recipes, compiled in.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_DATA_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_DATA_H_

#include <vector>

namespace niwaki::train {

struct RecipeEntry {
  const char* name;
  const char* json;
};

// Sorted by name.
const std::vector<RecipeEntry>& RecipeEntries();

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_RECIPE_DATA_H_
