// The data that a network is calibrated with, and how work on it is spread over threads.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_EXAMPLES_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_EXAMPLES_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

struct Examples {
  arch::TensorShape shape;
  int64_t count = 0;
  // Writes example `index`, normalised, height x width x channels with channels innermost. Called
  // from several threads at once.
  std::function<absl::Status(int64_t index, absl::Span<float> values)> read;
};

// Runs body(i) for every i in [0, n), in any order and on any threads; an error of one ends it.
// What is computed here never depends on the order.
using Loop =
    std::function<absl::Status(int64_t n, const std::function<absl::Status(int64_t)>& body)>;

// One after another on the caller's thread.
absl::Status OneByOne(int64_t n, const std::function<absl::Status(int64_t)>& body);

// InvalidArgument unless `examples` are of the shape that `graph` reads and there is at least one.
absl::Status CheckExamples(const Examples& examples, const arch::Graph& graph);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_EXAMPLES_H_
