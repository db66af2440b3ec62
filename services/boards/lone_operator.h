// Operators of the lookup table as something that runs: with random weights, each for itself.

#ifndef NIWAKI_SERVICES_BOARDS_LONE_OPERATOR_H_
#define NIWAKI_SERVICES_BOARDS_LONE_OPERATOR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "libs/engine/emit/operators_c.h"
#include "libs/latency/op_form.h"

namespace niwaki::boards {

// The same for the same seed on every machine. A convolution whose activation is no clamp has its
// table behind it, as in networks. Unimplemented with reason ARGUMENT_INVALID for kinds whose
// signature does not say all of them, for forms that no kernel takes, and for shapes that cannot
// be.
absl::StatusOr<engine::LoneOperator> MakeLoneOperator(const latency::EmittedOp& op, uint64_t seed);

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_LONE_OPERATOR_H_
