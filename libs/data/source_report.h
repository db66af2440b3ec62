// What became of the files of a folder that a data set was made of: every one is accounted for.

#ifndef NIWAKI_LIBS_DATA_SOURCE_REPORT_H_
#define NIWAKI_LIBS_DATA_SOURCE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/json.h"

namespace niwaki::data {

// files = used + the sum of passed_over + bad_files.
struct SourceReport {
  // What lies in the folder at any depth and is no folder; a link to a folder that is not followed
  // and a folder that cannot be opened count as one.
  int64_t files = 0;
  // Read, and in the data.
  int64_t used = 0;
  // Why → how many: no picture or recording by name, hidden, outside a class folder.
  std::map<std::string, int64_t> passed_over;
  // Could not be read and were left out; `bad` names them, relative to the folder.
  int64_t bad_files = 0;
  std::vector<ErrorItem> bad;
  // Examples that are silent or of one colour; `blank` names their files. Of these, those that were
  // left out of the data for it; a file of which no example is left is a bad one, too.
  int64_t blank_examples = 0;
  int64_t blank_left_out = 0;
  std::vector<std::string> blank;
  // Used files that have the content of an earlier one; of these, under another class.
  // `duplicate_files` tells some, those of another class first: "dog/3.png (dog) = cat/1.png
  // (cat)".
  int64_t duplicates = 0;
  int64_t duplicates_elsewhere = 0;
  std::vector<std::string> duplicate_files;
  // Examples whose content is in an earlier split, too (blank ones aside), which flatters every
  // score; some of them: "dog/3.png (test) = dog/1.png (train)".
  int64_t across_splits = 0;
  std::vector<std::string> across_splits_examples;
  // Sentences for people.
  std::vector<std::string> notes;

  int64_t PassedOver() const;
};

// Keys: files, used, passed_over, bad, bad_files, blank, blank_left_out, blank_examples,
// duplicates, duplicates_elsewhere, duplicate_files, across_splits, across_splits_examples, notes.
// Of `bad_files`, `blank_examples`, `duplicate_files`, `across_splits_examples` and `notes` at most
// `max_names` each; bad, blank and the others are the whole numbers.
Json SourceReportToJson(const SourceReport& report, size_t max_names);

// Keys that came later (blank_left_out, duplicate_files, across_splits, across_splits_examples) may
// be missing. Throws nlohmann's exceptions for other missing keys, wrong types and negative
// numbers, for a caller that catches them.
SourceReport SourceReportFromJson(const Json& json);

// Lines for people, each with its end, names in quotes where they hold blanks or control
// characters: the sum, what was passed over by reason, the first 20 bad files and blank examples,
// duplicates, notes.
std::string SourceReportText(const SourceReport& report);

// `name` as one word on a terminal: in quotes with escapes where it is empty or holds blanks,
// quotes or control characters.
std::string PlainName(const std::string& name);

// "a, b, c and 4 more": at most `most` of them, as PlainName writes them.
std::string NameSome(const std::vector<std::string>& names, size_t most);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_SOURCE_REPORT_H_
