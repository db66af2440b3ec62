// Runs a quantised network on this machine, with the kernels that a device runs: the answer that a
// device's must equal byte for byte.

#ifndef NIWAKI_LIBS_ENGINE_HOST_RUNNER_H_
#define NIWAKI_LIBS_ENGINE_HOST_RUNNER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/engine/quantise/kernel_parameters.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Not thread-safe; several may run one network.
class HostRunner {
 public:
  // Called after each operator that computes int8: its index in the graph, and its output, height x
  // width x channels with channels innermost.
  using Observer = std::function<void(int index, absl::Span<const int8_t> output)>;

  // `network` is borrowed and outlives the runner. InvalidArgument as Validate.
  static absl::StatusOr<HostRunner> Create(const QuantisedNetwork* network);

  // `input` has as many levels as the network's input has elements; a network whose first operator
  // quantises takes what that would write. InvalidArgument for another size. The result is the
  // output's levels; a network that dequantises at the end gives what that would read. Valid until
  // the next call.
  absl::StatusOr<absl::Span<const int8_t>> Run(absl::Span<const int8_t> input,
                                               const Observer& observer = {});

  // The int8 tensors where Run begins and ends.
  arch::TensorId input() const { return input_; }
  arch::TensorId output() const { return output_; }

 private:
  explicit HostRunner(const QuantisedNetwork* network);

  void RunOperator(int index);
  void RunConvolution(int index, const nw_input& input, const nw_output& output,
                      nw_rows rows) const;
  void RunConcat(const arch::Op& op);
  void RunMean(int index);
  nw_input In(arch::TensorId id) const;
  nw_output Out(arch::TensorId id);

  const QuantisedNetwork* network_;
  arch::TensorId input_;
  arch::TensorId output_;
  // By operator.
  std::vector<KernelParameters> parameters_;
  // By tensor, each with memory of its own: nothing here depends on a plan.
  std::vector<std::vector<int8_t>> values_;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_HOST_RUNNER_H_
