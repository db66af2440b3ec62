// How fast subnets and graphs are made on one core, for the project's benchmark runner. The space
// is `mcunet`, the seed fixed.

#ifndef NIWAKI_LIBS_ARCH_ARCH_BENCHMARK_H_
#define NIWAKI_LIBS_ARCH_ARCH_BENCHMARK_H_

namespace niwaki::arch {

// Subnets sampled, canonicalised and given their id, per second; runs for about `seconds`.
double SubnetsPerSecond(double seconds);

// Graphs built with their MACs counted, per second; runs for about `seconds`. The subnets are
// sampled beforehand.
double GraphsPerSecond(double seconds);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_ARCH_BENCHMARK_H_
