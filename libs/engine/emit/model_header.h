// The header of an emitted network: all that a program that uses it needs to know.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_MODEL_HEADER_H_
#define NIWAKI_LIBS_ENGINE_EMIT_MODEL_HEADER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// The int8 tensors that a caller gives and gets: behind a quantize at the input, before a
// dequantize at the output.
struct Borders {
  arch::TensorId input = 0;
  arch::TensorId output = 0;
};
Borders BordersOf(const arch::Graph& graph);

// Where arenas and weights lie: attributes that a build may set, for all networks and for the
// weights of the one whose prefix in capitals takes the place of @U@.
inline constexpr absl::string_view kSectionMacros = R"(#ifndef NW_ARENA_SECTION
#define NW_ARENA_SECTION
#endif
#ifndef NW_WEIGHTS_SECTION
#define NW_WEIGHTS_SECTION
#endif
#ifndef @U@_WEIGHTS_SECTION
#define @U@_WEIGHTS_SECTION NW_WEIGHTS_SECTION
#endif
)";

std::string ModelHeader(const QuantisedNetwork& network, const MemoryPlan& plan,
                        const EmitOptions& options);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_MODEL_HEADER_H_
