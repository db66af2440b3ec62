#include "libs/jobfile/field_reader.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/base/text/document.h"
#include "libs/search/option.h"

namespace niwaki::jobfile {
namespace {

using ::testing::Eq;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr search::Range kFew = search::WholeNumber(2, 5);

constexpr char kText[] = R"(name: pine
pot:
  depth: 3
  share: 0.5
  quoted: '3'
  empty:
trees: [oak, elm]
)";

class FieldReaderTest : public ::testing::Test {
 protected:
  FieldReaderTest() : document_(*ParseDocument(kText, "f")), root_(document_, "f") {}

  const DocumentNode document_;
  const FieldReader root_;
};

TEST_F(FieldReaderTest, ValuesHaveTheirTypes) {
  EXPECT_THAT(root_.Field("name").String(), IsOkAndHolds(Eq("pine")));
  EXPECT_THAT(root_.Field("pot").Field("depth").Number(kFew), IsOkAndHolds(Eq(3)));
  EXPECT_THAT(root_.Field("pot").Field("share").Number(search::kShare), IsOkAndHolds(Eq(0.5)));
  EXPECT_THAT(root_.Field("pot").Field("depth").Unsigned(), IsOkAndHolds(Eq(3u)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<FieldReader> trees, root_.Field("trees").Items());
  ASSERT_EQ(trees.size(), 2);
  EXPECT_THAT(trees[1].OneOf({"oak", "elm"}), IsOkAndHolds(Eq("elm")));
  EXPECT_EQ(trees[1].path(), "trees[1]");
}

TEST_F(FieldReaderTest, AbsentAndNullAreEmpty) {
  EXPECT_TRUE(root_.Field("height").empty());
  EXPECT_TRUE(root_.Field("pot").Field("empty").empty());
  EXPECT_FALSE(root_.Field("pot").empty());
}

TEST_F(FieldReaderTest, ErrorNamesLinePathValueAndLimit) {
  const absl::Status status =
      root_.Field("pot").Field("depth").Number(search::WholeNumber(4, 5)).status();

  ASSERT_THAT(status, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(status.message(), "f:3: pot.depth is 3; it must be a whole number from 4 to 5");
  const auto detail = GetErrorDetail(status);
  EXPECT_EQ(detail->field, "pot.depth");
  EXPECT_EQ(detail->value, "3");
  EXPECT_EQ(detail->limit, "a whole number from 4 to 5");
}

TEST_F(FieldReaderTest, WrongTypesAreRefused) {
  const FieldReader pot = root_.Field("pot");
  EXPECT_THAT(pot.String(), StatusIs(kInvalid, "f:3: pot: must be text, is a map"));
  EXPECT_THAT(pot.Number(kFew),
              StatusIs(kInvalid, "pot is a map; it must be a whole number from 2 to 5"));
  EXPECT_THAT(pot.Items(), StatusIs(kInvalid, "pot: must be a list, is a map"));
  EXPECT_THAT(pot.Field("quoted").Number(kFew),
              StatusIs(kInvalid, "f:5: pot.quoted is '3'; it must be"));
  EXPECT_THAT(pot.Field("quoted").Unsigned(), StatusIs(kInvalid, "pot.quoted"));
  EXPECT_THAT(pot.Field("share").Number(kFew),
              StatusIs(kInvalid, "is 0.5; it must be a whole number"));
  EXPECT_THAT(root_.Field("trees").ExpectMap({}), StatusIs(kInvalid, "must be a map, is a list"));
}

TEST_F(FieldReaderTest, WholeNumbersMayHaveExponents) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DocumentNode root,
                              ParseDocument("seed: 1e3\nfew: 4e0\nhalf: 5e-1\nvast: 1e17", "f"));
  const FieldReader fields(root, "f");

  EXPECT_THAT(fields.Field("seed").Unsigned(), IsOkAndHolds(Eq(1000u)));
  EXPECT_THAT(fields.Field("few").Number(kFew), IsOkAndHolds(Eq(4)));
  EXPECT_THAT(fields.Field("half").Unsigned(), StatusIs(kInvalid, "must be a whole number"));
  // A double would round it.
  EXPECT_THAT(fields.Field("vast").Unsigned(), StatusIs(kInvalid, "must be a whole number"));
}

TEST_F(FieldReaderTest, MissingFieldIsMissedWhereItsMapBegins) {
  EXPECT_THAT(root_.Field("pot").Field("height").String(),
              StatusIs(kInvalid, "f:3: pot.height: must be text, is null"));
}

TEST_F(FieldReaderTest, UnknownNamesSuggestTheClosest) {
  NIWAKI_EXPECT_OK(root_.ExpectMap({"name", "pot", "trees"}));
  EXPECT_THAT(root_.ExpectMap({"name", "pot", "tree"}),
              StatusIs(kInvalid, "f:7: unknown field 'trees'; did you mean 'tree'?"));
  EXPECT_THAT(root_.Field("name").OneOf({"pines", "oak"}),
              StatusIs(kInvalid, "f:1: name: 'pine' is none of pines, oak; did you mean 'pines'?"));
}

}  // namespace
}  // namespace niwaki::jobfile
