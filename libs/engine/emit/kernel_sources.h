// The kernels' C sources (libs/kernels), held by the program: emitted code brings its kernels
// along.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_KERNEL_SOURCES_H_
#define NIWAKI_LIBS_ENGINE_EMIT_KERNEL_SOURCES_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace niwaki::engine {

// By path as the sources include each other, "libs/kernels/convolution.h": as they are.
const std::map<std::string, absl::string_view>& KernelSources();

// The files that `kernels` ("convolution", "fast/pointwise") consist of: their sources, and every
// header that these include; of the fast ones also the sources of such headers.
std::set<std::string> FilesOfKernels(const std::set<std::string>& kernels);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_KERNEL_SOURCES_H_
