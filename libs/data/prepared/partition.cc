#include "libs/data/prepared/partition.h"

#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"

namespace niwaki::data {
namespace {

template <typename T>
void Shuffle(std::vector<T>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.Uniform(i)]);
}

using Bundle = std::vector<int64_t>;

// Deals bundles in order: each goes to the split that is furthest below its share of what has been
// dealt so far.
void Deal(const std::vector<Bundle>& bundles, const std::array<double, kSplitCount>& shares,
          Partition& partition) {
  double total_share = 0;
  for (double share : shares) total_share += share;
  std::array<int64_t, kSplitCount> dealt = {};
  int64_t total = 0;
  for (const Bundle& bundle : bundles) {
    total += bundle.size();
    int best = 0;
    double best_lack = -INFINITY;
    for (int s = 0; s < kSplitCount; ++s) {
      const double lack = total * shares[s] / total_share - dealt[s];
      if (shares[s] > 0 && lack > best_lack) best = s, best_lack = lack;
    }
    dealt[best] += bundle.size();
    partition[best].insert(partition[best].end(), bundle.begin(), bundle.end());
  }
}

std::vector<Bundle> BundlesOfGroups(const ExampleSet& set) {
  std::map<uint32_t, Bundle> by_group;
  for (int64_t i = 0; i < set.size(); ++i) by_group[set.groups[i]].push_back(i);
  std::vector<Bundle> bundles;
  for (auto& [group, members] : by_group) bundles.push_back(std::move(members));
  return bundles;
}

}  // namespace

absl::StatusOr<Partition> PartitionExamples(const ExampleSet& set,
                                            const std::array<double, kSplitCount>& shares,
                                            uint64_t seed) {
  Random random(seed);
  Partition partition;
  if (!set.groups.empty()) {
    std::vector<Bundle> bundles = BundlesOfGroups(set);
    Shuffle(bundles, random);
    Deal(bundles, shares, partition);
  } else {
    std::vector<std::vector<Bundle>> by_class(set.class_names.size());
    for (int64_t i = 0; i < set.size(); ++i) by_class[set.labels[i]].push_back({i});
    for (std::vector<Bundle>& bundles : by_class) {
      Shuffle(bundles, random);
      Deal(bundles, shares, partition);
    }
  }
  for (Split split : kAllSplits) {
    const int s = static_cast<int>(split);
    Shuffle(partition[s], random);
    if (shares[s] <= 0 || !partition[s].empty()) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field(absl::StrCat("shares.", SplitName(split)))
        .Value(shares[s])
        .Limit(absl::StrCat(set.size(), " examples"))
        .Message(absl::StrCat("too few examples (", set.size(), ") to give the split ",
                              SplitName(split), " any"));
  }
  return partition;
}

}  // namespace niwaki::data
