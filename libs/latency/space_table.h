// SpaceTable: a cost that is a sum over the parts of a network, as one number for every choice of
// every block of a space. What a subnet costs is then some twenty lookups: for searches that ask
// millions of times.
//
//   cost = base[width_mult][resolution] + Σ over active elastic blocks of
//          block[width_mult][resolution][block][kernel_size, expand_ratio]

#ifndef NIWAKI_LIBS_LATENCY_SPACE_TABLE_H_
#define NIWAKI_LIBS_LATENCY_SPACE_TABLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/latency/block_signature.h"

namespace niwaki::latency {

// The values (as in a subnet's JSON) of those resolutions of `space` for which `latencies` have a
// stem, ascending.
std::vector<int> CoveredResolutions(const arch::SearchSpace& space,
                                    const BlockLatencies& latencies);

// Immutable; thread-safe.
class SpaceTable {
 public:
  // What an elastic block adds; `resolution`, `kernel_size` and `expand_ratio` are gene values, and
  // `block` counts elastic blocks as arch::GeneLayout does.
  using BlockCost =
      std::function<double(int resolution, int block, int kernel_size, int expand_ratio)>;
  // The rest of a network, by gene value of the resolution.
  using BaseCost = std::function<double(int resolution)>;

  // What a table calls a part.
  using PartKey = std::function<std::string(const BlockSignature&)>;

  // A table of given figures, alike for all width multipliers.
  static SpaceTable Of(const arch::SearchSpace& space, const BaseCost& base,
                       const BlockCost& block);

  // The parts that the networks of a space are made of, alike ones counted once.
  struct Missing {
    int total = 0;
    // Those that a table does not have.
    std::vector<BlockOfGraph> missing;
  };
  // Unimplemented for spaces with blocks of another kind than inverted residuals.
  static absl::StatusOr<Missing> FindMissing(const arch::SearchSpace& space,
                                             const BlockLatencies& latencies);

  // Latencies in microseconds. Every part of every network of `space` must be in `latencies`:
  // InvalidArgument with reason ARGUMENT_INVALID counts those that are not and names the first of
  // them, their resolutions and the keys that they would have in a table whose keys `key` makes.
  // Unimplemented as above.
  static absl::StatusOr<SpaceTable> OfLatencies(const arch::SearchSpace& space,
                                                const BlockLatencies& latencies,
                                                const PartKey& key = &BlockSignature::ToText);

  // Multiply-accumulates as arch::CountMacs. Unimplemented as above.
  static absl::StatusOr<SpaceTable> OfMacs(const arch::SearchSpace& space);

  // `subnet` is a canonical one of the space.
  double CostOf(const arch::Subnet& subnet) const;

 private:
  struct StageTable {
    int depth_gene = 0;
    // Active blocks by value of the depth gene.
    std::vector<int> depths;
    // Of its first block; the expand_ratio is the next one.
    int kernel_gene = 0;
    int first_block = 0;
    int blocks = 0;
    int kernel_choices = 0;
    int expand_choices = 0;
    // Where the figures of its first block begin in a row of `figures_`.
    int offset = 0;

    int choices() const { return kernel_choices * expand_choices; }
  };
  using PartCost = std::function<absl::StatusOr<double>(const BlockOfGraph&)>;

  explicit SpaceTable(const arch::SearchSpace& space);

  // Gives every block of `subnet` its stage's `choice`-th pair of kernel_size and expand_ratio, the
  // last one where the stage has fewer.
  void SetChoices(int choice, arch::Subnet& subnet) const;
  // From the cost of every part of networks that together show every choice of every block.
  static absl::StatusOr<SpaceTable> OfParts(const arch::SearchSpace& space, const PartCost& cost);

  int resolution_gene_ = 0;
  int width_mult_gene_ = 0;
  int num_resolutions_ = 0;
  int num_width_mults_ = 0;
  std::vector<StageTable> stages_;
  // A row for each (width_mult, resolution): the base, then the figures of the blocks.
  int row_size_ = 1;
  std::vector<double> figures_;
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_SPACE_TABLE_H_
