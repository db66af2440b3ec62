#include "libs/predictor/structured/structured_predictor.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/log.h"

namespace niwaki::predictor {

StructuredPredictor::StructuredPredictor(const arch::SearchSpace& space, FeatureBasis basis,
                                         double intercept, std::vector<double> weights)
    : basis_(std::move(basis)),
      intercept_(intercept),
      weights_(std::move(weights)),
      resolution_gene_(space.layout().resolution),
      width_gene_(space.layout().width_mult),
      num_widths_(space.gene_sizes()[space.layout().width_mult]),
      size_(basis_.num_coordinates() - basis_.num_network_coordinates()) {
  NIWAKI_CHECK(static_cast<int>(weights_.size()) == basis_.size());
  FoldGenes();
  FoldProducts();
}

void StructuredPredictor::FoldGenes() {
  const Normalisation& normalisation = basis_.normalisation();
  const int network = basis_.num_network_coordinates();
  start_.assign(size_ + 1, 0.0);
  for (int i = 0; i < size_; ++i) {
    const double deviation = normalisation.deviation[network + i];
    if (deviation > 0) start_[i] = -normalisation.mean[network + i] / deviation;
  }
  for (const FeatureBasis::Gene& gene : basis_.genes()) {
    Entry entry{gene.role.gene, gene.role.depth_gene, gene.role.active_from, size_,
                static_cast<int>(effects_.size())};
    for (size_t v = 0; v < gene.features.size(); ++v) {
      double effect = 0;
      for (const FeatureBasis::Part& part : gene.features[v]) {
        effect += weights_[part.index] * part.value;
      }
      double shift = 0;
      if (gene.coordinates[v].index >= network) {
        const FeatureBasis::Part& part = gene.coordinates[v];
        const double deviation = normalisation.deviation[part.index];
        entry.coordinate = part.index - network;
        if (deviation > 0) shift = part.value / deviation;
      }
      effects_.push_back(effect);
      shifts_.push_back(shift);
    }
    entries_.push_back(entry);
  }
}

void StructuredPredictor::FoldProducts() {
  const int network = basis_.num_network_coordinates();
  const int side = size_ + 1;
  // Coordinates of the network by resolution and multiplier. Where each width is chosen, the
  // multiplier's gene is the stem's and says nothing of the network.
  const auto network_values = [&](int gene) {
    std::vector<double> values;
    for (const FeatureBasis::Part& part : basis_.genes()[gene].coordinates) {
      const double deviation = basis_.normalisation().deviation[part.index];
      const bool varies = part.index < network && deviation > 0;
      values.push_back(varies ? (part.value - basis_.normalisation().mean[part.index]) / deviation
                              : 0);
    }
    return values;
  };
  const std::vector<double> resolutions = network_values(resolution_gene_);
  const std::vector<double> widths = network_values(width_gene_);
  for (const double resolution : resolutions) {
    for (const double width : widths) {
      const std::array<double, 2> values = {resolution, width};
      std::vector<double> form(static_cast<size_t>(side) * side, 0.0);
      form[0] = intercept_;
      for (size_t p = 0; p < basis_.products().size(); ++p) {
        double factor = weights_[basis_.first_product() + p];
        int row = 0;
        int column = 0;
        for (const int coordinate : basis_.products()[p]) {
          if (coordinate < 0) continue;
          if (coordinate < network) {
            factor *= values[coordinate];
          } else {
            row = column;
            column = 1 + coordinate - network;
          }
        }
        form[std::min(row, column) * side + std::max(row, column)] += factor;
      }
      forms_.insert(forms_.end(), form.begin(), form.end());
    }
  }
}

double StructuredPredictor::PredictOne(const arch::Subnet& subnet, double* coordinates) const {
  std::copy(start_.begin(), start_.end(), coordinates);
  double sum = 0;
  for (const Entry& entry : entries_) {
    if (entry.depth_gene >= 0 && subnet.genes[entry.depth_gene] < entry.active_from) continue;
    const int at = entry.first + subnet.genes[entry.gene];
    sum += effects_[at];
    coordinates[entry.coordinate] += shifts_[at];
  }
  const int side = size_ + 1;
  const int combination = subnet.genes[resolution_gene_] * num_widths_ + subnet.genes[width_gene_];
  const double* form = forms_.data() + static_cast<size_t>(combination) * side * side;
  for (int i = 0; i < side; ++i, form += side) {
    double inner = form[i] * (i == 0 ? 1 : coordinates[i - 1]);
    for (int j = i + 1; j < side; ++j) inner += form[j] * coordinates[j - 1];
    sum += inner * (i == 0 ? 1 : coordinates[i - 1]);
  }
  return sum;
}

void StructuredPredictor::Predict(absl::Span<const arch::Subnet> subnets,
                                  absl::Span<double> top1) const {
  NIWAKI_CHECK(subnets.size() == top1.size());
  std::vector<double> coordinates(size_ + 1);
  for (size_t i = 0; i < subnets.size(); ++i) top1[i] = PredictOne(subnets[i], coordinates.data());
}

}  // namespace niwaki::predictor
