// The writer of net_config.h: what stands in the file. That it reads back is net_config_test's.

#include <string>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/fixed_space.h"
#include "libs/interchange/ofa/net_config.h"

namespace niwaki::interchange {
namespace {

TEST(NetConfigWriterTest, WritesAMobileNetInOfasWords) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace full, arch::CatalogueSpace("ofa_mbv3_w10"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed,
                              FixedSpace(full, arch::MinSubnet(full), "smallest"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(fixed));

  const Json config = Json::parse(text);
  EXPECT_EQ(config["name"], "MobileNetV3");
  EXPECT_EQ(config["first_conv"]["in_channels"], 3);
  EXPECT_EQ(config["first_conv"]["act_func"], "h_swish");
  EXPECT_EQ(config["classifier"]["out_features"], 1000);
  // One block before the stages, and two in each of five.
  ASSERT_EQ(config["blocks"].size(), 11u);
  const Json& block = config["blocks"][1]["mobile_inverted_conv"];
  EXPECT_EQ(block["name"], "MBInvertedConvLayer");
  EXPECT_EQ(block["kernel_size"], 3);
  EXPECT_EQ(block["stride"], 2);
  EXPECT_EQ(block["expand_ratio"], 3);
}

TEST(NetConfigWriterTest, RunConfigNamesTheImageSizeThatReadsBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace full, arch::CatalogueSpace("ofa_mbv3_w10"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed,
                              FixedSpace(full, arch::MinSubnet(full), "smallest"));

  const std::string text = WriteRunConfig(fixed);

  EXPECT_EQ(Json::parse(text)["image_size"], fixed.resolutions().front().value);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImageSize size, ReadImageSize(text, "run.config"));
  EXPECT_EQ(size.height, fixed.resolutions().front().height);
  EXPECT_EQ(size.width, fixed.resolutions().front().width);
}

}  // namespace
}  // namespace niwaki::interchange
