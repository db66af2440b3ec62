// SearchSpace: what may vary in a family of networks. Data, not code: read from textproto,
// validated once, immutable.
//
// A space is a stem, a list of stages and a head. A stage holds up to max(depths) blocks of one
// type at one width; the first block of a stage carries the stage's stride. Stages whose every
// choice is single are static and have no genes.
//
// Genes of a subnet, in order: resolution, width_mult (under WidthChoice::kPerStage one for each
// convolution of the stem and each stage), the stem's residual convolution where it is optional,
// then for every elastic stage its depth, then for every block of the elastic stages (up to the
// stage's largest depth) kernel_size and expand_ratio. A gene is an index into its choices; choices
// are sorted ascending, so gene 0 is the smallest.

#ifndef NIWAKI_LIBS_ARCH_SPACE_H_
#define NIWAKI_LIBS_ARCH_SPACE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/digest.h"

namespace niwaki::v1 {
// Of proto/niwaki/v1/arch.proto.
class SearchSpace;
}  // namespace niwaki::v1

namespace niwaki::arch {

// Of spaces that do not say another one.
inline constexpr int kDefaultChannelMultiple = 8;

enum class Activation { kNone, kRelu, kRelu6, kHardSwish };

enum class BlockType {
  // 1x1 expansion, depthwise, 1x1 projection, with shortcut where stride is 1 and widths agree
  // (MobileNetV2/V3).
  kMbConv,
  // 1x1 reduction, dense convolution, 1x1 restoration, always with shortcut; where the shapes
  // differ
  // it pools by the mean and projects (ResNet-D).
  kBottleneck,
};

// Which layers share a choice of width_mult.
enum class WidthChoice { kGlobal, kPerStage };

// Whether the stem has a convolution that is added to its own input.
enum class StemResidual { kNone, kAlways, kOptional };

// How a smaller depthwise kernel is taken from the largest (OFA, Cai 2020, §3.2).
enum class KernelTransform {
  // Centre crop (MCUNet's released code).
  kCrop,
  // Centre crop times a learned matrix, 7→5 and 5→3 chained (OFA).
  kMatrix,
};

// One choice of input size. `value` names it in a subnet's JSON ("r"); height and width are what
// the network sees.
struct Resolution {
  int value = 0;
  int height = 0;
  int width = 0;
};

struct Stem {
  int width = 0;
  int kernel_size = 3;
  int stride = 2;
  Activation activation = Activation::kRelu6;
  // Of a second convolution of stride 1; 0 for none.
  int second_width = 0;
  StemResidual residual = StemResidual::kNone;
  // 3x3, stride 2, after the convolutions.
  bool max_pool = false;

  int last_width() const { return second_width > 0 ? second_width : width; }
  int convolutions() const { return second_width > 0 ? 2 : 1; }
};

struct Stage {
  BlockType type = BlockType::kMbConv;
  // Output channels before width_mult.
  int width = 0;
  // Of the first block; 1 or 2.
  int stride = 1;
  std::vector<int> depths;
  std::vector<int> kernel_sizes;
  std::vector<double> expand_ratios;
  Activation activation = Activation::kRelu6;
  bool squeeze_excite = false;
  // False where the reference never adds one (block 0 of the ProxylessNAS family).
  bool shortcut = true;
  // A subnet's JSON counts blocks from here.
  int base_depth = 0;

  bool is_static() const {
    return depths.size() == 1 && kernel_sizes.size() == 1 && expand_ratios.size() == 1;
  }
  int max_depth() const { return depths.back(); }
};

struct Head {
  // 1x1 convolution with batch norm before pooling; 0 for none (MobileNetV3's final expansion).
  int final_expand_width = 0;
  // 1x1 convolution before the classifier; 0 for none (MCUNet's no-mix variants).
  int feature_mix_width = 0;
  // The mix layer stands after pooling, without batch norm (MobileNetV3), not before it.
  bool feature_mix_after_pool = false;
  // The mix layer's width is scaled only by multipliers above 1 (MCUNet), not by all (OFA).
  bool scale_feature_mix_only_up = false;
  Activation activation = Activation::kRelu6;
};

// Index range of genes in a subnet; see the file comment for the order.
struct GeneLayout {
  struct StageGenes {
    int stage = 0;        // index into SearchSpace::stages()
    int depth = 0;        // gene index of the depth
    int first_block = 0;  // index of the stage's first block among elastic blocks
    int blocks = 0;       // max_depth of the stage
  };
  int resolution = 0;
  // The network's, or the stem's first convolution's.
  int width_mult = 1;
  // The gene of each width: of the stem's convolutions, then of every stage of the space. All of
  // them `width_mult` under WidthChoice::kGlobal.
  std::vector<int> widths;
  // -1 where the residual convolution is not optional.
  int stem_residual = -1;
  std::vector<StageGenes> stages;
  // For every stage of the space its index into `stages`, -1 for a static one.
  std::vector<int> genes_of_stage;
  // The genes of the elastic blocks, kGenesOfBlock for each in a row, from here on.
  int kernel_sizes = 0;
  int num_blocks = 0;
  int num_genes = 0;

  static constexpr int kGenesOfBlock = 2;
  // Place of a gene among those of its block.
  static constexpr int kKernelSize = 0;
  static constexpr int kExpandRatio = 1;

  // Of elastic block `block`, from 0 (StageGenes::first_block and after).
  int block_genes(int block) const { return kernel_sizes + kGenesOfBlock * block; }
  int kernel_size(int block) const { return block_genes(block) + kKernelSize; }
  int expand_ratio(int block) const { return block_genes(block) + kExpandRatio; }
};

// Immutable and cheap to share by reference; thread-safe.
class SearchSpace {
 public:
  // Reads the textproto form (proto/niwaki/v1/arch.proto, message SearchSpace). InvalidArgument
  // with reason SPACE_INVALID, the field's path, its value and the limit for anything malformed,
  // unknown, empty, unsorted beyond repair, duplicated or out of range. Choices are sorted.
  static absl::StatusOr<SearchSpace> FromTextproto(absl::string_view text);
  // As FromTextproto of the message itself, no text in between: for spaces that come from another
  // process. Fields that this program does not know are errors.
  static absl::StatusOr<SearchSpace> FromMessage(const v1::SearchSpace& message);
  // The message of a validated space; defaults that the format fills in are left out.
  v1::SearchSpace ToMessage() const;
  // The textproto form of a validated space, canonical: equal spaces give equal text.
  std::string ToTextproto() const;

  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  int input_channels() const { return input_channels_; }
  int num_classes() const { return num_classes_; }
  KernelTransform kernel_transform() const { return kernel_transform_; }
  double batch_norm_eps() const { return batch_norm_eps_; }
  const std::vector<Resolution>& resolutions() const { return resolutions_; }
  const std::vector<double>& width_mults() const { return width_mults_; }
  WidthChoice width_choice() const { return width_choice_; }
  // Widths are rounded to multiples of this; 1 to 64.
  int channel_multiple() const { return channel_multiple_; }
  const Stem& stem() const { return stem_; }
  const std::vector<Stage>& stages() const { return stages_; }
  const Head& head() const { return head_; }
  const GeneLayout& layout() const { return layout_; }

  // Number of choices of each gene, `layout().num_genes` of them.
  const std::vector<uint8_t>& gene_sizes() const { return gene_sizes_; }

  // Fingerprint of the structure (everything but name and description); part of every SubnetId.
  const Fingerprint& structure() const { return structure_; }

  // Number of canonical subnets; a double because it exceeds 2^64.
  double Size() const;

  // The same space for another number of classes, 2 to 100000 (the caller has checked it).
  SearchSpace WithNumClasses(int num_classes) const;

 private:
  friend class SpaceReader;
  SearchSpace() = default;
  // Fills layout_, gene_sizes_ and structure_ from the rest.
  void Finish();

  std::string name_;
  std::string description_;
  int input_channels_ = 3;
  int num_classes_ = 0;
  KernelTransform kernel_transform_ = KernelTransform::kCrop;
  double batch_norm_eps_ = 1e-5;
  std::vector<Resolution> resolutions_;
  std::vector<double> width_mults_;
  WidthChoice width_choice_ = WidthChoice::kGlobal;
  int channel_multiple_ = kDefaultChannelMultiple;
  Stem stem_;
  std::vector<Stage> stages_;
  Head head_;
  GeneLayout layout_;
  std::vector<uint8_t> gene_sizes_;
  Fingerprint structure_;
};

// max(divisor, v rounded to the nearest multiple), raised by one step where that loses more than a
// tenth: OFA's make_divisible with divisor 8 and min 8.
int MakeDivisible(double v, int divisor = 8);

// Channels of a base width under a multiplier: MakeDivisible(width * width_mult), by the space's
// channel_multiple.
int ScaleWidth(int width, double width_mult, int multiple = kDefaultChannelMultiple);

// Channels inside a block: MakeDivisible(round-half-even(channels * expand_ratio)), of the input's
// channels in MBConv, of the output's in a bottleneck.
int ExpandedWidth(int channels, double expand_ratio, int multiple = kDefaultChannelMultiple);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_SPACE_H_
