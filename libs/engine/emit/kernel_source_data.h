// The files of libs/kernels as generated code.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_KERNEL_SOURCE_DATA_H_
#define NIWAKI_LIBS_ENGINE_EMIT_KERNEL_SOURCE_DATA_H_

namespace niwaki::engine {

// Path and text of one file after the other; ends with two null pointers.
extern const char* const kKernelSourceData[][2];

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_KERNEL_SOURCE_DATA_H_
