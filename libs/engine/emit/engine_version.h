// What of this program the figures of an operator depend on.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_ENGINE_VERSION_H_
#define NIWAKI_LIBS_ENGINE_EMIT_ENGINE_VERSION_H_

#include <string>

namespace niwaki::engine {

// 16 hexadecimal characters: of the kernels' sources, and of how they are called (kEmission in
// engine_version.cc, which whoever changes that raises). Figures that were measured with another
// one are not added to those of this one. Computed once. Thread-safe.
const std::string& EngineVersion();

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_ENGINE_VERSION_H_
