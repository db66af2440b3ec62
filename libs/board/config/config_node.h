// Strict reading of a board's file: every error names file, line, field, value and what is allowed.

#ifndef NIWAKI_LIBS_BOARD_CONFIG_CONFIG_NODE_H_
#define NIWAKI_LIBS_BOARD_CONFIG_CONFIG_NODE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/text/document.h"

namespace niwaki::board {

// One node and where it stands. Borrows the document. All errors are InvalidArgument with reason
// ARGUMENT_INVALID. A value.
class ConfigNode {
 public:
  ConfigNode(const DocumentNode& node, absl::string_view what)
      : node_(&node), line_(node.line), what_(what) {}

  bool empty() const { return node_->kind == DocumentNode::Kind::kNull; }
  const DocumentNode& node() const { return *node_; }

  // Fails unless it is a map whose fields are all among `allowed`; one that is absent has none.
  absl::Status ExpectMap(const std::vector<std::string>& allowed) const;
  // A field of a map; empty() where it is absent.
  ConfigNode Field(absl::string_view name) const;

  // Not empty.
  absl::StatusOr<std::string> Text() const;
  // A scalar's text, or `otherwise` where it is absent.
  absl::StatusOr<std::string> TextOr(absl::string_view otherwise) const;
  // A list of texts, or one text that is split at spaces.
  absl::StatusOr<std::vector<std::string>> Words() const;
  // "100ms", "20 s": with a unit.
  absl::StatusOr<absl::Duration> DurationOr(absl::Duration otherwise, absl::Duration least,
                                            absl::Duration most) const;
  // "512kB", "1 MB", "65536".
  absl::StatusOr<int64_t> Bytes(int64_t least, int64_t most) const;
  // Decimal, or hexadecimal after 0x.
  absl::StatusOr<int64_t> Whole(int64_t least, int64_t most) const;

  // An error about this node: "board.yaml:7: flash.timeout: MESSAGE".
  absl::Status Fail(absl::string_view message, absl::string_view limit) const;

 private:
  ConfigNode(const DocumentNode* node, int line, std::string what, std::string path)
      : node_(node), line_(line), what_(std::move(what)), path_(std::move(path)) {}

  absl::StatusOr<std::string> Scalar(absl::string_view wanted) const;

  const DocumentNode* node_;
  int line_;
  std::string what_;
  std::string path_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_CONFIG_CONFIG_NODE_H_
