// What the engine takes: emission of C, and networks on emulated boards beside what peers need.

#ifndef NIWAKI_TESTS_BENCH_ENGINE_BENCHMARK_H_
#define NIWAKI_TESTS_BENCH_ENGINE_BENCHMARK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figure.h"

namespace niwaki::bench {

// Seconds to emit a network of a million parameters, test vector included.
absl::StatusOr<double> EmissionSeconds();

// Instructions, arenas and flash of the seven published networks below `shared`/models on an
// emulated Cortex-M7 and M4, what peers need beside them (engine_peers.h). Arenas are of whole
// operators, of the smallest schedule by rows, and with the image handed over by rows; what the
// smallest schedule costs is of the same options on the Cortex-M7. Flash is what the network brings
// into a program (libs/engine/plan/flash/flash.h). `folder` is an empty folder to work in. The
// errors of the cross compiler and the emulator.
absl::StatusOr<std::vector<Figure>> BoardFigures(const std::string& shared,
                                                 const std::string& folder);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_ENGINE_BENCHMARK_H_
