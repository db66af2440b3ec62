// A network as C: a folder of sources that builds by itself and runs the network in one arena.
//
//   PREFIX.h            shapes, scales, size of the arena; PREFIX_invoke
//   PREFIX.c            operators in order, each one call of a kernel on places in the arena, or
//                       in a table of operators that run row by row
//   PREFIX_weights.h    weights and tables, in flash
//   PREFIX_test.h       a test vector: an input and what the host runner makes of it
//   main.c              runs the test vector and compares, on this machine
//   libs/kernels/…      the kernels that are used, as they are
//   CMakeLists.txt, Makefile, README.md
//
// The network's own code (PREFIX.c and kernels) has no floating point and no allocation and takes
// of C's library memcpy alone. Its symbols begin with the prefix; the kernels' (nw_…) are the same
// in all networks of one version and are linked once.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_EMIT_C_H_
#define NIWAKI_LIBS_ENGINE_EMIT_EMIT_C_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Content by path inside the folder.
using FileTree = std::map<std::string, std::string>;

// Paths of the C sources that a program around the network links: all but main.c.
std::vector<std::string> SourcesOf(const FileTree& files);

// `plan` is a plan of this network's graph. The same arguments give the same bytes on every
// machine. InvalidArgument as Validate and CheckPrefix.
absl::StatusOr<FileTree> EmitC(const QuantisedNetwork& network, const NetworkPlan& plan,
                               const EmitOptions& options);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_EMIT_C_H_
