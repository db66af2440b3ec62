// Prints estimates per second for catalogue spaces: estimate_bench_main [SPACE…].

#include <cstdio>

#include "libs/arch/catalogue.h"
#include "libs/latency/estimate_bench.h"

int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty()) names = {"mcunet", "kws", "cifar32"};
  for (const std::string& name : names) {
    const auto space = niwaki::arch::LoadSpace(name);
    if (!space.ok()) {
      std::fprintf(stderr, "%s\n", space.status().ToString().c_str());
      return 1;
    }
    const auto rates = niwaki::latency::MeasureEstimates(*space, /*count=*/5000, /*seed=*/1);
    if (!rates.ok()) {
      std::fprintf(stderr, "%s\n", rates.status().ToString().c_str());
      return 1;
    }
    std::printf("%-12s predicted %8.0f/s  looked up %8.0f/s\n", name.c_str(),
                rates->predicted_per_second, rates->looked_up_per_second);
  }
  return 0;
}
