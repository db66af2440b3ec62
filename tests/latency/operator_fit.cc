#include "tests/latency/operator_fit.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/latency/fit/least_squares.h"
#include "libs/latency/operator_class.h"

namespace niwaki::latency {
namespace {

using arch::OpKind;

// A kind of work, and what counts it.
struct Feature {
  double Work::*work;
  double Coefficients::*coefficient;
};
constexpr Feature kMacs = {&Work::macs, &Coefficients::cycles_per_mac};
constexpr Feature kInput = {&Work::input_bytes, &Coefficients::cycles_per_input_byte};
constexpr Feature kOutput = {&Work::output_bytes, &Coefficients::cycles_per_output_byte};
constexpr Feature kWeights = {&Work::weight_bytes, &Coefficients::cycles_per_weight_byte};
constexpr Feature kCall = {nullptr, &Coefficients::cycles_per_call};

// What may count, the most important first: of a class with few operators the last ones do not.
std::vector<Feature> FeaturesOf(OpKind kind) {
  switch (kind) {
    case OpKind::kConv2d:
      return {kMacs, kOutput, kInput, kWeights, kCall};
    case OpKind::kDepthwiseConv2d:
      return {kOutput, kWeights, kCall};
    case OpKind::kLinear:
      return {kMacs, kOutput, kCall};
    case OpKind::kMaxPool:
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
    case OpKind::kMean:
      return {kInput, kOutput, kCall};
    default:
      return {kOutput, kCall};
  }
}

absl::StatusOr<Coefficients> FitOne(const std::vector<const CountedOperator*>& operators) {
  std::vector<Feature> features = FeaturesOf(operators[0]->op.kind);
  while (true) {
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
    for (const CountedOperator* one : operators) {
      std::vector<double>& row = rows.emplace_back();
      for (const Feature& feature : features) {
        row.push_back(feature.work == nullptr ? 1 : one->work.*feature.work);
      }
      targets.push_back(one->instructions);
    }
    const absl::StatusOr<std::vector<double>> fitted = FitRelative(rows, targets);
    if (fitted.ok()) {
      Coefficients coefficients;
      for (size_t i = 0; i < features.size(); ++i) {
        coefficients.*features[i].coefficient = (*fitted)[i];
      }
      return coefficients;
    }
    // Too few operators, or too much alike.
    features.pop_back();
    if (features.empty()) return fitted.status();
  }
}

}  // namespace

absl::StatusOr<std::map<std::string, Coefficients, std::less<>>> FitOperators(
    const std::vector<CountedOperator>& operators) {
  std::map<std::string, std::vector<const CountedOperator*>> groups;
  std::map<std::string, std::vector<const CountedOperator*>> kinds;
  for (const CountedOperator& one : operators) {
    const std::string name = OperatorClassName(OperatorClassOf(one.op));
    if (!name.empty()) groups[name].push_back(&one);
    // Pools and whatever else has no kind of its own share one; the pool that spaces have says what
    // it costs.
    const std::string kind(CostKindOf(one.op));
    const bool shared = kind == arch::FactsOf(OpKind::kGlobalAvgPool).cost;
    if (!shared || one.op.kind == OpKind::kGlobalAvgPool) kinds[kind].push_back(&one);
  }
  for (const std::string& kind : CostKinds()) {
    if (kinds.count(kind) == 0) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("operators")
          .Value(kind)
          .Message(absl::StrCat("no operator of kind ", kind, " was counted"));
    }
    // A kind that is a class, too, is of all its classes.
    groups.emplace(kind, kinds[kind]);
  }
  std::map<std::string, Coefficients, std::less<>> fitted;
  for (const auto& [name, group] : groups) {
    NIWAKI_ASSIGN_OR_RETURN(fitted[name], FitOne(group));
  }
  return fitted;
}

}  // namespace niwaki::latency
