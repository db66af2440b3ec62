// What writers of int8 networks share, whatever the format: the operator at hand, errors that name
// it, and the checks of what engine::Validate leaves to whoever makes a network.

#ifndef NIWAKI_LIBS_INTERCHANGE_NETWORK_WRITER_H_
#define NIWAKI_LIBS_INTERCHANGE_NETWORK_WRITER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

// Base of a format's writer. The network is borrowed.
class NetworkWriter {
 public:
  NetworkWriter(const NetworkWriter&) = delete;
  NetworkWriter& operator=(const NetworkWriter&) = delete;

 protected:
  explicit NetworkWriter(const engine::QuantisedNetwork& network)
      : network_(network), graph_(network.graph) {}
  ~NetworkWriter() = default;

  // First of all. The errors of engine::Validate; InvalidArgument for a network without operators.
  absl::Status Begin();

  // Calls `write` with each operator in order, which is the one at hand meanwhile. Its errors;
  // InvalidArgument for fields that no operator has, and for data of more than `max_bytes`, as
  // `data_bytes` counts them.
  template <typename Write, typename DataBytes>
  absl::Status WriteOperators(const Write& write, const DataBytes& data_bytes, int64_t max_bytes) {
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      index_ = static_cast<int>(i);
      absl::Status status = CheckFields(graph_.ops[i]);
      if (status.ok()) status = write(graph_.ops[i]);
      if (status.ok()) status = CheckDataBytes(data_bytes(), max_bytes);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // InvalidArgument that names the operator at hand, the field, its value and what is written.
  absl::Status Refuse(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit,
                      absl::string_view message) const;
  // Of values that no enumeration has.
  absl::Status RefuseKind(const arch::Op& op) const;
  absl::Status RefuseActivation(const arch::Op& op) const;

  absl::Status ExpectShape(const arch::TensorShape& shape, const arch::TensorShape& expected) const;

  // That the output's shape follows from the input's.
  absl::Status CheckPad(const arch::Op& op) const;
  absl::Status CheckReshape(const arch::Op& op) const;
  absl::Status CheckTranspose(const arch::Op& op) const;
  absl::Status CheckUpsample(const arch::Op& op) const;

  // The input's shape with 1 for each axis that a mean goes over; one at least, and the output has
  // as many elements.
  absl::StatusOr<arch::TensorShape> KeptByMean(const arch::Op& op) const;

  const arch::TensorShape& In(const arch::Op& op) const { return graph_.shape(op.input); }
  const arch::TensorShape& Out(const arch::Op& op) const { return graph_.shape(op.output); }
  // Floats are at the borders.
  bool IsFloat(arch::TensorId id) const;

  int index() const { return index_; }

  const engine::QuantisedNetwork& network_;
  const arch::Graph& graph_;
  // By tensor of the graph: whether it is written as [1, C].
  std::vector<bool> flat_;

 private:
  absl::Status CheckFields(const arch::Op& op) const;
  absl::Status CheckDataBytes(int64_t bytes, int64_t max_bytes) const;

  // The operator at hand; -1 before the first.
  int index_ = -1;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_NETWORK_WRITER_H_
