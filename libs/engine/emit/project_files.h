// What stands around an emitted network: a program that tests it, build files, a README.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_PROJECT_FILES_H_
#define NIWAKI_LIBS_ENGINE_EMIT_PROJECT_FILES_H_

#include <string>
#include <vector>

#include "libs/engine/emit/emit_options.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// What Makefile and CMakeLists.txt compile with, and firmware on emulated boards too.
inline constexpr char kCompilerFlags[] =
    "-std=c11 -O2 -Wall -Wextra -ffunction-sections -ffp-contract=off";

// main.c: runs the test vector; exit code 0 where the bytes are equal.
std::string HostMain(const EmitOptions& options);

// `kernel_files` are paths in the folder; sources and headers.
std::string Makefile(const EmitOptions& options, const std::vector<std::string>& kernel_files);
std::string CMakeLists(const EmitOptions& options, const std::vector<std::string>& kernel_files);

std::string Readme(const QuantisedNetwork& network, const NetworkPlan& plan,
                   const EmitOptions& options);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_PROJECT_FILES_H_
