#include "libs/train/recipe/recipe_catalogue.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"
#include "libs/train/recipe/recipe_data.h"

namespace niwaki::train {
namespace {

Recipe Compiled(const RecipeEntry& entry) {
  const auto recipe = Recipe::FromJson(entry.json, entry.name);
  NIWAKI_CHECK(recipe.ok());
  return *recipe;
}

}  // namespace

std::vector<std::string> RecipeNames() {
  std::vector<std::string> names;
  for (const RecipeEntry& entry : RecipeEntries()) names.push_back(entry.name);
  return names;
}

Recipe DefaultRecipe(absl::string_view space_name) {
  const RecipeEntry* best = nullptr;
  // Sorted, so that a longer name with the same beginning comes later.
  for (const RecipeEntry& entry : RecipeEntries()) {
    if (space_name == entry.name) return Compiled(entry);
    if (absl::StartsWith(space_name, absl::StrCat(entry.name, "_"))) best = &entry;
  }
  return best != nullptr ? Compiled(*best) : Recipe();
}

absl::StatusOr<Recipe> LoadRecipe(const std::string& name_or_path, absl::string_view space_name) {
  if (name_or_path.empty()) return DefaultRecipe(space_name);
  for (const RecipeEntry& entry : RecipeEntries()) {
    if (name_or_path == entry.name) return Compiled(entry);
  }
  constexpr int64_t kMaxBytes = 1 << 20;
  if (!FileExists(name_or_path)) {
    const std::string names = absl::StrJoin(RecipeNames(), ", ");
    return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
        .Field("recipe")
        .Value(name_or_path)
        .Limit(names)
        .Message(absl::StrCat("recipe '", name_or_path, "' is neither a file nor one of ", names));
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(name_or_path, kMaxBytes));
  return Recipe::FromJson(text, name_or_path);
}

}  // namespace niwaki::train
