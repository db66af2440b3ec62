// PREFIX_test.h of an emitted network: an input and the output that it must give.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_TEST_VECTOR_H_
#define NIWAKI_LIBS_ENGINE_EMIT_TEST_VECTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// An input of random levels, from the options' seed, and what the host runner makes of it.
// InvalidArgument as Validate.
absl::StatusOr<std::string> TestVectorText(const QuantisedNetwork& network,
                                           const EmitOptions& options);

// The output of a text of TestVectorText. InvalidArgument with reason FILE_MALFORMED for another
// text; `what` names it.
absl::StatusOr<std::vector<int8_t>> ReadTestOutput(absl::string_view text, absl::string_view what);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_TEST_VECTOR_H_
