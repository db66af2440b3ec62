// MACs and parameter counts against those of the reference implementations, figure by figure. The
// figures lie in the folder that NIWAKI_SHARED names, under ofa/vectors.

#include <cmath>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

// A file of the reference figures, parsed; fails the test when there is none.
Json ReadFigures(const std::string& name) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr) {
    ADD_FAILURE() << "NIWAKI_SHARED is not set: it must name the folder that holds ofa/vectors "
                     "(bazel test --test_env=NIWAKI_SHARED=...)";
    return Json::object();
  }
  const auto text = ReadFile(absl::StrCat(shared, "/ofa/vectors/", name));
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

// The catalogue's space with other multipliers and input sizes and the figures' 100 classes.
SearchSpace SpaceLike(const std::string& name, const std::string& width_mults) {
  std::string text = CatalogueSpace(name)->ToTextproto();
  const auto replace_line = [&text](const std::string& key, const std::string& line) {
    const size_t begin = text.find("\n" + key) + 1;
    text.replace(begin, text.find('\n', begin) - begin, line);
  };
  replace_line("width_mults", absl::StrCat("width_mults: ", width_mults));
  for (const int value : {64, 96}) {
    if (!absl::StrContains(text, absl::StrCat("value: ", value, "\n"))) {
      absl::StrAppend(&text, "resolutions { value: ", value, " }\n");
    }
  }
  auto space = SearchSpace::FromTextproto(text);
  EXPECT_TRUE(space.ok()) << space.status().ToString();
  return space->WithNumClasses(100);
}

// The figures' architecture as our JSON. The reference clamps the last stage's depth to its one
// block.
std::string ArchJson(const Json& figure) {
  Json arch = figure["arch"];
  if (arch["d"].size() == 6) arch["d"][5] = 1;
  arch["r"] = figure["image_size"];
  return arch.dump();
}

void ExpectFiguresMatch(const std::string& file, const SearchSpace& space, size_t count) {
  const Json figures = ReadFigures(file);
  if (!figures.contains("subnets")) return;
  EXPECT_EQ(figures["subnets"].size(), count);

  for (const Json& figure : figures["subnets"]) {
    SCOPED_TRACE(absl::StrCat(file, " id ", figure["id"].get<int>()));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, SubnetFromJson(space, ArchJson(figure)));
    const Graph graph = BuildGraph(space, subnet);
    EXPECT_EQ(CountMacs(graph), figure["macs_exact"].get<int64_t>());
    EXPECT_EQ(CountParams(graph), figure["params"].get<int64_t>());
  }
}

TEST(ReferenceTest, McunetHalfWidthCountsMatch) {
  ExpectFiguresMatch("mcunet_w050.json", SpaceLike("mcunet", "[0.5]"), 20);
}

TEST(ReferenceTest, McunetSeveralWidthsCountsMatch) {
  ExpectFiguresMatch("mcunet_multi.json", SpaceLike("mcunet", "[0.35, 0.5]"), 21);
}

TEST(ReferenceTest, McunetKernelTransformCountsMatch) {
  ExpectFiguresMatch("mcunet_kt.json", SpaceLike("mcunet", "[0.5]"), 7);
}

TEST(ReferenceTest, OfaMobileNetV3CountsMatch) {
  ExpectFiguresMatch("mbv3_w035.json", SpaceLike("ofa_mbv3_w10", "[0.35]"), 20);
}

TEST(ReferenceTest, OfaProxylessCountsMatch) {
  ExpectFiguresMatch("proxyless_w035.json", SpaceLike("ofa_proxyless_w13", "[0.35]"), 20);
}

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
  const Json networks = ReadFigures("mcunet_zoo_counts.json");
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

}  // namespace
}  // namespace niwaki::arch
