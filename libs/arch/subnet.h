// Subnet: one architecture of a SearchSpace, as choice indices. A small value; its meaning needs
// its space.
//
// Canonical form: the kernel_size and expand_ratio genes of blocks that the stage's depth switches
// off are 0. Two canonical subnets of a space are the same network exactly when their genes are
// equal, but for choices that round to the same width. Everything below takes and gives canonical
// subnets unless it says otherwise.

#ifndef NIWAKI_LIBS_ARCH_SUBNET_H_
#define NIWAKI_LIBS_ARCH_SUBNET_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/base/digest.h"
#include "libs/base/random.h"

namespace niwaki::arch {

// Identity of a network: fingerprint of the space's structure and the canonical genes.
using SubnetId = Fingerprint;

struct Subnet {
  absl::InlinedVector<uint8_t, 56> genes;

  friend bool operator==(const Subnet& a, const Subnet& b) { return a.genes == b.genes; }
  friend bool operator!=(const Subnet& a, const Subnet& b) { return !(a == b); }
  template <typename H>
  friend H AbslHashValue(H h, const Subnet& s) {
    return H::combine(std::move(h), s.genes);
  }
};

// Number of genes right and every gene within its choices; InvalidArgument with reason
// SUBNET_INVALID otherwise.
absl::Status Validate(const SearchSpace& space, const Subnet& subnet);

// Sets the genes of inactive blocks to 0.
void Canonicalise(const SearchSpace& space, Subnet& subnet);

SubnetId IdOf(const SearchSpace& space, const Subnet& subnet);

// The choices of a valid subnet in words.
const Resolution& ResolutionOf(const SearchSpace& space, const Subnet& subnet);
// Of the whole network; only where the space has WidthChoice::kGlobal.
double WidthMultOf(const SearchSpace& space, const Subnet& subnet);
// Of the stem's convolution `layer`, 0 or 1, and of stage `stage`, under either WidthChoice.
double StemWidthMultOf(const SearchSpace& space, const Subnet& subnet, int layer);
double StageWidthMultOf(const SearchSpace& space, const Subnet& subnet, int stage);
bool HasStemResidual(const SearchSpace& space, const Subnet& subnet);
// Number of blocks of stage `stage` (index into space.stages(), static stages included).
int DepthOf(const SearchSpace& space, const Subnet& subnet, int stage);
// Of block `block` (from 0) of stage `stage`.
int KernelSizeOf(const SearchSpace& space, const Subnet& subnet, int stage, int block);
double ExpandRatioOf(const SearchSpace& space, const Subnet& subnet, int stage, int block);

// Every gene at its largest, or smallest, choice.
Subnet MaxSubnet(const SearchSpace& space);
Subnet MinSubnet(const SearchSpace& space);

// Every gene uniform over its choices, then canonicalised.
Subnet SampleSubnet(const SearchSpace& space, Random& random);

// OFA's mutation: the resolution with probability `resolution_probability`, the one width_mult
// likewise, widths of their own, the stem's residual convolution, each stage's depth and each
// block's (kernel_size, expand_ratio) together with probability `probability`, resampled uniformly.
// A block that a greater depth switches on has no choices to inherit: it is always resampled.
struct MutateOptions {
  double probability = 0.1;
  double resolution_probability = 0.5;
};
Subnet MutateSubnet(const SearchSpace& space, const Subnet& parent, const MutateOptions& options,
                    Random& random);

// Every gene from either parent with equal probability, those of a block that only one parent has
// from that one; then canonicalised.
Subnet CrossoverSubnets(const SearchSpace& space, const Subnet& a, const Subnet& b, Random& random);

// OFA's JSON: {"ks":[…],"e":[…],"d":[…],"r":[…],"w":…}; ks and e have an entry for each elastic
// block, the inactive ones included (written as their smallest choice), d one for each elastic
// stage, r holds the resolution's value, w the width multiplier. Of ResNets: w lists an index for
// each width, d starts with the stem's residual convolution where it is optional (the largest "d"
// of the space with it, 0 without) and counts from base_depth, ks is left out where no stage is of
// MBConv blocks. Reading accepts "r" as a list or a
// number, and lets "r" and "w" be absent where the space has one choice; "wid" (index of the
// multiplier, null for the largest) is accepted for "w". InvalidArgument with reason SUBNET_INVALID
// names the field, the value and the choices; unknown keys and wrong lengths are errors.
std::string ToJson(const SearchSpace& space, const Subnet& subnet);
absl::StatusOr<Subnet> SubnetFromJson(const SearchSpace& space, absl::string_view json);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_SUBNET_H_
