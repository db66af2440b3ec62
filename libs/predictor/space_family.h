// Which spaces a predictor is good for: those of its family, and of a family that differs in the
// number of classes alone, which no predictor looks at.

#ifndef NIWAKI_LIBS_PREDICTOR_SPACE_FAMILY_H_
#define NIWAKI_LIBS_PREDICTOR_SPACE_FAMILY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/arch/space.h"

namespace niwaki::predictor {

// Hexadecimal fingerprint of everything but name, description and input sizes.
std::string FamilyOf(const arch::SearchSpace& space);

// For how many classes `space` would be of `family`; nothing where the number of classes is not all
// that differs. A few milliseconds.
std::optional<int> ClassesOfFamily(const arch::SearchSpace& space, absl::string_view family);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_SPACE_FAMILY_H_
