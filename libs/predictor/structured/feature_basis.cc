#include "libs/predictor/structured/feature_basis.h"

#include <algorithm>
#include <cmath>

#include "libs/base/log.h"

namespace niwaki::predictor {
namespace {

// Groups of features. Those of products follow from the kinds of their coordinates.
constexpr int kKernelChoiceGroup = 0;
constexpr int kBlockKernelGroup = 1;
constexpr int kBlockExpandGroup = 2;
constexpr int kBlockActiveGroup = 3;
constexpr int kLinearGroups = 4;
constexpr int kPairGroups = 8;
constexpr int kTripleGroup = 24;
constexpr int kNetworkSquareGroup = 25;
constexpr int kWidthGroup = 26;
constexpr int kNetworkChoiceGroup = 27;
constexpr int kDepthChoiceGroup = 28;
constexpr int kExpandChoiceGroup = 29;
constexpr int kGroups = 30;

// Of the variance of accuracies, what a group of features of one choice or coordinate explains;
// of products of two; of three. The fit takes them as first guesses.
constexpr double kSingleShare = 0.05;
constexpr double kPairShare = 0.002;
constexpr double kTripleShare = 0.0005;

// Of coordinates that products are made of.
constexpr int kKinds = 4;

// A deviation below this is that of a constant.
constexpr double kLeastDeviation = 1e-9;

// Widths that are chosen one by one.
int NumWidths(const arch::SearchSpace& space) {
  if (space.width_choice() == arch::WidthChoice::kGlobal) return 0;
  return static_cast<int>(space.layout().widths.size());
}

int ChoiceGroup(arch::GeneKind kind) {
  switch (kind) {
    case arch::GeneKind::kResolution:
    case arch::GeneKind::kWidthMult:
    case arch::GeneKind::kWidth:
    case arch::GeneKind::kStemResidual:
      return kNetworkChoiceGroup;
    case arch::GeneKind::kDepth:
      return kDepthChoiceGroup;
    case arch::GeneKind::kKernelSize:
      return kKernelChoiceGroup;
    case arch::GeneKind::kExpandRatio:
      return kExpandChoiceGroup;
  }
  return kNetworkChoiceGroup;
}

}  // namespace

bool FeatureBasis::IsChoice(int group) {
  return group == kKernelChoiceGroup || group == kNetworkChoiceGroup ||
         group == kDepthChoiceGroup || group == kExpandChoiceGroup;
}

std::vector<double> FeatureBasis::ExpectedShares() {
  std::vector<double> shares(kGroups, kSingleShare);
  for (int group = kPairGroups; group < kTripleGroup; ++group) shares[group] = kPairShare;
  shares[kTripleGroup] = kTripleShare;
  shares[kNetworkSquareGroup] = kTripleShare;
  return shares;
}

int FeatureBasis::NumCoordinates(const arch::SearchSpace& space) {
  return kNetworkCoordinates + 3 * static_cast<int>(space.layout().stages.size()) +
         NumWidths(space) + (space.layout().stem_residual >= 0 ? 1 : 0);
}

FeatureBasis::FeatureBasis(const arch::SearchSpace& space, Normalisation normalisation)
    : normalisation_(std::move(normalisation)) {
  NIWAKI_CHECK(static_cast<int>(normalisation_.mean.size()) == NumCoordinates(space));
  AddGenes(space);
  AddProducts();
}

FeatureBasis::FeatureBasis(const arch::SearchSpace& space, absl::Span<const arch::Subnet> sample) {
  const int size = NumCoordinates(space);
  // Raw coordinates first.
  normalisation_ = {std::vector<double>(size, 0.0), std::vector<double>(size, 1.0)};
  AddGenes(space);
  std::vector<double> mean(size, 0.0);
  std::vector<double> square(size, 0.0);
  for (const arch::Subnet& subnet : sample) {
    const std::vector<double> raw = Coordinates(subnet);
    for (int i = 0; i < size; ++i) mean[i] += raw[i] / sample.size();
  }
  for (const arch::Subnet& subnet : sample) {
    const std::vector<double> raw = Coordinates(subnet);
    for (int i = 0; i < size; ++i) {
      square[i] += (raw[i] - mean[i]) * (raw[i] - mean[i]) / sample.size();
    }
  }
  for (int i = 0; i < size; ++i) {
    const double deviation = std::sqrt(square[i]);
    normalisation_.deviation[i] = deviation > kLeastDeviation ? deviation : 0;
  }
  normalisation_.mean = std::move(mean);
  AddProducts();
}

int FeatureBasis::AddFeature(int group) {
  groups_.push_back(group);
  return size() - 1;
}

void FeatureBasis::AddGenes(const arch::SearchSpace& space) {
  const int stages = static_cast<int>(space.layout().stages.size());
  kinds_.assign(kNetworkCoordinates, kNetwork);
  for (const Kind kind : {kDepth, kKernel, kExpand}) kinds_.insert(kinds_.end(), stages, kind);
  const int first_width = static_cast<int>(kinds_.size());
  kinds_.insert(kinds_.end(), NumWidths(space), kWidth);
  const int residual = static_cast<int>(kinds_.size());
  if (space.layout().stem_residual >= 0) kinds_.push_back(kWidth);
  for (const arch::GeneRole& role : arch::GeneRolesOf(space)) {
    const int values = space.gene_sizes()[role.gene];
    Gene gene{role, std::vector<std::vector<Part>>(values), {}};
    for (int v = 0; values > 1 && v < values; ++v) {
      gene.features[v].push_back({AddFeature(ChoiceGroup(role.kind)), 1});
    }
    const auto add = [&](int group, const std::vector<double>& sizes) {
      const int feature = AddFeature(group);
      for (int v = 0; v < values; ++v) gene.features[v].push_back({feature, sizes[v]});
    };
    int coordinate = 0;
    switch (role.kind) {
      case arch::GeneKind::kResolution:
        coordinate = 0;
        break;
      case arch::GeneKind::kWidthMult:
        coordinate = 1;
        break;
      case arch::GeneKind::kWidth:
        coordinate = first_width + role.width;
        break;
      case arch::GeneKind::kStemResidual:
        coordinate = residual;
        break;
      case arch::GeneKind::kDepth:
        coordinate = kNetworkCoordinates + role.stage;
        break;
      case arch::GeneKind::kKernelSize:
        coordinate = kNetworkCoordinates + stages + role.stage;
        if (values > 1) add(kBlockKernelGroup, role.sizes);
        add(kBlockActiveGroup, std::vector<double>(values, 1.0));
        break;
      case arch::GeneKind::kExpandRatio:
        coordinate = kNetworkCoordinates + 2 * stages + role.stage;
        if (values > 1) add(kBlockExpandGroup, role.sizes);
        break;
    }
    for (int v = 0; v < values; ++v) {
      gene.coordinates.push_back({coordinate, role.sizes[v]});
    }
    genes_.push_back(std::move(gene));
  }
}

void FeatureBasis::AddProduct(int group, Product product) {
  for (const int coordinate : product) {
    if (coordinate >= 0 && !varies(coordinate)) return;
  }
  AddFeature(group);
  products_.push_back(product);
}

void FeatureBasis::AddProducts() {
  for (int a = 0; a < num_coordinates(); ++a) {
    AddProduct(kinds_[a] == kWidth ? kWidthGroup : kLinearGroups + kinds_[a], {a, -1, -1});
  }
  // The widths come last.
  const int size =
      static_cast<int>(std::find(kinds_.begin(), kinds_.end(), kWidth) - kinds_.begin());
  for (int a = 0; a < size; ++a) {
    for (int b = a; b < size; ++b) {
      AddProduct(kPairGroups + kinds_[a] * kKinds + kinds_[b], {a, b, -1});
    }
  }
  for (int g = 0; g < kNetworkCoordinates; ++g) {
    for (int a = kNetworkCoordinates; a < size; ++a) {
      AddProduct(kNetworkSquareGroup, {g, g, a});
      for (int b = a; b < size; ++b) {
        if (kinds_[a] != kKernel && kinds_[b] != kKernel) AddProduct(kTripleGroup, {g, a, b});
      }
    }
  }
}

std::vector<double> FeatureBasis::Coordinates(const arch::Subnet& subnet) const {
  std::vector<double> coordinates(kinds_.size(), 0.0);
  for (const Gene& gene : genes_) {
    if (!gene.role.IsActive(subnet)) continue;
    const Part& part = gene.coordinates[subnet.genes[gene.role.gene]];
    coordinates[part.index] += part.value;
  }
  for (size_t i = 0; i < coordinates.size(); ++i) {
    const double deviation = normalisation_.deviation[i];
    coordinates[i] = deviation > 0 ? (coordinates[i] - normalisation_.mean[i]) / deviation : 0;
  }
  return coordinates;
}

void FeatureBasis::Write(const arch::Subnet& subnet, double* features) const {
  std::fill(features, features + size(), 0.0);
  for (const Gene& gene : genes_) {
    if (!gene.role.IsActive(subnet)) continue;
    for (const Part& part : gene.features[subnet.genes[gene.role.gene]]) {
      features[part.index] += part.value;
    }
  }
  const std::vector<double> coordinates = Coordinates(subnet);
  double* to = features + first_product();
  for (const Product& product : products_) {
    double value = 1;
    for (const int coordinate : product) {
      if (coordinate >= 0) value *= coordinates[coordinate];
    }
    *to++ = value;
  }
}

}  // namespace niwaki::predictor
