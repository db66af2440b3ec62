// A folder with one sub-folder per class, as people keep pictures and recordings.

#ifndef NIWAKI_LIBS_DATA_CLASS_FOLDER_H_
#define NIWAKI_LIBS_DATA_CLASS_FOLDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::data {

struct ClassFile {
  std::string path;
  uint16_t label = 0;
};

struct ClassFolder {
  // Sub-folders' names, sorted; the position is the label.
  std::vector<std::string> class_names;
  // In the order of class, then name.
  std::vector<ClassFile> files;
};

// Lists the files under `root` whose names end in one of `extensions` (lower case with the dot; the
// case of names does not matter). Names that begin with `_` or `.` are passed over. NotFound with
// FILE_UNKNOWN when there is no sub-folder or a class is empty; InvalidArgument above 65,536
// classes.
absl::StatusOr<ClassFolder> ListClassFolder(const std::string& root,
                                            const std::vector<std::string>& extensions);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_CLASS_FOLDER_H_
