// Reading every file of a class folder: a bad one does not hide the next.

#ifndef NIWAKI_LIBS_DATA_FOLDER_READER_H_
#define NIWAKI_LIBS_DATA_FOLDER_READER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/data/class_folder.h"
#include "libs/data/parallel.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

struct FolderReadOptions {
  // Go on without files that cannot be read, and without classes that have none.
  bool skip_bad = false;
  // Whether every class needs an example that the source lets be trained on.
  bool for_training = true;
  int64_t max_file_bytes = int64_t{256} << 20;
};

// Decodes file `i` (of `files`, then of `noise`) from its bytes, of which there is at least one.
// `warning` says what is odd about a file that can be used all the same. Called from several
// threads.
using DecodeFn =
    std::function<absl::Status(int64_t i, const std::string& bytes, std::string& warning)>;

struct FolderContent {
  // Positions of the files that were read: of `files`, then of `noise`.
  std::vector<int64_t> kept;
  // Those of the listing that kept a file, in the same order; a class that has only noise is not
  // there.
  std::vector<std::string> class_names;
  // [kept] in `class_names`; 0 for noise.
  std::vector<uint16_t> labels;
  // That of the listing, with every file accounted for; files with a warning are counted and named
  // in its notes.
  SourceReport report;
};

// Reads all files of `folder`, to the end whatever happens to some. When some are bad (files,
// folders that cannot be opened, classes without a file or without one for training) and skip_bad
// is off: an error that names all of them as items; with one alone its own code, else
// InvalidArgument with FILE_MALFORMED. NotFound when nothing is left; Cancelled.
absl::StatusOr<FolderContent> ReadClassFolder(const ClassFolder& folder, const std::string& root,
                                              const FolderReadOptions& options,
                                              const ParallelOptions& parallel,
                                              const DecodeFn& decode);

// What was looked at in a folder, and how much of what is bad is a file of it.
struct BadCount {
  int64_t files = 0;
  int64_t bad_files = 0;
  // What the others are, and what is wrong with them all.
  std::string other = "folder";
  std::string verdict = "cannot be used";
};

// The error for what is `bad` in `place`: every one is an item, and the message counts files and
// others apart. Of one alone it has the code and the reason of `first`, the status of the first.
// `remedy` ends the message.
absl::Status BadItems(const std::string& place, const BadCount& count,
                      const std::vector<ErrorItem>& bad, const absl::Status& first,
                      absl::string_view remedy);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_FOLDER_READER_H_
