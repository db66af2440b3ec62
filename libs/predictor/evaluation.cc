#include "libs/predictor/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "libs/base/log.h"

namespace niwaki::predictor {
namespace {

// Pairs within runs of equal elements of `order`.
template <typename Equal>
int64_t TiedPairs(const std::vector<size_t>& order, const Equal& equal) {
  int64_t pairs = 0;
  int64_t run = 1;
  for (size_t i = 1; i <= order.size(); ++i) {
    if (i < order.size() && equal(order[i - 1], order[i])) {
      ++run;
      continue;
    }
    pairs += run * (run - 1) / 2;
    run = 1;
  }
  return pairs;
}

// Sorts `values` and returns the exchanges of neighbours that this takes.
int64_t MergeSort(std::vector<double>& values, std::vector<double>& buffer, size_t begin,
                  size_t end) {
  if (end - begin < 2) return 0;
  const size_t middle = begin + (end - begin) / 2;
  int64_t exchanges =
      MergeSort(values, buffer, begin, middle) + MergeSort(values, buffer, middle, end);
  size_t left = begin;
  size_t right = middle;
  for (size_t to = begin; to < end; ++to) {
    if (right == end || (left < middle && values[left] <= values[right])) {
      buffer[to] = values[left++];
    } else {
      exchanges += static_cast<int64_t>(middle - left);
      buffer[to] = values[right++];
    }
  }
  std::copy(buffer.begin() + begin, buffer.begin() + end, values.begin() + begin);
  return exchanges;
}

std::vector<double> Ranks(absl::Span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t x, size_t y) { return values[x] < values[y]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) {
      ranks[order[i]] = 0.5 * static_cast<double>(begin + end - 1);
    }
    begin = end;
  }
  return ranks;
}

double Correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double aa = 0;
  double bb = 0;
  double ab = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

// Of pairs: those in one order in both series less those in opposite orders, and those that are no
// ties in one.
struct PairCounts {
  double difference = 0;
  double untied_a = 0;
  double untied_b = 0;
};

PairCounts CountPairs(absl::Span<const double> a, absl::Span<const double> b) {
  NIWAKI_CHECK(a.size() == b.size());
  std::vector<size_t> order(a.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t x, size_t y) { return a[x] != a[y] ? a[x] < a[y] : b[x] < b[y]; });
  const int64_t n = static_cast<int64_t>(a.size());
  const int64_t pairs = n * (n - 1) / 2;
  const int64_t tied_a = TiedPairs(order, [&](size_t x, size_t y) { return a[x] == a[y]; });
  const int64_t tied_both =
      TiedPairs(order, [&](size_t x, size_t y) { return a[x] == a[y] && b[x] == b[y]; });
  std::vector<double> values;
  for (const size_t i : order) values.push_back(b[i]);
  std::vector<double> buffer(values.size());
  const int64_t discordant = MergeSort(values, buffer, 0, values.size());
  std::sort(order.begin(), order.end(), [&](size_t x, size_t y) { return b[x] < b[y]; });
  const int64_t tied_b = TiedPairs(order, [&](size_t x, size_t y) { return b[x] == b[y]; });
  return {
      static_cast<double>(pairs - tied_a - tied_b + tied_both) -
          2.0 * static_cast<double>(discordant),
      static_cast<double>(pairs - tied_a),
      static_cast<double>(pairs - tied_b),
  };
}

}  // namespace

double KendallTau(absl::Span<const double> a, absl::Span<const double> b) {
  const PairCounts counts = CountPairs(a, b);
  if (counts.untied_a == 0 || counts.untied_b == 0) return 0;
  return counts.difference / std::sqrt(counts.untied_a * counts.untied_b);
}

void KendallWithin::Add(absl::Span<const double> a, absl::Span<const double> b,
                        absl::Span<const int> group) {
  NIWAKI_CHECK(a.size() == b.size() && a.size() == group.size());
  std::map<int, std::pair<std::vector<double>, std::vector<double>>> groups;
  for (size_t i = 0; i < group.size(); ++i) {
    groups[group[i]].first.push_back(a[i]);
    groups[group[i]].second.push_back(b[i]);
  }
  for (const auto& [name, series] : groups) {
    const PairCounts counts = CountPairs(series.first, series.second);
    difference_ += counts.difference;
    untied_a_ += counts.untied_a;
    untied_b_ += counts.untied_b;
  }
}

std::optional<double> KendallWithin::tau() const {
  if (untied_a_ == 0 || untied_b_ == 0) return std::nullopt;
  return difference_ / std::sqrt(untied_a_ * untied_b_);
}

double SpearmanRho(absl::Span<const double> a, absl::Span<const double> b) {
  NIWAKI_CHECK(a.size() == b.size());
  return a.empty() ? 0 : Correlation(Ranks(a), Ranks(b));
}

double RootMeanSquaredError(absl::Span<const double> a, absl::Span<const double> b) {
  NIWAKI_CHECK(a.size() == b.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return a.empty() ? 0 : std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace niwaki::predictor
