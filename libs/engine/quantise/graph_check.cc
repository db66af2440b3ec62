#include "libs/engine/quantise/graph_check.h"

#include "libs/arch/describe.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::engine {

GraphCheck::GraphCheck(const arch::Graph& graph) : graph_(graph), written_(graph.tensors.size()) {
  if (graph.input >= 0 && graph.input < static_cast<arch::TensorId>(written_.size())) {
    written_[graph.input] = true;
  }
}

absl::Status GraphCheck::Invalid(absl::string_view field, const absl::AlphaNum& value,
                                 absl::string_view limit, absl::string_view message) const {
  std::string text = absl::StrCat(name_, message, " (", field, " ", value);
  if (!limit.empty()) absl::StrAppend(&text, ", needs ", limit);
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(absl::StrCat(name_, field))
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(text, ")"));
}

absl::Status GraphCheck::CheckTensor(absl::string_view field, arch::TensorId id) const {
  if (id < 0 || id >= static_cast<arch::TensorId>(graph_.tensors.size())) {
    return Invalid(field, id, absl::StrCat("0 to ", graph_.tensors.size() - 1),
                   "there is no such tensor");
  }
  const arch::TensorShape& shape = graph_.shape(id);
  if (shape.height >= 1 && shape.width >= 1 && shape.channels >= 1) return absl::OkStatus();
  return Invalid(field, arch::ShapeText(shape), "at least 1x1x1", "a tensor has elements");
}

absl::Status GraphCheck::CheckRead(arch::TensorId id) const {
  if (written_[id]) return absl::OkStatus();
  return Invalid("input", id, "", "a tensor is read before it is written");
}

absl::Status GraphCheck::CheckWrite(arch::TensorId id) const {
  if (!written_[id]) return absl::OkStatus();
  return Invalid("output", id, "", "a tensor is written twice");
}

absl::Status GraphCheck::CheckEnd() const {
  if (written_[graph_.output]) return absl::OkStatus();
  return Invalid("output", graph_.output, "", "no operator writes the output");
}

}  // namespace niwaki::engine
