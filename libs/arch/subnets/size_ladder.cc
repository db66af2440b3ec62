#include "libs/arch/subnets/size_ladder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "libs/arch/graph.h"
#include "libs/base/log.h"
#include "libs/base/random.h"

namespace niwaki::arch {
namespace {

constexpr int kSamples = 2000;

struct Rung {
  double log_macs;
  Subnet subnet;
};

Rung RungOf(const SearchSpace& space, Subnet subnet) {
  const double macs = static_cast<double>(CountMacs(BuildGraph(space, subnet)));
  return {std::log(macs), std::move(subnet)};
}

// Distinct, and other than the two ends.
std::vector<Rung> SampleRungs(const SearchSpace& space, uint64_t seed) {
  absl::flat_hash_set<Subnet> seen = {MinSubnet(space), MaxSubnet(space)};
  std::vector<Rung> rungs;
  Random random(seed);
  for (int i = 0; i < kSamples; ++i) {
    Subnet subnet = SampleSubnet(space, random);
    if (seen.insert(subnet).second) rungs.push_back(RungOf(space, std::move(subnet)));
  }
  return rungs;
}

}  // namespace

std::vector<Subnet> SizeLadder(const SearchSpace& space, int count, uint64_t seed) {
  NIWAKI_CHECK(count >= 2);
  std::vector<Rung> ladder = {RungOf(space, MinSubnet(space))};
  const Rung largest = RungOf(space, MaxSubnet(space));
  std::vector<Rung> samples = SampleRungs(space, seed);
  const double step = (largest.log_macs - ladder[0].log_macs) / (count - 1);
  const double first = ladder[0].log_macs;
  for (int i = 1; i < count - 1 && !samples.empty(); ++i) {
    const auto distance = [&](const Rung& rung) {
      return std::abs(rung.log_macs - (first + i * step));
    };
    const auto nearest =
        std::min_element(samples.begin(), samples.end(),
                         [&](const Rung& a, const Rung& b) { return distance(a) < distance(b); });
    ladder.push_back(*nearest);
    samples.erase(nearest);
  }
  if (largest.subnet != ladder[0].subnet) ladder.push_back(largest);
  std::sort(ladder.begin(), ladder.end(),
            [](const Rung& a, const Rung& b) { return a.log_macs < b.log_macs; });
  std::vector<Subnet> subnets;
  for (Rung& rung : ladder) subnets.push_back(std::move(rung.subnet));
  return subnets;
}

}  // namespace niwaki::arch
