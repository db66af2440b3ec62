#include "libs/arch/catalogue.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/arch/catalogue_data.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"

namespace niwaki::arch {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{1} << 20;

}  // namespace

std::vector<std::string> CatalogueNames() {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : CatalogueEntries()) names.push_back(entry.name);
  return names;
}

absl::StatusOr<SearchSpace> CatalogueSpace(absl::string_view name) {
  for (const CatalogueEntry& entry : CatalogueEntries()) {
    if (name == entry.name) return SearchSpace::FromTextproto(entry.text);
  }
  const std::string names = absl::StrJoin(CatalogueNames(), ", ");
  return Error(absl::StatusCode::kNotFound, reason::kSpaceUnknown)
      .Field("space")
      .Value(name)
      .Limit(names)
      .Message(absl::StrCat("no space '", name, "'; there are: ", names));
}

absl::StatusOr<SearchSpace> LoadSpace(const std::string& name_or_path) {
  if (!absl::StrContains(name_or_path, '/') && !absl::EndsWith(name_or_path, ".textproto")) {
    return CatalogueSpace(name_or_path);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(name_or_path, kMaxFileBytes));
  absl::StatusOr<SearchSpace> space = SearchSpace::FromTextproto(text);
  if (!space.ok()) return Annotate(space.status(), name_or_path);
  return space;
}

}  // namespace niwaki::arch
