#include "libs/board/config/config_node.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;

constexpr char kText[] =
    "words: one two\n"
    "list: ['a b', c]\n"
    "time: 1.5 s\n"
    "size: 64kB\n"
    "decimal: 12\n"
    "hexadecimal: 0xFF\n"
    "map: {inner: x}\n";

class ConfigNodeTest : public ::testing::Test {
 protected:
  ConfigNode Field(absl::string_view name) const {
    return ConfigNode(document_, "f.yaml").Field(name);
  }

 private:
  const DocumentNode document_ = *ParseDocument(kText, "f.yaml");
};

TEST_F(ConfigNodeTest, ValuesAreTyped) {
  EXPECT_THAT(Field("words").Words(), IsOkAndHolds(ElementsAre("one", "two")));
  EXPECT_THAT(Field("list").Words(), IsOkAndHolds(ElementsAre("a b", "c")));
  EXPECT_THAT(Field("time").DurationOr(absl::ZeroDuration(), absl::Seconds(1), absl::Seconds(2)),
              IsOkAndHolds(absl::Milliseconds(1500)));
  EXPECT_THAT(Field("size").Bytes(1, 1 << 20), IsOkAndHolds(65536));
  EXPECT_THAT(Field("decimal").Whole(0, 12), IsOkAndHolds(12));
  EXPECT_THAT(Field("hexadecimal").Whole(0, 255), IsOkAndHolds(255));
  EXPECT_THAT(Field("map").Field("inner").Text(), IsOkAndHolds(std::string("x")));
  EXPECT_THAT(Field("none").TextOr("other"), IsOkAndHolds(std::string("other")));
  EXPECT_THAT(Field("none").DurationOr(absl::Seconds(3), absl::Seconds(1), absl::Seconds(2)),
              IsOkAndHolds(absl::Seconds(3)));
}

TEST_F(ConfigNodeTest, ErrorsNameThePlace) {
  EXPECT_THAT(Field("decimal").Whole(0, 11),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "f.yaml:5: decimal: '12' is not a whole number of 0 to 11"));
  EXPECT_THAT(Field("map").Text(),
              StatusIs(absl::StatusCode::kInvalidArgument, "map: is a map, wanted a text"));
  EXPECT_THAT(Field("map").ExpectMap({"outer"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "f.yaml:7: map.inner: is no field here; there are outer"));
  EXPECT_THAT(Field("words").ExpectMap({"a"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                                        "words: is a scalar, wanted a map of a"));
  EXPECT_THAT(Field("none").Text(),
              StatusIs(absl::StatusCode::kInvalidArgument, "none: is missing, wanted a text"));
  EXPECT_THAT(Field("size").Bytes(1, 1024),
              StatusIs(absl::StatusCode::kInvalidArgument, "'64kB' is not a size of"));
}

}  // namespace
}  // namespace niwaki::board
