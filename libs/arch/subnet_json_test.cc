#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

using ::testing::HasSubstr;

constexpr char kSpaceText[] = R"(
    name: "tiny" input_channels: 3 num_classes: 10
    resolutions { value: 16 } resolutions { value: 24 } width_mults: [0.35, 1.0]
    stem { width: 16 }
    stages { width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
    stages { width: 24 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: [1.5, 6] }
    stages { width: 40 depths: [1] kernel_sizes: [3] expand_ratios: [3, 4] })";

constexpr char kJson[] = R"({"ks":[5,3,3],"e":[1.5,6,4],"d":[2,1],"r":[24],"w":0.35})";

class SubnetJsonTest : public ::testing::Test {
 protected:
  SearchSpace space_ = *SearchSpace::FromTextproto(kSpaceText);
};

TEST_F(SubnetJsonTest, WritesWhatItReads) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, SubnetFromJson(space_, kJson));

  EXPECT_EQ(KernelSizeOf(space_, subnet, 1, 0), 5);
  EXPECT_EQ(ExpandRatioOf(space_, subnet, 1, 1), 6);
  EXPECT_EQ(DepthOf(space_, subnet, 1), 2);
  EXPECT_EQ(ResolutionOf(space_, subnet).value, 24);
  EXPECT_EQ(WidthMultOf(space_, subnet), 0.35);
  EXPECT_EQ(ToJson(space_, subnet), kJson);
}

TEST_F(SubnetJsonTest, InactiveBlocksAreWrittenAsSmallest) {
  const std::string json = absl::StrReplaceAll(kJson, {{"\"d\":[2,", "\"d\":[1,"}});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, SubnetFromJson(space_, json));

  EXPECT_EQ(ToJson(space_, subnet),
            R"({"ks":[5,3,3],"e":[1.5,1.5,4],"d":[1,1],"r":[24],"w":0.35})");
}

TEST_F(SubnetJsonTest, AcceptsOtherSpellings) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, SubnetFromJson(space_, kJson));

  for (const std::string& json : {absl::StrReplaceAll(kJson, {{"[24]", "24"}}),
                                  absl::StrReplaceAll(kJson, {{"[5,", "[5.0,"}}),
                                  absl::StrReplaceAll(kJson, {{"\"w\":0.35", "\"wid\":0"}})}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet again, SubnetFromJson(space_, json));
    EXPECT_EQ(again, subnet) << json;
  }
}

TEST_F(SubnetJsonTest, NullWidthIndexIsTheLargest) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Subnet subnet,
      SubnetFromJson(space_, absl::StrReplaceAll(kJson, {{"\"w\":0.35", "\"wid\":null"}})));

  EXPECT_EQ(WidthMultOf(space_, subnet), 1.0);
}

TEST_F(SubnetJsonTest, SingleChoicesMayBeAbsent) {
  const SearchSpace space = *SearchSpace::FromTextproto(absl::StrReplaceAll(
      kSpaceText, {{"resolutions { value: 16 }", ""}, {"[0.35, 1.0]", "[0.35]"}}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet,
                              SubnetFromJson(space, R"({"d":[2,1],"ks":[5,3,3],"e":[1.5,6,4]})"));

  EXPECT_EQ(ToJson(space, subnet), kJson);
}

struct Defect {
  std::string from;
  std::string to;
  std::string field;
  std::string value;
  std::string limit;
};

class SubnetJsonDefectTest : public SubnetJsonTest, public ::testing::WithParamInterface<Defect> {};

TEST_P(SubnetJsonDefectTest, NamesFieldValueAndLimit) {
  const Defect& defect = GetParam();
  const std::string json = absl::StrReplaceAll(kJson, {{defect.from, defect.to}});
  ASSERT_NE(json, kJson);

  const auto subnet = SubnetFromJson(space_, json);

  ASSERT_THAT(subnet, HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  const ErrorDetail detail = *GetErrorDetail(subnet.status());
  EXPECT_EQ(detail.field, defect.field);
  EXPECT_EQ(detail.value, defect.value);
  EXPECT_EQ(detail.limit, defect.limit);
  EXPECT_THAT(std::string(subnet.status().message()), HasSubstr(defect.field));
}

INSTANTIATE_TEST_SUITE_P(
    Defects, SubnetJsonDefectTest,
    ::testing::Values(Defect{"\"w\"", "\"width\"", "width", "0.35", "one of ks, e, d, r, w, wid"},
                      Defect{"\"ks\":[5,3,3],", "", "ks", "nothing", "a list of 3"},
                      Defect{"[5,3,3]", "[5,3]", "ks", "2 items", "a list of 3"},
                      Defect{"[5,3,3]", "5", "ks", "5", "a list of 3"},
                      Defect{"[5,3,3]", "[[5],3,3]", "ks[0]", "a list of 1", "{3,5}"},
                      Defect{"[5,3,3]", "[5,9,3]", "ks[1]", "9", "{3,5}"},
                      Defect{"[5,3,3]", "[5,3,5]", "ks[2]", "5", "{3}"},
                      Defect{"[5,3,3]", "[\"5\",3,3]", "ks[0]", "\"5\"", "{3,5}"},
                      Defect{"[5,3,3]", "[null,3,3]", "ks[0]", "null", "{3,5}"},
                      Defect{"[5,3,3]", "[true,3,3]", "ks[0]", "true", "{3,5}"},
                      Defect{"[5,3,3]", "[-5,3,3]", "ks[0]", "-5", "{3,5}"},
                      Defect{"[5,3,3]", "[1e308,3,3]", "ks[0]", "1e+308", "{3,5}"},
                      Defect{"[5,3,3]", "[18446744073709551615,3,3]", "ks[0]",
                             "18446744073709551615", "{3,5}"},
                      Defect{"[1.5,6,4]", "[1.4,6,4]", "e[0]", "1.4", "{1.5,6}"},
                      Defect{"[1.5,6,4]", "[1.5,6,4,4]", "e", "4 items", "a list of 3"},
                      Defect{"[2,1]", "[3,1]", "d[0]", "3", "{1,2}"},
                      Defect{"[2,1]", "{\"0\":2}", "d", "an object of 1", "a list of 2"},
                      Defect{"[24]", "[]", "r", "0 items", "a list of 1"},
                      Defect{"[24]", "[25]", "r[0]", "25", "{16,24}"},
                      Defect{"[24]", "25", "r", "25", "{16,24}"},
                      Defect{"\"r\":[24],", "", "r", "nothing", "{16,24}"},
                      Defect{",\"w\":0.35", "", "w", "nothing", "{0.35,1}"},
                      Defect{"\"w\":0.35", "\"w\":0.36", "w", "0.36", "{0.35,1}"},
                      Defect{"\"w\":0.35", "\"w\":null", "w", "null", "{0.35,1}"},
                      Defect{"\"w\":0.35", "\"wid\":2", "wid", "2", "{0,1}"},
                      Defect{"\"w\":0.35", "\"w\":0.35,\"wid\":0", "wid", "0", "either w or wid"}));

TEST_F(SubnetJsonTest, WhatIsNotJsonIsRefused) {
  for (const std::string& json :
       {std::string(), std::string("{"), std::string("[1,2"), std::string("\xff\xfe"),
        std::string("{\"ks\":[NaN]}"), std::string("{\"ks\":[1e999]}"), std::string(kJson) + "x",
        std::string(30000, '[')}) {
    const auto subnet = SubnetFromJson(space_, json);

    EXPECT_THAT(subnet, HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
    EXPECT_EQ(GetErrorDetail(subnet.status())->field, "subnet");
    EXPECT_EQ(GetErrorDetail(subnet.status())->limit, "one JSON object");
    EXPECT_EQ(GetErrorDetail(subnet.status())->value,
              absl::CHexEscape(absl::string_view(json).substr(0, 80)));
  }
}

TEST_F(SubnetJsonTest, OtherJsonValuesAreRefused) {
  const std::string deep = std::string(30000, '[') + std::string(30000, ']');
  for (const std::string& json : {std::string("[]"), std::string("3"), std::string("null"), deep,
                                  absl::StrCat("{\"ks\":", deep, "}")}) {
    EXPECT_THAT(SubnetFromJson(space_, json),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  }
}

TEST_F(SubnetJsonTest, LongTextIsRefused) {
  const auto subnet = SubnetFromJson(space_, std::string(100000, ' ') + kJson);

  EXPECT_THAT(subnet, StatusIs(absl::StatusCode::kInvalidArgument, "too long"));
}

TEST_F(SubnetJsonTest, DamagedTextNeverCrashes) {
  constexpr uint64_t kSeed = 77;
  Random random(kSeed);
  for (int i = 0; i < 20000; ++i) {
    std::string json = kJson;
    for (int hits = 1 + random.Uniform(4); hits > 0; --hits) {
      json[random.Uniform(json.size())] = static_cast<char>(random.Next());
    }

    const auto subnet = SubnetFromJson(space_, json);

    if (!subnet.ok()) {
      ASSERT_EQ(GetErrorDetail(subnet.status())->reason, reason::kSubnetInvalid)
          << "seed " << kSeed << " i " << i;
    } else {
      NIWAKI_ASSERT_OK(Validate(space_, *subnet)) << json;
    }
  }
}

// OFA's form of a ResNet.
class ResNetJsonTest : public ::testing::Test {
 protected:
  absl::StatusOr<Subnet> Read(const std::string& from, const std::string& to) {
    return SubnetFromJson(space_, absl::StrReplaceAll(kResNetJson, {{from, to}}));
  }

  static constexpr char kResNetJson[] =
      R"({"e":[0.25,0.35,0.2,0.25,0.35],"d":[2,1,2],"r":[32],"w":[2,0,1,2]})";
  SearchSpace space_ = *SearchSpace::FromTextproto(R"(
    name: "resnet" input_channels: 3 num_classes: 10 resolutions { value: 32 }
    width_mults: [0.65, 0.8, 1.0] width_choice: WIDTH_CHOICE_PER_STAGE
    stem { width: 16 second_width: 32 residual: STEM_RESIDUAL_OPTIONAL max_pool: true }
    stages { type: BLOCK_TYPE_BOTTLENECK width: 64 depths: [1, 2] base_depth: 1 kernel_sizes: 3
             expand_ratios: [0.2, 0.25, 0.35] }
    stages { type: BLOCK_TYPE_BOTTLENECK width: 128 depths: [1, 2, 3] base_depth: 1 kernel_sizes: 3
             expand_ratios: [0.2, 0.25, 0.35] })");
};

TEST_F(ResNetJsonTest, WritesWhatItReads) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, SubnetFromJson(space_, kResNetJson));

  EXPECT_TRUE(HasStemResidual(space_, subnet));
  EXPECT_EQ(StemWidthMultOf(space_, subnet, 0), 1.0);
  EXPECT_EQ(StemWidthMultOf(space_, subnet, 1), 0.65);
  EXPECT_EQ(StageWidthMultOf(space_, subnet, 0), 0.8);
  EXPECT_EQ(StageWidthMultOf(space_, subnet, 1), 1.0);
  EXPECT_EQ(DepthOf(space_, subnet, 0), 2);
  EXPECT_EQ(DepthOf(space_, subnet, 1), 3);
  EXPECT_EQ(ExpandRatioOf(space_, subnet, 1, 2), 0.35);
  EXPECT_EQ(ToJson(space_, subnet), kResNetJson);
}

TEST_F(ResNetJsonTest, StemIsSkippedBelowTheLargestDepth) {
  for (const char* depth : {"[0,", "[1,"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet subnet, Read("[2,1,", absl::StrCat(depth, "1,")));
    EXPECT_FALSE(HasStemResidual(space_, subnet));
    EXPECT_THAT(ToJson(space_, subnet), HasSubstr(R"("d":[0,1,2])"));
  }
}

TEST_F(ResNetJsonTest, RandomSubnetsComeBack) {
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    const Subnet subnet = SampleSubnet(space_, random);
    EXPECT_THAT(SubnetFromJson(space_, ToJson(space_, subnet)), IsOkAndHolds(subnet));
  }
}

TEST_F(ResNetJsonTest, ErrorsNameFieldAndChoices) {
  const auto expect_error = [](const absl::StatusOr<Subnet>& subnet, const std::string& field,
                               const std::string& value, const std::string& limit) {
    ASSERT_THAT(subnet, HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
    EXPECT_EQ(GetErrorDetail(subnet.status())->field, field);
    EXPECT_EQ(GetErrorDetail(subnet.status())->value, value);
    EXPECT_EQ(GetErrorDetail(subnet.status())->limit, limit);
  };
  expect_error(Read("[2,1,2]", "[1,2]"), "d", "2 items", "a list of 3");
  expect_error(Read("[2,1,2]", "[3,1,2]"), "d[0]", "3", "{0,1,2}");
  expect_error(Read("[2,1,2]", "[2,2,2]"), "d[1]", "2", "{0,1}");
  expect_error(Read("[2,0,1,2]", "[2,0,1]"), "w", "3 items", "a list of 4");
  expect_error(Read("[2,0,1,2]", "[2,0,3,2]"), "w[2]", "3", "{0,1,2}");
  expect_error(Read("[2,0,1,2]", "1.0"), "w", "1.0", "a list of 4");
  expect_error(Read("\"w\":[2,0,1,2]", "\"wid\":0"), "wid", "0", "w, a list of indices");
}

}  // namespace
}  // namespace niwaki::arch
