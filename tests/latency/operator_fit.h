// From counted operators to coefficients of a latency model, in instructions.

#ifndef NIWAKI_TESTS_LATENCY_OPERATOR_FIT_H_
#define NIWAKI_TESTS_LATENCY_OPERATOR_FIT_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/latency/latency_model.h"

namespace niwaki::latency {

struct CountedOperator {
  arch::Op op;
  Work work;
  // Above 0.
  double instructions = 0;
};

// Coefficients by class (OperatorClassName) and, for classes that are not among the operators, by
// kind (CostKindOf). Relative least squares with coefficients from 0. Work that others determine in
// a class gets none: the bytes of a depthwise convolution's window are its multiply-accumulates.
// InvalidArgument for a kind of CostKinds that no operator has.
absl::StatusOr<std::map<std::string, Coefficients, std::less<>>> FitOperators(
    const std::vector<CountedOperator>& operators);

}  // namespace niwaki::latency

#endif  // NIWAKI_TESTS_LATENCY_OPERATOR_FIT_H_
