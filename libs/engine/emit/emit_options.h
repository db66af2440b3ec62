// What can be chosen of an emitted network.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_EMIT_OPTIONS_H_
#define NIWAKI_LIBS_ENGINE_EMIT_EMIT_OPTIONS_H_

#include <cstdint>
#include <string>

#include "libs/engine/plan/kernel_choice.h"

namespace niwaki::engine {

struct EmitOptions {
  // Begins the names of files and symbols (CheckPrefix).
  std::string prefix = "model";
  // Adds PREFIX_invoke_profiled, which calls a hook behind each operator.
  bool profile = false;
  // Whose kernels are called.
  KernelSet kernels = KernelSet::kFast;
  // Of the test vector's input.
  uint64_t seed = 1;
  // What the network is, for the README: one line, may be empty.
  std::string title;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_EMIT_OPTIONS_H_
