// LatencyModel: cycles of an operator from its MACs and the bytes that it moves.
//
//   cycles = a · MACs + i · input bytes + o · output bytes + w · weight bytes + c
//
// with one set of coefficients for each kind of operator. docs/latency-model.md says how the
// defaults were fitted and how far they are off.

#ifndef NIWAKI_LIBS_LATENCY_LATENCY_MODEL_H_
#define NIWAKI_LIBS_LATENCY_LATENCY_MODEL_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::latency {

// Operators whose kernels work alike. Values are stored in databases: never renumber.
enum class CostKind {
  kPointwiseConv = 0,
  kConv = 1,
  kDepthwiseConv = 2,
  kAdd = 3,
  kMul = 4,
  kGlobalAvgPool = 5,
  kLinear = 6,
};
inline constexpr int kCostKinds = 7;

// "pointwise_conv", "conv", "depthwise_conv", "add", "mul", "global_avg_pool", "linear".
absl::string_view CostKindName(CostKind kind);

CostKind CostKindOf(const arch::Op& op);

// What an operator does, int8 throughout.
struct Work {
  double macs = 0;
  // Of all inputs.
  double input_bytes = 0;
  double output_bytes = 0;
  double weight_bytes = 0;
};
Work WorkOf(const arch::Graph& graph, const arch::Op& op);

struct Coefficients {
  double cycles_per_mac = 0;
  double cycles_per_input_byte = 0;
  double cycles_per_output_byte = 0;
  double cycles_per_weight_byte = 0;
  double cycles_per_call = 0;

  double Cycles(const Work& work) const {
    return cycles_per_mac * work.macs + cycles_per_input_byte * work.input_bytes +
           cycles_per_output_byte * work.output_bytes + cycles_per_weight_byte * work.weight_bytes +
           cycles_per_call;
  }
};

struct LatencyModel {
  // A device's name, or a core's for all devices with that core.
  std::string target;
  // By CostKind.
  std::array<Coefficients, kCostKinds> coefficients;
  // At least 1: nine of ten networks are expected within [prediction / ratio, prediction * ratio].
  double interval_ratio = 1;
  // What it was fitted on.
  std::string source;
};

// InvalidArgument with reason ARGUMENT_INVALID for a name or source that is empty or too long, and
// for coefficients that are negative, not finite or above 1e6, or an interval_ratio outside [1,
// 100].
absl::Status Validate(const LatencyModel& model);

double PredictCycles(const LatencyModel& model, const arch::Graph& graph);

// The models that a new database starts with: "cortex-m4" and "cortex-m7".
const std::vector<LatencyModel>& DefaultModels();

// The JSON form: [{"target", "interval_ratio", "source", "coefficients": {KIND: {…}}}].
// InvalidArgument for anything missing, unknown or invalid.
absl::StatusOr<std::vector<LatencyModel>> ModelsFromJson(absl::string_view json);
std::string ModelsToJson(const std::vector<LatencyModel>& models);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_LATENCY_MODEL_H_
