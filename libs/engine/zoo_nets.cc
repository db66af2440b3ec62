#include "libs/engine/zoo_nets.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {

absl::StatusOr<arch::Graph> GraphOfBlocks(int resolution, int first_conv,
                                          const std::vector<ZooBlock>& blocks, int feature_mix,
                                          int num_classes) {
  std::string text =
      absl::StrCat("name: \"one\" input_channels: 3 num_classes: ", num_classes,
                   " resolutions { value: ", resolution, " } stem { width: ", first_conv, " }");
  for (const ZooBlock& block : blocks) {
    absl::StrAppend(&text, " stages { width: ", block.channels, " stride: ", block.stride,
                    " depths: 1 kernel_sizes: ", block.kernel_size,
                    " expand_ratios: ", block.expand_ratio, " }");
  }
  absl::StrAppend(&text, " head { feature_mix_width: ", feature_mix, " }");
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::SearchSpace::FromTextproto(text));
  return arch::BuildGraph(space, arch::MaxSubnet(space));
}

absl::StatusOr<std::vector<ZooNet>> ReadZooNets(const std::string& shared) {
  const std::string path = shared + "/ofa/vectors/mcunet_zoo_counts.json";
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  std::vector<ZooNet> nets;
  for (const Json& entry : json) {
    std::vector<ZooBlock> blocks;
    for (const Json& block : entry["blocks_e_c_s_k"]) {
      blocks.push_back(
          {block[0].get<double>(), block[1].get<int>(), block[2].get<int>(), block[3].get<int>()});
    }
    ZooNet net;
    net.id = entry["net_id"].get<std::string>();
    net.reference_mmacs = entry["mmacs"].get<double>();
    NIWAKI_ASSIGN_OR_RETURN(net.graph, GraphOfBlocks(entry["resolution"].get<int>(),
                                                     entry["first_conv"].get<int>(), blocks,
                                                     /*feature_mix=*/0, /*num_classes=*/1000));
    nets.push_back(std::move(net));
  }
  return nets;
}

}  // namespace niwaki::engine
