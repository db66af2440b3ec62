#include "libs/search/table_scorer.h"

#include <algorithm>

#include "libs/base/random.h"

namespace niwaki::search {
namespace {

constexpr double kNoise = 0.3;

// Shifts and scales a table so that the least choices sum to 0 and the greatest to 1.
void Normalise(const std::vector<uint8_t>& gene_sizes, std::vector<double>& table) {
  double extent = 0;
  size_t first = 0;
  for (const uint8_t size : gene_sizes) {
    const auto begin = table.begin() + first;
    const double least = *std::min_element(begin, begin + size);
    for (auto it = begin; it != begin + size; ++it) *it -= least;
    extent += *std::max_element(begin, begin + size);
    first += size;
  }
  for (double& value : table) value /= extent;
}

}  // namespace

TableScorer::TableScorer(const arch::SearchSpace& space, uint64_t seed) {
  Random random(seed);
  for (const uint8_t size : space.gene_sizes()) {
    first_.push_back(static_cast<int>(loss_.size()));
    const double weight = 0.2 + random.UniformDouble();
    const double price = 0.2 + random.UniformDouble();
    double cost = 0;
    for (int choice = 0; choice < size; ++choice) {
      const double noise = kNoise * random.UniformDouble();
      loss_.push_back(weight * (1.0 / (1 + choice) + noise / size));
      cost_.push_back(cost);
      cost += price * (0.5 + random.UniformDouble()) / size;
    }
  }
  Normalise(space.gene_sizes(), loss_);
  Normalise(space.gene_sizes(), cost_);
}

double TableScorer::Loss(const arch::Subnet& subnet) const {
  double sum = 0;
  for (size_t i = 0; i < subnet.genes.size(); ++i) sum += loss_[first_[i] + subnet.genes[i]];
  return sum;
}

double TableScorer::Cost(const arch::Subnet& subnet) const {
  double sum = 0;
  for (size_t i = 0; i < subnet.genes.size(); ++i) sum += cost_[first_[i] + subnet.genes[i]];
  return sum;
}

}  // namespace niwaki::search
