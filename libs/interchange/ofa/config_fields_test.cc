#include "libs/interchange/ofa/config_fields.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::interchange {
namespace {

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

class ConfigFieldsTest : public ::testing::Test {
 protected:
  Fields Of(const Json& json) {
    json_ = json;
    return *Fields::Of(json_, "blocks[3].conv", what_);
  }

  Json Conv() {
    return Json{{"name", "ConvLayer"}, {"kernel_size", 3}, {"stride", 2},   {"in_channels", 3},
                {"out_channels", 16},  {"use_bn", true},   {"bias", false}, {"act_func", "relu6"}};
  }

  const std::string what_ = "net.config";
  Json json_;
};

TEST_F(ConfigFieldsTest, ErrorsNameFileFieldValueAndLimit) {
  const absl::Status status = Of({{"stride", 0}}).Integer("stride").status();

  EXPECT_THAT(status, HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(status,
              StatusIs(kInvalid,
                       "net.config: blocks[3].conv.stride is 0; it must be an integer of at "
                       "least 1"));
  EXPECT_EQ(GetErrorDetail(status)->field, "blocks[3].conv.stride");
  EXPECT_THAT(Fields::Of(Json(3), "", what_),
              StatusIs(kInvalid, "net.config: the file is 3; it must be a JSON object"));
}

TEST_F(ConfigFieldsTest, LongValuesAreNamedByTheirType) {
  EXPECT_THAT(Of({{"stride", std::string(100, 'x')}}).Integer("stride"),
              StatusIs(kInvalid, "stride is a string;"));
}

TEST_F(ConfigFieldsTest, NumbersHaveTheirRanges) {
  const Fields fields = Of({{"zero", 0}, {"half", 0.5}, {"huge", 1000001}, {"seven", 7}});

  EXPECT_THAT(fields.Integer("seven"), IsOkAndHolds(7));
  EXPECT_THAT(fields.Integer("zero", /*low=*/0), IsOkAndHolds(0));
  EXPECT_THAT(fields.Integer("half"), StatusIs(kInvalid, "half is 0.5"));
  EXPECT_THAT(fields.Integer("huge"), StatusIs(kInvalid, "huge is 1000001"));
  EXPECT_THAT(fields.Integer("absent"), StatusIs(kInvalid, "absent is null"));
  EXPECT_THAT(fields.Number("half"), IsOkAndHolds(0.5));
  EXPECT_THAT(fields.Number("zero"), StatusIs(kInvalid, "a number above 0"));
}

TEST_F(ConfigFieldsTest, SquareIsOneSideOrTheSameTwice) {
  const Fields fields = Of({{"one", 3}, {"twice", {5, 5}}, {"flat", {1, 3}}, {"none", 0}});

  EXPECT_THAT(fields.Square("one"), IsOkAndHolds(3));
  EXPECT_THAT(fields.Square("twice"), IsOkAndHolds(5));
  EXPECT_THAT(fields.Square("flat"), StatusIs(kInvalid, "flat is [1,3]"));
  EXPECT_THAT(fields.Square("none"), StatusIs(kInvalid, "none is 0"));
}

TEST_F(ConfigFieldsTest, ActivationsHaveOfasNames) {
  const Fields fields = Of({{"a", "relu"}, {"b", "h_swish"}, {"c", nullptr}, {"d", "gelu"}});

  EXPECT_THAT(fields.Activation("a"), IsOkAndHolds(v1::ACTIVATION_RELU));
  EXPECT_THAT(fields.Activation("b"), IsOkAndHolds(v1::ACTIVATION_HARD_SWISH));
  EXPECT_THAT(fields.Activation("c"), IsOkAndHolds(v1::ACTIVATION_NONE));
  EXPECT_THAT(fields.Activation("d"), StatusIs(kInvalid, "relu, relu6, h_swish or null"));
}

TEST_F(ConfigFieldsTest, UnknownKeysThatSaySomethingAreRefused) {
  const Fields fields = Of({{"name", "x"}, {"off", false}, {"empty", nullptr}, {"scale", 2}});

  EXPECT_THAT(fields.ExpectOnly({"name"}),
              StatusIs(kInvalid, "blocks[3].conv.scale is 2; it must be absent"));
  NIWAKI_EXPECT_OK(fields.ExpectOnly({"name", "scale"}));
}

TEST_F(ConfigFieldsTest, ReadsAConvolution) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ConvLayer conv, ReadConvLayer(Of(Conv()), 3, true));

  EXPECT_EQ(conv.out_channels, 16);
  EXPECT_EQ(conv.kernel_size, 3);
  EXPECT_EQ(conv.stride, 2);
  EXPECT_EQ(conv.activation, v1::ACTIVATION_RELU6);
}

TEST_F(ConfigFieldsTest, ConvolutionThatIsOtherThanItsPlaceIsRefused) {
  Json grouped = Conv();
  grouped["groups"] = 4;

  EXPECT_THAT(ReadConvLayer(Of(grouped), 3, true), StatusIs(kInvalid, "groups is 4; it must be 1"));
  EXPECT_THAT(ReadConvLayer(Of(Conv()), 4, true),
              StatusIs(kInvalid, "in_channels is 3; it must be 4"));
  EXPECT_THAT(ReadConvLayer(Of(Conv()), 3, false),
              StatusIs(kInvalid, "use_bn is true; it must be false"));
}

TEST_F(ConfigFieldsTest, SizesAreASideOrHeightAndWidth) {
  const Fields fields =
      Of({{"side", 48}, {"both", {49, 40}}, {"three", {1, 2, 3}}, {"none", {0, 4}}});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImageSize side, fields.Size("side"));
  EXPECT_EQ(side.height, 48);
  EXPECT_EQ(side.width, 48);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImageSize both, fields.Size("both"));
  EXPECT_EQ(both.height, 49);
  EXPECT_EQ(both.width, 40);
  EXPECT_THAT(fields.Size("three"), StatusIs(kInvalid, "three is [1,2,3]"));
  EXPECT_THAT(fields.Size("none"), StatusIs(kInvalid, "a list of height and width"));
  EXPECT_THAT(fields.Size("absent"), StatusIs(kInvalid, "absent is null"));
}

}  // namespace
}  // namespace niwaki::interchange
