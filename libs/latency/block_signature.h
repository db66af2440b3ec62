// BlockSignature: a part of a network that is measured as one piece, and everything about it that
// changes its latency. The key of the lookup table's block entries, beside OpSignature for single
// operators.
//
// Tables measured on phones (OFA, Cai 2020, §4.1) hold whole blocks: expansion, depthwise,
// squeeze-excite and projection run as one piece, and what the runtime fuses is in the figure. Such
// tables are made with float32 activations.

#ifndef NIWAKI_LIBS_LATENCY_BLOCK_SIGNATURE_H_
#define NIWAKI_LIBS_LATENCY_BLOCK_SIGNATURE_H_

#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::latency {

enum class BlockPart {
  // The first convolution.
  kStem,
  // Expansion, depthwise, squeeze-excite, projection, shortcut.
  kBlock,
  // A 1x1 convolution between the last block and the pooling.
  kHeadConv,
  kPool,
  // A linear layer between pooling and classifier.
  kHeadLinear,
  kClassifier,
};

// "stem", "block", "head_conv", "pool", "head_linear", "classifier".
absl::string_view BlockPartName(BlockPart part);

// A small value. All but kBlock are told apart by their shapes alone; the other fields are left at
// their defaults there.
struct BlockSignature {
  BlockPart part = BlockPart::kBlock;
  // Of the network that the part was measured in. Tables are measured one resolution at a time, and
  // parts of equal shapes (the classifier, blocks behind a rounding) have figures in several.
  int network_height = 0;
  int network_width = 0;
  arch::TensorShape input;
  arch::TensorShape output;
  // Channels of the depthwise convolution.
  int mid_channels = 0;
  int kernel_size = 0;
  int stride = 0;
  // Of the depthwise convolution: kRelu, kRelu6 or kHardSwish.
  arch::OpActivation activation = arch::OpActivation::kNone;
  bool squeeze_excite = false;
  bool shortcut = false;

  // Canonical text: "stem 160x160x3 80x80x24 in160x160 float32", "block 40x40x32 20x20x48 m96 k3 s2
  // relu se in160x160 float32", with "se" and "add" where the block has squeeze-excite and a
  // shortcut.
  std::string ToText() const;
  // The reverse; InvalidArgument with reason ARGUMENT_INVALID for anything that ToText would not
  // write.
  static absl::StatusOr<BlockSignature> FromText(absl::string_view text);

  friend bool operator==(const BlockSignature& a, const BlockSignature& b) {
    return a.Key() == b.Key();
  }
  template <typename H>
  friend H AbslHashValue(H h, const BlockSignature& s) {
    return H::combine(std::move(h), s.Key());
  }

 private:
  // Part and flags, then the numbers.
  std::tuple<BlockPart, arch::OpActivation, bool, bool, std::array<int, 11>> Key() const {
    return {part,
            activation,
            squeeze_excite,
            shortcut,
            {network_height, network_width, input.height, input.width, input.channels,
             output.height, output.width, output.channels, mid_channels, kernel_size, stride}};
  }
};

// Mean microseconds of parts of networks on one device.
using BlockLatencies = absl::flat_hash_map<BlockSignature, double>;

// Whether `text` begins as a BlockSignature does, not as an OpSignature.
bool IsBlockSignatureText(absl::string_view text);

// One part of a network and where it stands.
struct BlockOfGraph {
  BlockSignature signature;
  // Stage of the space and block of the stage; -1 for stem and head.
  int stage = -1;
  int block = -1;
  // Of its operators, as arch::MacsOf.
  int64_t macs = 0;
};

// The parts of a network in execution order; together they are the whole of it. Unimplemented with
// reason ARGUMENT_INVALID for a network with blocks of another kind than inverted residuals, which
// no such table knows.
absl::StatusOr<std::vector<BlockOfGraph>> BlocksOf(const arch::Graph& graph);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_BLOCK_SIGNATURE_H_
