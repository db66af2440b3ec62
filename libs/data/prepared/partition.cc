#include "libs/data/prepared/partition.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"

namespace niwaki::data {
namespace {

using Shares = std::array<double, kSplitCount>;
using Counts = std::array<int64_t, kSplitCount>;
using Bundle = std::vector<int64_t>;

constexpr int kTrainIndex = static_cast<int>(Split::kTrain);
// Stream of DeriveSeed for the order of small classes with equal remainders.
constexpr uint64_t kTieStream = 1;

template <typename T>
void Shuffle(std::vector<T>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.Uniform(i)]);
}

double Sum(const Shares& shares) { return std::accumulate(shares.begin(), shares.end(), 0.0); }

// Of sum 1.
Shares Normalised(const Shares& shares) {
  const double total = Sum(shares);
  Shares parts;
  for (int s = 0; s < kSplitCount; ++s) parts[s] = shares[s] / total;
  return parts;
}

void Give(const Bundle& bundle, int split, Partition& partition) {
  partition[split].insert(partition[split].end(), bundle.begin(), bundle.end());
}

// Deals bundles in order: each goes to the split that is furthest below its share of what has been
// dealt so far.
void Deal(const std::vector<Bundle>& bundles, const Shares& shares, Partition& partition) {
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
    Give(bundle, best, partition);
  }
}

// How many examples of each small class go to each split.
class SmallClasses {
 public:
  // `sizes` of the classes, none 0. `alone`: no larger class is dealt beside them, so that no split
  // with a share may stay empty.
  SmallClasses(const Shares& shares, std::vector<int64_t> sizes, bool alone, uint64_t seed)
      : parts_(Normalised(shares)), sizes_(std::move(sizes)), counts_(sizes_.size(), Counts{}) {
    rest_ = shares[kTrainIndex] > 0
                ? kTrainIndex
                : static_cast<int>(std::max_element(shares.begin(), shares.end()) - shares.begin());
    total_ = std::accumulate(sizes_.begin(), sizes_.end(), int64_t{0});
    Random random(DeriveSeed(seed, kTieStream));
    for (size_t c = 0; c < sizes_.size(); ++c) order_.push_back(c);
    Shuffle(order_, random);
    for (size_t c = 0; c < sizes_.size(); ++c) {
      for (int s = 0; s < kSplitCount; ++s) {
        if (s != rest_) GiveMore(c, s, static_cast<int64_t>(std::floor(sizes_[c] * parts_[s])));
      }
    }
    for (Split split : {Split::kValidation, Split::kTest, Split::kCalibration, Split::kTrain}) {
      const int s = static_cast<int>(split);
      if (s != rest_ && parts_[s] > 0) DealRemainders(s, alone);
    }
    for (size_t c : order_) KeepOffOneSplit(c);
    for (size_t c = 0; c < sizes_.size(); ++c) counts_[c][rest_] = sizes_[c] - Given(c);
  }

  const std::vector<Counts>& counts() const { return counts_; }

 private:
  int64_t Given(size_t c) const {
    return std::accumulate(counts_[c].begin(), counts_[c].end(), int64_t{0});
  }

  double Wanted(int s) const { return parts_[s] * static_cast<double>(total_); }

  void GiveMore(size_t c, int s, int64_t count) {
    counts_[c][s] += count;
    dealt_[s] += count;
  }

  double Remainder(size_t c, int s) const {
    return sizes_[c] * parts_[s] - static_cast<double>(counts_[c][s]);
  }

  // One each from the classes with the largest remainders, and of equal ones from those that have
  // given least, until the split has its share of all. Every class keeps one for the rest.
  void DealRemainders(int s, bool alone) {
    int64_t lack = std::lround(Wanted(s)) - dealt_[s];
    if (alone && dealt_[s] == 0) lack = std::max<int64_t>(lack, 1);
    std::vector<size_t> classes = order_;
    std::stable_sort(classes.begin(), classes.end(), [&](size_t a, size_t b) {
      const double more_a = Remainder(a, s), more_b = Remainder(b, s);
      return more_a != more_b ? more_a > more_b : Given(a) < Given(b);
    });
    for (size_t c : classes) {
      if (lack <= 0) return;
      if (Given(c) + 1 >= sizes_[c]) continue;
      GiveMore(c, s, 1);
      --lack;
    }
  }

  // A class that would be seen in training alone is scored, too.
  void KeepOffOneSplit(size_t c) {
    if (sizes_[c] < 2 || Given(c) > 0) return;
    int best = -1;
    double best_lack = 0;
    for (Split split : {Split::kValidation, Split::kTest}) {
      const int s = static_cast<int>(split);
      const double lack = Wanted(s) - static_cast<double>(dealt_[s]);
      if (s == rest_ || parts_[s] <= 0 || (best >= 0 && lack <= best_lack)) continue;
      best = s, best_lack = lack;
    }
    if (best >= 0) GiveMore(c, best, 1);
  }

  const Shares parts_;
  const std::vector<int64_t> sizes_;
  // The split that takes what the others leave.
  int rest_ = 0;
  std::vector<size_t> order_;
  std::vector<Counts> counts_;
  // Examples of all classes; those given to each split but the rest.
  int64_t total_ = 0;
  Counts dealt_ = {};
};

std::vector<Bundle> BundlesOfGroups(const ExampleSet& set, const std::vector<int64_t>& pool) {
  std::map<uint32_t, Bundle> by_group;
  for (int64_t i : pool) by_group[set.groups[i]].push_back(i);
  std::vector<Bundle> bundles;
  for (auto& [group, members] : by_group) bundles.push_back(std::move(members));
  return bundles;
}

// Gives the split `to`, whose share is less than a group, the smallest one of the split that has
// the most groups, if that has several.
void FillByAGroup(const ExampleSet& set, int to, Partition& dealt) {
  int from = 0;
  std::map<uint32_t, int64_t> most;
  for (int s = 0; s < kSplitCount; ++s) {
    std::map<uint32_t, int64_t> sizes;
    for (int64_t i : dealt[s]) ++sizes[set.groups[i]];
    if (sizes.size() > most.size()) most = std::move(sizes), from = s;
  }
  if (most.size() < 2) return;
  const auto smallest = std::min_element(
      most.begin(), most.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto middle = std::stable_partition(dealt[from].begin(), dealt[from].end(), [&](int64_t i) {
    return set.groups[i] != smallest->first;
  });
  dealt[to].assign(middle, dealt[from].end());
  dealt[from].erase(middle, dealt[from].end());
}

void DealGroups(const ExampleSet& set, const std::vector<int64_t>& pool, const Shares& shares,
                Random& random, Partition& partition) {
  std::vector<Bundle> bundles = BundlesOfGroups(set, pool);
  Shuffle(bundles, random);
  Partition dealt;
  Deal(bundles, shares, dealt);
  for (int s = 0; s < kSplitCount; ++s) {
    if (shares[s] > 0 && dealt[s].empty()) FillByAGroup(set, s, dealt);
  }
  for (int s = 0; s < kSplitCount; ++s) Give(dealt[s], s, partition);
}

void DealClasses(const ExampleSet& set, const std::vector<int64_t>& pool, const Shares& shares,
                 uint64_t seed, Random& random, Partition& partition) {
  std::vector<Bundle> by_class(set.class_names.size());
  for (int64_t i : pool) by_class[set.labels[i]].push_back(i);
  const Shares parts = Normalised(shares);
  std::vector<size_t> small;
  std::vector<int64_t> sizes;
  bool alone = true;
  for (size_t c = 0; c < by_class.size(); ++c) {
    Shuffle(by_class[c], random);
    const int64_t n = static_cast<int64_t>(by_class[c].size());
    if (n == 0) continue;
    // Nearly one counts as one: shares are sums of decimals.
    const bool whole = std::all_of(parts.begin(), parts.end(), [n](double part) {
      return part <= 0 || static_cast<double>(n) * part > 1 - 1e-9;
    });
    if (whole) {
      std::vector<Bundle> bundles;
      for (int64_t i : by_class[c]) bundles.push_back({i});
      Deal(bundles, shares, partition);
      alone = false;
    } else {
      small.push_back(c);
      sizes.push_back(n);
    }
  }
  const SmallClasses dealer(shares, std::move(sizes), alone, seed);
  for (size_t k = 0; k < small.size(); ++k) {
    auto next = by_class[small[k]].begin();
    for (int s = 0; s < kSplitCount; ++s) {
      const auto end = next + dealer.counts()[k][s];
      partition[s].insert(partition[s].end(), next, end);
      next = end;
    }
  }
}

// Positions by how they are dealt; `own[s]` says that the source gives split s its examples.
struct Pools {
  std::vector<int64_t> shared;
  std::vector<int64_t> over_all;
  std::array<bool, kSplitCount> own = {};
};

Pools SortByDealing(const ExampleSet& set, Partition& partition) {
  Pools pools;
  for (int64_t i = 0; i < set.size(); ++i) {
    const Dealing dealing = set.dealing.empty() ? Dealing{} : set.dealing[i];
    if (dealing.split.has_value()) {
      const int s = static_cast<int>(*dealing.split);
      partition[s].push_back(i);
      pools.own[s] = true;
    } else {
      (dealing.over_all ? pools.over_all : pools.shared).push_back(i);
    }
  }
  return pools;
}

// What is wrong when split `s` got nothing.
absl::Status EmptySplit(const ExampleSet& set, const Shares& shares, int s) {
  const absl::string_view name = SplitName(static_cast<Split>(s));
  const int64_t splits =
      std::count_if(shares.begin(), shares.end(), [](double v) { return v > 0; });
  std::vector<uint32_t> groups = set.groups;
  std::sort(groups.begin(), groups.end());
  const int64_t count = std::unique(groups.begin(), groups.end()) - groups.begin();
  const std::string remedy = set.groups.empty()
                                 ? absl::StrCat("at least ", splits, " are needed")
                                 : absl::StrCat(
                                       "their clips stay together: add speakers, or let --groups "
                                       "ignore deal every clip by itself");
  const std::string what = set.groups.empty()
                               ? absl::StrCat("too few examples (", set.size(), ")")
                               : absl::StrCat("too few speakers or recordings (", count, ")");
  return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
      .Field(absl::StrCat("--", name, "-share"))
      .Value(shares[s])
      .Limit(absl::StrCat(set.size(), " examples"))
      .Message(absl::StrCat(what, " to give the split ", name, " any; ", remedy));
}

}  // namespace

absl::StatusOr<Partition> PartitionExamples(const ExampleSet& set,
                                            const std::array<double, kSplitCount>& shares,
                                            uint64_t seed) {
  Random random(seed);
  Partition partition;
  const Pools pools = SortByDealing(set, partition);
  Shares left = shares;
  for (int s = 0; s < kSplitCount; ++s) {
    if (pools.own[s]) left[s] = 0;
  }
  const auto deal = [&](const std::vector<int64_t>& pool, const Shares& its_shares) {
    if (pool.empty() || Sum(its_shares) <= 0) return;
    if (set.groups.empty()) {
      DealClasses(set, pool, its_shares, seed, random, partition);
    } else {
      DealGroups(set, pool, its_shares, random, partition);
    }
  };
  deal(pools.shared, left);
  deal(pools.over_all, shares);
  for (int s = 0; s < kSplitCount; ++s) {
    Shuffle(partition[s], random);
    if (shares[s] > 0 && partition[s].empty()) return EmptySplit(set, shares, s);
  }
  return partition;
}

std::vector<std::string> ClassesWithout(const std::vector<std::string>& class_names,
                                        absl::Span<const uint16_t> labels) {
  std::vector<std::string> without;
  if (labels.empty()) return without;
  std::vector<bool> there(class_names.size(), false);
  for (uint16_t label : labels) there[label] = true;
  for (size_t c = 0; c < there.size(); ++c) {
    if (!there[c]) without.push_back(class_names[c]);
  }
  return without;
}

}  // namespace niwaki::data
