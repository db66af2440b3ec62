// MACs and parameter counts against those of the reference implementations, figure by figure. The
// figures lie in the folder that NIWAKI_SHARED names, under ofa.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

// A file of the folder ofa, parsed; fails the test when there is none.
Json ReadFigures(const std::string& name) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr) {
    ADD_FAILURE() << "NIWAKI_SHARED is not set: it must name the folder that holds ofa "
                     "(bazel test --test_env=NIWAKI_SHARED=...)";
    return Json::object();
  }
  const auto text = ReadFile(absl::StrCat(shared, "/ofa/", name));
  if (!text.ok()) {
    ADD_FAILURE() << text.status().ToString();
    return Json::object();
  }
  auto json = ParseJson(*text, name);
  if (!json.ok()) {
    ADD_FAILURE() << json.status().ToString();
    return Json::object();
  }
  return *std::move(json);
}

// The figures' architecture as our JSON. The reference clamps the last stage's depth to its one
// block.
std::string ArchJson(const Json& figure) {
  Json arch = figure["arch"];
  if (arch.contains("ks") && arch["d"].size() == 6) arch["d"][5] = 1;
  arch["r"] = figure["image_size"];
  return arch.dump();
}

struct FigureSet {
  const char* name;
  size_t count;
};

class FigureSetTest : public ::testing::TestWithParam<FigureSet> {};

TEST_P(FigureSetTest, CountsMatch) {
  const std::string name = GetParam().name;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space,
                              LoadSpace(absl::StrCat("libs/arch/testdata/", name, ".textproto")));
  const Json figures = ReadFigures("vectors/" + name + ".json");
  ASSERT_EQ(figures["subnets"].size(), GetParam().count);

  for (const Json& figure : figures["subnets"]) {
    SCOPED_TRACE(absl::StrCat("id ", figure["id"].get<int>()));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, SubnetFromJson(space, ArchJson(figure)));
    const Graph graph = BuildGraph(space, subnet);
    EXPECT_EQ(CountMacs(graph), figure["macs_exact"].get<int64_t>());
    EXPECT_EQ(CountParams(graph), figure["params"].get<int64_t>());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sets, FigureSetTest,
    ::testing::Values(FigureSet{"mbv3_w035", 20}, FigureSet{"proxyless_w035", 20},
                      FigureSet{"resnet50", 6}, FigureSet{"mcunet_w050", 20},
                      FigureSet{"mcunet_multi", 21}, FigureSet{"mcunet_kt", 7}),
    [](const ::testing::TestParamInfo<FigureSet>& info) { return std::string(info.param.name); });

// A published network as a space of one: a stage for each of its blocks.
std::string SpaceOfNetwork(const Json& network) {
  std::string text =
      absl::StrCat("name: 'zoo' input_channels: 3 num_classes: 1000 resolutions { value: ",
                   network["resolution"].get<int>(),
                   " } stem { width: ", network["first_conv"].get<int>(), " }\n");
  for (const Json& block : network["blocks_e_c_s_k"]) {
    absl::StrAppend(&text, "stages { width: ", block[1].get<int>(),
                    " stride: ", block[2].get<int>(),
                    " depths: 1 kernel_sizes: ", block[3].get<int>(),
                    " expand_ratios: ", block[0].get<int>(), " }\n");
  }
  return absl::StrCat(text, "head {}");
}

TEST(ReferenceTest, PublishedMcunetCountsMatch) {
  const Json networks = ReadFigures("vectors/mcunet_zoo_counts.json");
  ASSERT_EQ(networks.size(), 5);

  for (const Json& network : networks) {
    SCOPED_TRACE(network["net_id"].get<std::string>());
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space,
                                SearchSpace::FromTextproto(SpaceOfNetwork(network)));
    EXPECT_EQ(space.Size(), 1);
    const Graph graph = BuildGraph(space, MaxSubnet(space));
    EXPECT_EQ(CountMacs(graph), std::llround(network["mmacs"].get<double>() * 1e6));
    EXPECT_EQ(CountParams(graph), network["params"].get<int64_t>());
  }
}

std::string ActivationText(const Json& name) {
  if (name == "relu") return "ACTIVATION_RELU";
  return name == "h_swish" ? "ACTIVATION_HARD_SWISH" : "ACTIVATION_RELU6";
}

// A specialised network's net.config as a space of one.
std::string SpaceOfConfig(const Json& config, int image_size) {
  const Json& stem = config["first_conv"];
  std::string text = absl::StrCat("name: 'special' input_channels: 3 num_classes: ",
                                  config["classifier"]["out_features"].get<int>(),
                                  " resolutions { value: ", image_size,
                                  " } stem { width: ", stem["out_channels"].get<int>(),
                                  " activation: ", ActivationText(stem["act_func"]), " }\n");
  for (const Json& entry : config["blocks"]) {
    const Json& block = entry["mobile_inverted_conv"];
    absl::StrAppend(&text, "stages { depths: 1 width: ", block["out_channels"].get<int>(),
                    " stride: ", block["stride"].get<int>(),
                    " kernel_sizes: ", block["kernel_size"].get<int>(),
                    " expand_ratios: ", block["expand_ratio"].get<double>(),
                    " activation: ", ActivationText(block["act_func"]),
                    block.value("use_se", false) ? " squeeze_excite: true" : "",
                    entry["shortcut"].is_null() ? " no_shortcut: true" : "", " }\n");
  }
  const bool expands = config.contains("final_expand_layer");
  const int expand = expands ? config["final_expand_layer"]["out_channels"].get<int>() : 0;
  return absl::StrCat(text, "head { final_expand_width: ", expand, " feature_mix_width: ",
                      config["feature_mix_layer"]["out_channels"].get<int>(),
                      expands ? " feature_mix_after_pool: true" : "", " }");
}

// Those whose configuration is at hand.
TEST(ReferenceTest, SpecialisedNetworksCountsMatch) {
  const Json counts = ReadFigures("vectors/ofa_specialized_counts.json");
  for (const std::string name :
       {"pixel1_lat@132ms_top1@79.8_finetune@75", "pixel1_lat@143ms_top1@80.1_finetune@75",
        "pixel1_lat@20ms_top1@71.4_finetune@25", "pixel1_lat@28ms_top1@73.3_finetune@25",
        "pixel1_lat@40ms_top1@74.9_finetune@25", "pixel1_lat@58ms_top1@76.9_finetune@75",
        "pixel1_lat@79ms_top1@78.7_finetune@75", "v100_gpu64@9ms_top1@75.3_finetune@25"}) {
    SCOPED_TRACE(name);
    const std::string id = absl::StrReplaceAll(name, {{"@", "-"}});
    const auto figure = std::find_if(counts.begin(), counts.end(),
                                     [&](const Json& entry) { return entry["net_id"] == id; });
    ASSERT_NE(figure, counts.end());
    const Json config = ReadFigures(absl::StrCat("specialized/", name, "__net.config"));
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const SearchSpace space,
        SearchSpace::FromTextproto(SpaceOfConfig(config, (*figure)["image_size"].get<int>())));

    const Graph graph = BuildGraph(space, MaxSubnet(space));

    EXPECT_EQ(CountMacs(graph), std::llround((*figure)["mmacs"].get<double>() * 1e6));
    EXPECT_EQ(CountParams(graph), (*figure)["params"].get<int64_t>());
  }
}

}  // namespace
}  // namespace niwaki::arch
