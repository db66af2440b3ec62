// A YAML or JSON document as a tree that knows its lines. Reading is bounded: what a hostile file
// can cost is proportional to its size.

#ifndef NIWAKI_LIBS_BASE_TEXT_DOCUMENT_H_
#define NIWAKI_LIBS_BASE_TEXT_DOCUMENT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

struct DocumentNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  // From 1.
  int line = 1;
  // Of the key before a field's value, from 1; 0 for what is no field.
  int key_line = 0;
  // Text of a scalar; quoted ones are never numbers.
  std::string scalar;
  bool quoted = false;
  std::vector<DocumentNode> items;
  // In the order of the file; keys are unique.
  std::vector<std::pair<std::string, DocumentNode>> fields;
};

// "null", "a scalar", "a list", "a map".
absl::string_view KindName(DocumentNode::Kind kind);

inline constexpr size_t kMaxDocumentBytes = 256 * 1024;
inline constexpr int kMaxDocumentDepth = 32;

// What a document may hold.
struct DocumentLimits {
  size_t bytes = kMaxDocumentBytes;
  // Of one map.
  size_t fields = 1000;
};

// Reads one document. `what` names it in messages, with the line: "job.yaml:7: …". InvalidArgument
// with reason FILE_MALFORMED for text that is neither YAML nor JSON, goes beyond `limits` or is
// nested deeper than kMaxDocumentDepth, has an anchor, an alias, an explicit tag, a key twice or a
// key that is not a scalar, holds no or a second document.
absl::StatusOr<DocumentNode> ParseDocument(absl::string_view text, absl::string_view what,
                                           const DocumentLimits& limits = {});

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_TEXT_DOCUMENT_H_
