// Typed, strict reading of a document: every error names the place, the path, the value and what is
// allowed.

#ifndef NIWAKI_LIBS_JOBFILE_FIELD_READER_H_
#define NIWAKI_LIBS_JOBFILE_FIELD_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/text/document.h"
#include "libs/search/option.h"

namespace niwaki::jobfile {

// One node and where it stands. A small value; borrows the document, which must outlive it. All
// errors are InvalidArgument with reason ARGUMENT_INVALID unless said otherwise.
class FieldReader {
 public:
  // `what` names the document in messages.
  FieldReader(const DocumentNode& root, absl::string_view what);

  const DocumentNode& node() const { return *node_; }
  // "algorithm.nsga2.population"; "" for the root.
  const std::string& path() const { return path_; }

  // Fails unless the node is a map whose fields are all among `allowed`.
  absl::Status ExpectMap(const std::vector<std::string>& allowed) const;

  // The field of a map; its node is null when the field is absent, its line then that of the map.
  FieldReader Field(absl::string_view name) const;
  // The items of a list; fails for another kind.
  absl::StatusOr<std::vector<FieldReader>> Items() const;

  // Absent or written as null.
  bool empty() const { return node_->kind == DocumentNode::Kind::kNull; }

  absl::StatusOr<std::string> String() const;
  // A number in the range; quoted ones are refused, and "1e3" and "5.0" as whole numbers.
  absl::StatusOr<double> Number(const search::Range& range) const;
  // From 0 to 2^64 - 1.
  absl::StatusOr<uint64_t> Unsigned() const;
  // One of `names`; the error suggests the closest.
  absl::StatusOr<std::string> OneOf(const std::vector<std::string>& names) const;

  // An error about this node, with its line: "job.yaml:7: algorithm.nsga2.population: <message>".
  absl::Status Fail(absl::string_view message, absl::string_view limit) const;

 private:
  FieldReader(const DocumentNode& node, int line, std::string what, std::string path);

  const DocumentNode* node_;
  int line_;
  std::string what_;
  std::string path_;
};

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_FIELD_READER_H_
