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

}  // namespace
}  // namespace niwaki::arch
