// What every validation of a network asks of its graph: tensors that are there and have elements,
// each written once and before it is read.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_GRAPH_CHECK_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_GRAPH_CHECK_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

// A validation goes through the operators in order; it names each and marks what it writes.
class GraphCheck {
 public:
  // Borrowed. The graph's input counts as written.
  explicit GraphCheck(const arch::Graph& graph);

  // What messages and fields begin with from here on: "operator 7 (conv2d): ", or nothing.
  void SetName(std::string name) { name_ = std::move(name); }
  const std::string& name() const { return name_; }
  void MarkWritten(arch::TensorId id) { written_[id] = true; }

  // InvalidArgument with reason FILE_MALFORMED: name, message, field, value and, unless it is
  // empty, limit.
  absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                       absl::string_view limit, absl::string_view message) const;

  // There is a tensor of that number, and it has elements.
  absl::Status CheckTensor(absl::string_view field, arch::TensorId id) const;
  // `id` passes CheckTensor.
  absl::Status CheckRead(arch::TensorId id) const;
  absl::Status CheckWrite(arch::TensorId id) const;
  // Some operator has written the graph's output.
  absl::Status CheckEnd() const;

 private:
  const arch::Graph& graph_;
  std::string name_;
  // By tensor.
  std::vector<bool> written_;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_GRAPH_CHECK_H_
