#include "libs/engine/plan/zoo_nets.h"

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
                    " expand_ratios: ", block.expand_ratio,
                    block.shortcut ? "" : " no_shortcut: true", " }");
  }
  absl::StrAppend(&text, " head { feature_mix_width: ", feature_mix, " }");
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::SearchSpace::FromTextproto(text));
  return arch::BuildGraph(space, arch::MaxSubnet(space));
}

absl::StatusOr<arch::Graph> MobileNetV1(int resolution, double width, int num_classes) {
  const std::pair<int, int> layers[] = {{64, 1},  {128, 2},  {128, 1}, {256, 2}, {256, 1},
                                        {512, 2}, {512, 1},  {512, 1}, {512, 1}, {512, 1},
                                        {512, 1}, {1024, 2}, {1024, 1}};
  std::vector<ZooBlock> blocks;
  for (const auto& [channels, stride] : layers) {
    blocks.push_back({1, static_cast<int>(channels * width), stride, 3, /*shortcut=*/false});
  }
  return GraphOfBlocks(resolution, static_cast<int>(32 * width), blocks, 0, num_classes);
}

absl::StatusOr<arch::Graph> MobileNetV2W035(int resolution, int num_classes) {
  struct Row {
    double ratio;
    int channels, repeats, stride;
  };
  const Row rows[] = {{1, 8, 1, 1},  {6, 8, 2, 2},  {6, 16, 3, 2}, {6, 24, 4, 2},
                      {6, 32, 3, 1}, {6, 56, 3, 2}, {6, 112, 1, 1}};
  std::vector<ZooBlock> blocks;
  for (const Row& row : rows) {
    for (int i = 0; i < row.repeats; ++i) {
      blocks.push_back({row.ratio, row.channels, i == 0 ? row.stride : 1, 3, true});
    }
  }
  return GraphOfBlocks(resolution, 16, blocks, /*feature_mix=*/1280, num_classes);
}

absl::StatusOr<arch::Graph> ProxylessW03(int resolution) {
  const std::vector<ZooBlock> blocks = {{1, 8, 1, 3},  {3, 16, 2, 5}, {3, 16, 1, 3}, {3, 16, 2, 7},
                                        {3, 16, 1, 3}, {3, 16, 1, 5}, {3, 16, 1, 5}, {6, 24, 2, 7},
                                        {3, 24, 1, 5}, {3, 24, 1, 5}, {3, 24, 1, 5}, {6, 32, 1, 5},
                                        {3, 32, 1, 5}, {3, 32, 1, 5}, {3, 32, 1, 5}, {6, 64, 2, 7},
                                        {6, 64, 1, 7}, {3, 64, 1, 7}, {3, 64, 1, 7}, {6, 96, 1, 7}};
  return GraphOfBlocks(resolution, 16, blocks, /*feature_mix=*/384, /*num_classes=*/1000);
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
