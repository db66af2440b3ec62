// The spaces that ship with Niwaki, compiled in from libs/arch/spaces/*.textproto.

#ifndef NIWAKI_LIBS_ARCH_CATALOGUE_H_
#define NIWAKI_LIBS_ARCH_CATALOGUE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"

namespace niwaki::arch {

// Names in the catalogue, sorted.
std::vector<std::string> CatalogueNames();

// A space by its catalogue name; NotFound with reason SPACE_UNKNOWN lists the names.
absl::StatusOr<SearchSpace> CatalogueSpace(absl::string_view name);

// A catalogue name, or else the path of a textproto file (anything that contains '/' or ends in
// ".textproto").
absl::StatusOr<SearchSpace> LoadSpace(const std::string& name_or_path);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_CATALOGUE_H_
