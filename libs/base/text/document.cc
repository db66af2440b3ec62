#include "libs/base/text/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <optional>
#include <sstream>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

// A container that is not closed yet.
struct OpenNode {
  DocumentNode node;
  // Of a map: the key whose value comes next.
  std::optional<std::string> key;
  int key_line = 0;
  // Of a map: its keys so far.
  absl::flat_hash_set<std::string> keys;
};

// Builds the tree from the parser's events. After the first error the remaining events are ignored.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const DocumentLimits& limits) : limits_(limits) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckPlain(mark, "", anchor);
    Add(MakeNode(DocumentNode::Kind::kNull, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Fail(mark.line + 1, "aliases are not allowed");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckPlain(mark, tag, anchor);
    DocumentNode node = MakeNode(DocumentNode::Kind::kScalar, mark);
    node.scalar = value;
    node.quoted = tag == "!";
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    CheckPlain(mark, tag, anchor);
    Open(MakeNode(DocumentNode::Kind::kSequence, mark));
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    CheckPlain(mark, tag, anchor);
    Open(MakeNode(DocumentNode::Kind::kMap, mark));
  }
  void OnMapEnd() override { Close(); }

  int error_line() const { return error_line_; }
  // Empty when there was none.
  const std::string& error() const { return error_; }
  DocumentNode TakeRoot() { return std::move(root_); }

 private:
  static DocumentNode MakeNode(DocumentNode::Kind kind, const YAML::Mark& mark) {
    DocumentNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    return node;
  }

  void Fail(int line, absl::string_view message) {
    if (!error_.empty()) return;
    error_line_ = line;
    error_ = std::string(message);
    open_.clear();
  }

  void CheckPlain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) Fail(mark.line + 1, "anchors are not allowed");
    if (!tag.empty() && tag != "?" && tag != "!") Fail(mark.line + 1, "tags are not allowed");
  }

  void Open(DocumentNode node) {
    if (!error_.empty()) return;
    if (open_.size() >= kMaxDocumentDepth) {
      return Fail(node.line, absl::StrCat("nested deeper than ", kMaxDocumentDepth));
    }
    open_.emplace_back();
    open_.back().node = std::move(node);
  }

  void Close() {
    if (!error_.empty()) return;
    DocumentNode node = std::move(open_.back().node);
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(DocumentNode node) {
    if (!error_.empty()) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node.kind == DocumentNode::Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key.has_value()) {
      node.key_line = parent.key_line;
      parent.node.fields.emplace_back(*std::move(parent.key), std::move(node));
      parent.key.reset();
    } else {
      AddKey(std::move(node), &parent);
    }
  }

  void AddKey(DocumentNode node, OpenNode* parent) {
    if (node.kind != DocumentNode::Kind::kScalar) {
      return Fail(node.line, "the name of a field must be a scalar");
    }
    auto& fields = parent->node.fields;
    if (fields.size() >= limits_.fields) {
      return Fail(node.line, absl::StrCat("more than ", limits_.fields, " fields in one map"));
    }
    if (!parent->keys.insert(node.scalar).second) {
      return Fail(node.line, absl::StrCat("field '", node.scalar, "' stands twice"));
    }
    parent->key_line = node.line;
    parent->key = std::move(node.scalar);
  }

  const DocumentLimits limits_;
  std::vector<OpenNode> open_;
  DocumentNode root_;
  int error_line_ = 0;
  std::string error_;
};

// The parser has no events for what stands after the first document, so a second one is looked for.
void ReadAll(const std::string& text, TreeBuilder* builder, bool* has_document, bool* has_second) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  *has_document = parser.HandleNextDocument(*builder);
  TreeBuilder second{DocumentLimits()};
  *has_second = *has_document && builder->error().empty() && parser.HandleNextDocument(second);
}

absl::Status Malformed(absl::string_view what, int line, absl::string_view message) {
  const std::string place = line > 0 ? absl::StrCat(what, ":", line) : std::string(what);
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(place)
      .Message(absl::StrCat(place, ": ", message));
}

}  // namespace

absl::string_view KindName(DocumentNode::Kind kind) {
  switch (kind) {
    case DocumentNode::Kind::kNull:
      return "null";
    case DocumentNode::Kind::kScalar:
      return "a scalar";
    case DocumentNode::Kind::kSequence:
      return "a list";
    default:
      return "a map";
  }
}

absl::StatusOr<DocumentNode> ParseDocument(absl::string_view text, absl::string_view what,
                                           const DocumentLimits& limits) {
  if (text.size() > limits.bytes) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("file")
        .Value(text.size())
        .Limit(limits.bytes)
        .Message(absl::StrCat(what, ": ", text.size(), " bytes, at most ", limits.bytes));
  }
  if (text.find('\0') != absl::string_view::npos) return Malformed(what, 0, "not a text file");
  std::string yaml(text);
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{") &&
      ParseJson(text, what).ok()) {
    // JSON allows tabs where YAML does not; inside its strings there are none.
    yaml = absl::StrReplaceAll(text, {{"\t", " "}});
  }

  TreeBuilder builder(limits);
  bool has_document = false;
  bool has_second = false;
  try {
    ReadAll(yaml, &builder, &has_document, &has_second);
  } catch (const YAML::Exception& error) {
    if (builder.error().empty()) return Malformed(what, error.mark.line + 1, error.msg);
  } catch (const std::exception& error) {
    return Malformed(what, 0, error.what());
  }
  if (!builder.error().empty()) return Malformed(what, builder.error_line(), builder.error());
  if (!has_document) return Malformed(what, 0, "is empty");
  if (has_second) return Malformed(what, 0, "holds more than one document");
  return builder.TakeRoot();
}

}  // namespace niwaki
