// Runs a FloatNetwork on one example at a time: the one float path that calibration reads, whose
// result is the same bits on every machine (float_operators.h).

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_RUNNER_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_RUNNER_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/engine/quantise/examples.h"
#include "libs/engine/quantise/float_network.h"
#include "libs/engine/quantise/float_operators.h"

namespace niwaki::engine {

// A network made ready; immutable, for any number of runners and threads.
class FloatProgram {
 public:
  // `network` is borrowed and outlives the program. The errors of Validate.
  static absl::StatusOr<FloatProgram> Create(const FloatNetwork* network);

  const FloatNetwork& network() const { return *network_; }
  const arch::Graph& graph() const { return network_->graph; }

  // What `op` computes before batch norm and activation. `inputs` in the order of InputsOf.
  void Compute(const arch::Op& op, absl::Span<const absl::Span<const float>> inputs,
               absl::Span<float> output) const;

 private:
  explicit FloatProgram(const FloatNetwork* network) : network_(network) {}

  const FloatNetwork* network_;
  // By Op::weight.
  std::vector<PackedWeight> weights_;
};

// (x - mean) / sqrt(variance + eps) * scale + shift, channel by channel, in place. `mean` and
// `variance` [C].
void Normalise(const FloatWeight& weight, double eps, absl::Span<const double> mean,
               absl::Span<const double> variance, absl::Span<float> values);

// Not thread-safe.
class FloatRunner {
 public:
  // Called with every tensor that is written, the network's input first.
  using Observer = std::function<void(arch::TensorId id, absl::Span<const float> values)>;

  // Borrowed.
  explicit FloatRunner(const FloatProgram* program);

  // Where the example is written: height x width x channels.
  absl::Span<float> input() { return absl::MakeSpan(values_[program_->graph().input]); }
  // The network's output; valid until the next call.
  absl::Span<const float> Run(const Observer& observer = {});

 private:
  const FloatProgram* program_;
  // By tensor.
  std::vector<std::vector<float>> values_;
  // By Op::weight: statistics of batch norms.
  std::vector<std::vector<double>> means_;
  std::vector<std::vector<double>> variances_;
};

// Examples in a row whose sums are added before they are joined to others'.
inline constexpr int64_t kExamplesPerBlock = 16;

// Runs every example. `observe` is called as an Observer is, with the number of the block of
// kExamplesPerBlock examples that the example is in: those of a block one after another and in
// order, blocks at once and in any order. The errors of CheckExamples and of reading.
absl::Status RunExamples(
    const FloatProgram& program, const Examples& examples, const Loop& loop,
    const std::function<void(int64_t block, arch::TensorId id, absl::Span<const float> values)>&
        observe);
inline int64_t BlocksOf(int64_t examples) {
  return (examples + kExamplesPerBlock - 1) / kExamplesPerBlock;
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_RUNNER_H_
