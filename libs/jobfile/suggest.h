// "Did you mean": the known name that is closest to what was typed.

#ifndef NIWAKI_LIBS_JOBFILE_SUGGEST_H_
#define NIWAKI_LIBS_JOBFILE_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace niwaki::jobfile {

// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal
// string alignment distance), case ignored. Quadratic; callers bound the lengths.
int EditDistance(absl::string_view a, absl::string_view b);

// The name with the smallest distance, the first of equals, if that is at most a third of the
// name's length plus one; "" otherwise, or when `typed` is longer than 64 bytes.
std::string ClosestName(absl::string_view typed, const std::vector<std::string>& names);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_SUGGEST_H_
