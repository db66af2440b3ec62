// A folder with one sub-folder per class, as people keep pictures and recordings.
//
// A class's files may lie at any depth below its folder. Two layouts bring splits of their own:
//   train/CLASS/…, val/CLASS/… and test/CLASS/…, as ImageNet is kept (any of `validation`,
//   `calibration` and others too, in either case), and
//   testing_list.txt and validation_list.txt in the folder itself, as Speech Commands has them: a
//   file a line, relative to the folder.
// Names that begin with a dot are hidden; a leading underscore means nothing.

#ifndef NIWAKI_LIBS_DATA_CLASS_FOLDER_H_
#define NIWAKI_LIBS_DATA_CLASS_FOLDER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/data/example_set.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

struct ClassFolderOptions {
  std::string root;
  // What one file holds, for messages: "picture".
  std::string what = "file";
  // Names of files that are read end in one of these (lower case with the dot; the case of names
  // does not matter). Others are passed over.
  std::vector<std::string> extensions;
  // Whether a file whose name has no ending is read, by its first bytes (at most 16). Null: none
  // is.
  std::function<bool(absl::string_view)> looks_right;
  // Name of a folder beside those of the classes whose files are no class's. Empty: none.
  std::string noise_folder;
  // Whether those are listed as `noise`; else they are passed over.
  bool use_noise = true;
  // Whether layouts that bring splits are followed.
  bool use_splits = true;
};

struct ClassFile {
  std::string path;
  // Relative to the root.
  std::string name;
  uint16_t label = 0;
  Dealing dealing;
};

struct ClassFolder {
  // Sub-folders' names, sorted; the position is the label.
  std::vector<std::string> class_names;
  // In the order of class, then name.
  std::vector<ClassFile> files;
  // What lies in the noise folder and is read, in the order of names; the label means nothing.
  std::vector<ClassFile> noise;
  // Folders that cannot be opened: each counts as a file.
  std::vector<ErrorItem> unreadable;
  // Folders of classes without a file that is read, and what they hold instead.
  std::vector<ErrorItem> barren;
  // With `files` and `passed_over` filled in, and notes on what looks like a mistake: folders that
  // are passed over as a whole among them, with the number of their files.
  SourceReport report;
};

// Lists what lies under `options.root`. NotFound with FILE_UNKNOWN when there is no class;
// InvalidArgument above 65,536 classes, for a class's name that metadata cannot hold, and for a
// list of a split that names no file which is there.
absl::StatusOr<ClassFolder> ListClassFolder(const ClassFolderOptions& options);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_CLASS_FOLDER_H_
