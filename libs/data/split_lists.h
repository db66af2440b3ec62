// Lists of the files that belong to a split, as Speech Commands (Warden 2018) has them.

#ifndef NIWAKI_LIBS_DATA_SPLIT_LISTS_H_
#define NIWAKI_LIBS_DATA_SPLIT_LISTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

inline constexpr char kTestingList[] = "testing_list.txt";
inline constexpr char kValidationList[] = "validation_list.txt";

struct SplitLists {
  // File, relative to the folder, → its split.
  std::map<std::string, Split, std::less<>> splits;
  bool has_testing = false;
  bool has_validation = false;
};

// The names of one list, a line each: a byte-order mark, blanks around a name, a leading "./" and
// empty lines are dropped, backslashes become slashes. A name that is there already keeps its
// split.
void AppendSplitList(absl::string_view text, Split split, SplitLists& lists);

// Reads those of the two lists that lie in `folder`. The error of a list that cannot be read.
absl::StatusOr<SplitLists> ReadSplitLists(const std::string& folder);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_SPLIT_LISTS_H_
