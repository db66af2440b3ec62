// LatencyModel: cycles of an operator from its MACs and the bytes that it moves.
//
//   cycles = a · MACs + i · input bytes + o · output bytes + w · weight bytes + c
//
// with one set of coefficients for each class of operators that cost alike (operator_class.h),
// under its name, or for each kind of kernel. Those of the class go before those of the kind; a
// model without those of a kind says nothing about networks that have operators of it whose class
// is not there. docs/latency-model.md says how the defaults were fitted and how far they are off.

#ifndef NIWAKI_LIBS_LATENCY_LATENCY_MODEL_H_
#define NIWAKI_LIBS_LATENCY_LATENCY_MODEL_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/cost/figure.h"
#include "libs/latency/operator_class.h"

namespace niwaki::latency {

// Operators whose kernels work alike: "pointwise_conv", "conv", "depthwise_conv", "add", "mul",
// "global_avg_pool", "linear" (arch::OpFacts::cost). Names are stored in databases.
absl::string_view CostKindOf(const arch::Op& op);

// Every name that CostKindOf gives, each once.
const std::vector<std::string>& CostKinds();

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
  // By class (OperatorClassName) or kind (CostKindOf). Those that this build does not know are
  // kept.
  std::map<std::string, Coefficients, std::less<>> coefficients;
  // At least 1: nine of ten networks are expected within [prediction / ratio, prediction * ratio].
  double interval_ratio = 1;
  // What it was fitted on.
  std::string source;
  // Where the coefficients are counted instructions times one constant: the constant; else 0. Not
  // in databases.
  double cycles_per_instruction = 0;
};

// InvalidArgument with reason ARGUMENT_INVALID for a name or source that is empty or too long, no
// kind at all or a kind that is not 1 to 63 lower-case letters, digits and '_', coefficients that
// are negative, not finite or above 1e6, an interval_ratio outside [1, 100], or
// cycles_per_instruction outside [0, 100].
absl::Status Validate(const LatencyModel& model);

// A model as a table by class, made once for many networks.
class CycleTable {
 public:
  // Copies what it needs.
  explicit CycleTable(const LatencyModel& model);

  // As PredictCycles.
  absl::StatusOr<double> Cycles(const arch::Graph& graph) const;

  // Of one operator of `graph`, with the table that it looks up, if any (engine::HasTable); nullopt
  // where the model has no coefficients for it.
  std::optional<double> CyclesOf(const arch::Graph& graph, const arch::Op& op) const;

 private:
  std::string target_;
  std::vector<Coefficients> coefficients_;
  // By class: an index into coefficients_; -1 where there are none.
  std::array<int16_t, kNumOperatorClasses> of_class_;
  // Of tables that operators look up besides, which a device has as operators of their own; -1
  // where the model has none: then they cost nothing.
  int16_t look_up_ = -1;
};

// FailedPrecondition with reason LATENCY_UNKNOWN, naming the kind and the first operator that has
// it, when the model has no coefficients for a kind of the network.
absl::StatusOr<double> PredictCycles(const LatencyModel& model, const arch::Graph& graph);

// So many cycles at `clock_mhz`, above 0, in microseconds: PREDICTED, with the model's interval.
cost::Figure LatencyOfCycles(const LatencyModel& model, double cycles, double clock_mhz);

// The same of counted instructions of Niwaki's kernels; not known where the model does not say what
// one takes.
cost::Figure LatencyOfInstructions(const LatencyModel& model, double instructions,
                                   double clock_mhz);

// The models that a new database starts with: of cores, and of boards that are measured better.
const std::vector<LatencyModel>& DefaultModels();

// The JSON form: [{"target", "interval_ratio", "source", "coefficients": {KIND: {…}}}], and
// "cycles_per_instruction" where it is known.
// InvalidArgument for anything missing, unknown or invalid; a model may lack kinds.
absl::StatusOr<std::vector<LatencyModel>> ModelsFromJson(absl::string_view json);
std::string ModelsToJson(const std::vector<LatencyModel>& models);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_LATENCY_MODEL_H_
