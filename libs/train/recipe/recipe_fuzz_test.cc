#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/train/recipe/recipe.h"
#include "libs/train/recipe/recipe_catalogue.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

std::vector<std::string> Seeds() {
  return {train::DefaultRecipe("kws").ToJson(), train::DefaultRecipe("cifar32").ToJson(), "{}"};
}

bool Run(absl::string_view input) {
  const auto recipe = train::Recipe::FromJson(input, "input");
  if (!recipe.ok()) return false;
  NIWAKI_CHECK(recipe->Validate().ok());
  const auto again = train::Recipe::FromJson(recipe->ToJson(), "again");
  NIWAKI_CHECK(again.ok() && again->ToJson() == recipe->ToJson());
  return true;
}

}  // namespace niwaki::fuzz
