// How LibTorch and malloc are set up in a process that scores or trains.

#ifndef NIWAKI_LIBS_SUPERNET_RUNTIME_H_
#define NIWAKI_LIBS_SUPERNET_RUNTIME_H_

#include <string>

#include "absl/status/status.h"

namespace niwaki::supernet {

// Keeps freed activations in the process instead of giving them back to the kernel (glibc's default
// for large blocks), whose page faults cost 1.3 to 2.5 times the scoring time. Call once, first in
// main.
void TuneMalloc();

// Threads inside one operator, for operators that the calling thread starts; LibTorch's and the
// BLAS library's. A number computed with one thread does not depend on the machine's cores.
void SetOperatorThreads(int threads);

// OK when `device` is "cpu", or "cuda" and LibTorch has a usable one; InvalidArgument for other
// names, FailedPrecondition with reason TOOL_MISSING where there is none.
absl::Status CheckDevice(const std::string& device);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_RUNTIME_H_
