// FeatureBasis: a subnet as the features of a linear model of its accuracy.
//
// Coordinates, each with mean 0 and deviation 1 over the networks that the basis was made for: of
// the network the logarithms of input size and width multiplier; of every elastic stage its depth,
// and the sums over its blocks of kernel_size and of log expand_ratio; where widths are chosen one
// by one, the logarithm of each; and the stem's residual convolution where it is optional.
// Coordinates that do not vary are left out. The last two have no part in products: with widths in
// products of two, predictors of simulated ResNets were a little better from 300 scores on, but far
// worse for some tables of 100 to 200 (Kendall's tau for 150: 0.735 in the mean of eight tables,
// 0.840 without; 2026-11-26).
//
// Features, in groups that a fit holds back separately:
//   every choice as 0 or 1 (the one_hot encoding), by what is chosen: an input's size matters far
//   more than one block's kernel;
//   of every block its kernel_size, its log expand_ratio, and whether it is there;
//   coordinates; products of two, by the kinds of both; and products of three with a coordinate of
//   the network: the effect of a stage, and of two stages together, depends on the input's size.
// The first lets every choice have an effect of its own, the others say that effects are smooth and
// alike, in as far as the data agrees.

#ifndef NIWAKI_LIBS_PREDICTOR_STRUCTURED_FEATURE_BASIS_H_
#define NIWAKI_LIBS_PREDICTOR_STRUCTURED_FEATURE_BASIS_H_

#include <array>
#include <vector>

#include "absl/types/span.h"
#include "libs/arch/genes.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::predictor {

// Of the coordinates before they are made to have mean 0 and deviation 1, those that do not vary
// included (deviation 0).
struct Normalisation {
  std::vector<double> mean;
  std::vector<double> deviation;
};

// Immutable, thread-safe, and independent of the space once made.
class FeatureBasis {
 public:
  // Something of a gene's value: what it adds to the feature, or to the coordinate before it is
  // normalised, of that index.
  struct Part {
    int index = 0;
    double value = 0;
  };
  struct Gene {
    arch::GeneRole role;
    // By gene value.
    std::vector<std::vector<Part>> features;
    std::vector<Part> coordinates;
  };
  // Indices of two or three coordinates; -1 for none.
  using Product = std::array<int, 3>;

  // For the canonical subnets `sample` of the space, at least one.
  FeatureBasis(const arch::SearchSpace& space, absl::Span<const arch::Subnet> sample);
  // As it was, of this space or of one that differs in its input sizes; `normalisation` has
  // NumCoordinates(space) numbers each.
  FeatureBasis(const arch::SearchSpace& space, Normalisation normalisation);

  // Coordinates of a basis of the space, those that do not vary included.
  static int NumCoordinates(const arch::SearchSpace& space);

  int size() const { return static_cast<int>(groups_.size()); }
  // For every feature its group.
  const std::vector<int>& groups() const { return groups_; }
  // Whether the features of a group are choices as 0 or 1.
  static bool IsChoice(int group);
  // For every group the share of the accuracies' variance that it is expected to explain.
  static std::vector<double> ExpectedShares();

  // Writes the features of a canonical subnet, size() of them.
  void Write(const arch::Subnet& subnet, double* features) const;
  // The coordinates of a canonical subnet, 0 for those that do not vary.
  std::vector<double> Coordinates(const arch::Subnet& subnet) const;

  // The parts that features are made of, for those who fold weights into tables. The first
  // num_network_coordinates() coordinates are the network's.
  const Normalisation& normalisation() const { return normalisation_; }
  const std::vector<Gene>& genes() const { return genes_; }
  int num_coordinates() const { return static_cast<int>(kinds_.size()); }
  int num_network_coordinates() const { return kNetworkCoordinates; }
  // Features first_product(), first_product() + 1, … are these products.
  const std::vector<Product>& products() const { return products_; }
  int first_product() const { return size() - static_cast<int>(products_.size()); }

 private:
  enum Kind { kNetwork, kDepth, kKernel, kExpand, kWidth };
  static constexpr int kNetworkCoordinates = 2;

  void AddGenes(const arch::SearchSpace& space);
  void AddProducts();
  int AddFeature(int group);
  // Adds a product in `group` where all of its coordinates vary.
  void AddProduct(int group, Product product);
  bool varies(int coordinate) const { return normalisation_.deviation[coordinate] > 0; }

  std::vector<Gene> genes_;
  // By coordinate: the network's, then depths, kernels and expands of all stages, widths, and the
  // stem's residual convolution (a kWidth too).
  std::vector<Kind> kinds_;
  Normalisation normalisation_;
  std::vector<int> groups_;
  std::vector<Product> products_;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_STRUCTURED_FEATURE_BASIS_H_
