#include "libs/arch/arch_benchmark.h"

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/random.h"

namespace niwaki::arch {
namespace {

constexpr uint64_t kSeed = 20071;
constexpr int kRunsBetweenClocks = 4096;

SearchSpace BenchmarkSpace() {
  absl::StatusOr<SearchSpace> space = CatalogueSpace("mcunet");
  NIWAKI_CHECK(space.ok());
  return *std::move(space);
}

// Runs per second of `run(i)`, which returns something that depends on its work.
template <typename Run>
double RunsPerSecond(double seconds, const Run& run) {
  const absl::Time start = Clock::Real().Now();
  const absl::Time end = start + absl::Seconds(seconds);
  int64_t runs = 0;
  uint64_t sum = 0;
  absl::Time now = start;
  do {
    for (int i = 0; i < kRunsBetweenClocks; ++i) sum += run(i);
    runs += kRunsBetweenClocks;
    now = Clock::Real().Now();
  } while (now < end);
  // Keeps the compiler from dropping the work.
  asm volatile("" : : "r"(sum));
  return runs / absl::ToDoubleSeconds(now - start);
}

}  // namespace

double SubnetsPerSecond(double seconds) {
  const SearchSpace space = BenchmarkSpace();
  Random random(kSeed);
  return RunsPerSecond(seconds, [&](int) { return IdOf(space, SampleSubnet(space, random)).low; });
}

double GraphsPerSecond(double seconds) {
  const SearchSpace space = BenchmarkSpace();
  Random random(kSeed);
  std::vector<Subnet> subnets;
  for (int i = 0; i < kRunsBetweenClocks; ++i) subnets.push_back(SampleSubnet(space, random));
  Graph graph;
  return RunsPerSecond(seconds, [&](int i) {
    BuildGraphInto(space, subnets[i], graph);
    return static_cast<uint64_t>(CountMacs(graph));
  });
}

}  // namespace niwaki::arch
