// Prints plans per second for catalogue spaces: plan_bench_main [SPACE…].

#include <cstdio>

#include "libs/arch/catalogue.h"
#include "libs/engine/plan_bench.h"

int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty()) names = niwaki::arch::CatalogueNames();
  for (const std::string& name : names) {
    const auto space = niwaki::arch::LoadSpace(name);
    if (!space.ok()) {
      std::fprintf(stderr, "%s\n", space.status().ToString().c_str());
      return 1;
    }
    const auto rates = niwaki::engine::MeasurePlans(*space, /*count=*/20000, /*seed=*/1);
    std::printf("%-20s %8.0f subnets/s  optimal %.4f  worst arena/bound %.4f\n", name.c_str(),
                rates.subnets_per_second, rates.optimal, rates.worst_ratio);
  }
  return 0;
}
