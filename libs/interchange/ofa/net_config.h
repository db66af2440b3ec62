// net.config: the JSON in which OFA and MCUNet describe one specialised network, read into a space
// of that one network and written from it.
//
//   {"name": "MobileNetV3" or "ProxylessNASNets", "bn": {"momentum", "eps"},
//    "first_conv": ConvLayer, "blocks": [{"mobile_inverted_conv": MBInvertedConvLayer,
//    "shortcut": IdentityLayer or null}, …], "final_expand_layer" (MobileNetV3 only),
//    "feature_mix_layer": ConvLayer or null, "classifier": LinearLayer}
//
// "conv" stands for "mobile_inverted_conv" in later files. A "ResNets" has an "input_stem" (a list
// of ConvLayer, ResidualBlock or nothing, ConvLayer; then max pooling) in place of "first_conv",
// blocks that are ResNetBottleneckBlock, and no layer before the classifier. "resolution" is
// MCUNet's; OFA has it as "image_size" in run.config. Both are a side, or [height, width] where
// the input is not square. "resolution_value" is ours: the choice's name where it is another number
// than the height. The channels of the input are "in_channels" of the first layer.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_NET_CONFIG_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_NET_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/interchange/ofa/image_size.h"

namespace niwaki::interchange {

struct NetConfig {
  // Of one network; stage n is the n-th block that computes something.
  arch::SearchSpace space;
  // The block of the file that each stage is: blocks that a search removed (ZeroLayer) are counted
  // in a state dict's names.
  std::vector<int> blocks;
};

struct ReadNetConfigOptions {
  // Of the space.
  std::string name = "network";
  // Of the input; zeros for the file's own "resolution".
  ImageSize resolution;
  // For messages.
  std::string what = "net.config";
};

// InvalidArgument with reason FILE_MALFORMED names the field, its value and what it must be, for
// anything that is missing, of a wrong type or not expressible: other layers, groups, dilation,
// weight standardisation, channels that do not join up, a block that narrows inside, a shortcut
// between different shapes, no resolution; SPACE_INVALID for numbers outside a space's limits.
// Widths are what they are: where one is no multiple of 8, the space's channel_multiple is 1.
absl::StatusOr<NetConfig> ReadNetConfig(absl::string_view json,
                                        const ReadNetConfigOptions& options);

// "image_size" of a run.config. Errors as above.
absl::StatusOr<ImageSize> ReadImageSize(absl::string_view json, const std::string& what);

// The JSON of a fixed space's network (see fixed_space.h), with "resolution". InvalidArgument with
// reason SPACE_INVALID where the network is neither a MobileNetV3 (final expansion, mix layer after
// pooling) nor a ProxylessNAS (no final expansion, mix layer before pooling or none) nor a
// ResNet-D.
absl::StatusOr<std::string> WriteNetConfig(const arch::SearchSpace& fixed);

// The run.config beside it: {"image_size": …}.
std::string WriteRunConfig(const arch::SearchSpace& fixed);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_NET_CONFIG_H_
