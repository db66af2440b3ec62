// Runs a fuzz target as a test: its seeds, then seeded mutations of them.

#include <cstdio>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/mutate.h"

int main() {
  constexpr uint64_t kSeed = 1;
  constexpr int kInputs = 4000;
  const std::vector<std::string> seeds = niwaki::fuzz::Seeds();
  for (size_t i = 0; i < seeds.size(); ++i) {
    if (niwaki::fuzz::Run(seeds[i])) continue;
    std::fprintf(stderr, "seed %zu is not accepted\n", i);
    return 1;
  }
  niwaki::Random random(kSeed);
  int accepted = 0;
  for (int i = 0; i < kInputs; ++i) {
    accepted += niwaki::fuzz::Run(niwaki::fuzz::Mutate(seeds, random));
  }
  std::printf("%zu seeds and %d mutations of them (seed %llu), %d accepted\n", seeds.size(),
              kInputs, static_cast<unsigned long long>(kSeed), accepted);
  return seeds.empty() ? 1 : 0;
}
