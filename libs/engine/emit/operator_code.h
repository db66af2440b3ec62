// One operator as C: a function that calls its kernel on places in the arena, and the constants
// that the kernel takes.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_OPERATOR_CODE_H_
#define NIWAKI_LIBS_ENGINE_EMIT_OPERATOR_CODE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

struct OperatorCode {
  // Weights, tables and constant operands: arrays in flash, in static storage.
  std::string constants;
  // "static void run_3(int8_t* arena) {…}"; empty where nothing is to be done, as for a reshape in
  // place.
  std::string function;
  // "run_3".
  std::string name;
  // The file of libs/kernels that it calls ("convolution", "fast/pointwise"); empty for none.
  std::string kernel;
};

// Whether operator `index` computes int8: what quantises and dequantises at the borders does not.
bool IsComputed(const arch::Op& op);

// "conv2d 3x3, stride 2: 96x96x3 to 48x48x8".
std::string OperatorText(const arch::Graph& graph, int index);

// Operator `index` of `network`, which is valid, under `plan`, which is this network's. `section`
// is the macro that says where constants lie. A fast kernel is called where there is one and the
// plan sets aside scratch memory for it. `streams`: the function takes rows of its output to
// compute, "static void run_3(int8_t* arena, nw_rows rows) {…}", and not all of them.
OperatorCode CodeOfOperator(const QuantisedNetwork& network, const MemoryPlan& plan, int index,
                            absl::string_view section, KernelSet kernels = KernelSet::kFast,
                            bool streams = false);

// The tensors that operators read and none writes, as arrays.
std::string ConstantOperands(const QuantisedNetwork& network, absl::string_view section);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_OPERATOR_CODE_H_
