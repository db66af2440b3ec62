#include "libs/base/text/document.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(DocumentTest, YamlBecomesTreeWithLines) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DocumentNode root,
                              ParseDocument("# head\na: 1\nb: [x, 'y']\nc:\n  d: ~\n", "f"));

  ASSERT_THAT(root.fields, SizeIs(3));
  EXPECT_EQ(root.fields[0].first, "a");
  EXPECT_EQ(root.fields[0].second.scalar, "1");
  EXPECT_EQ(root.fields[0].second.line, 2);
  ASSERT_THAT(root.fields[1].second.items, SizeIs(2));
  EXPECT_FALSE(root.fields[1].second.items[0].quoted);
  EXPECT_TRUE(root.fields[1].second.items[1].quoted);
  EXPECT_EQ(root.fields[2].second.fields[0].second.kind, DocumentNode::Kind::kNull);
  EXPECT_EQ(root.fields[2].second.fields[0].second.line, 5);
}

TEST(DocumentTest, JsonWithTabsIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DocumentNode root,
                              ParseDocument("{\n\t\"a\":\t[1,\t2],\n\t\"b\": null\n}\n", "f"));

  ASSERT_THAT(root.fields, SizeIs(2));
  EXPECT_THAT(root.fields[0].second.items, SizeIs(2));
  EXPECT_EQ(root.fields[1].second.line, 3);
}

TEST(DocumentTest, MalformedTextNamesTheLine) {
  EXPECT_THAT(ParseDocument("a: 1\nb: [1, 2\nc: 3\n", "job.yaml"), StatusIs(kInvalid, "job.yaml:"));
  EXPECT_THAT(ParseDocument("a: 1\n b: 2\n", "job.yaml"), StatusIs(kInvalid, "job.yaml:2: "));
  EXPECT_THAT(ParseDocument("{\"a\": 1,,}", "f"), HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(ParseDocument(absl::string_view("a\0b", 3), "f"), StatusIs(kInvalid, "text"));
}

TEST(DocumentTest, EmptyTextIsNoDocument) {
  EXPECT_THAT(ParseDocument("", "f"), StatusIs(kInvalid, "empty"));
  EXPECT_THAT(ParseDocument("# only a comment\n", "f"), StatusIs(kInvalid, "empty"));
}

TEST(DocumentTest, SecondDocumentIsRefused) {
  EXPECT_THAT(ParseDocument("a: 1\n---\nb: 2\n", "f"), StatusIs(kInvalid, "more than one"));
}

TEST(DocumentTest, BillionLaughsIsRefused) {
  std::string bomb = "a: &a [x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const std::string previous(1, c - 1);
    absl::StrAppend(&bomb, std::string(1, c), ": &", std::string(1, c), " [*", previous, ", *",
                    previous, "]\n");
  }

  EXPECT_THAT(ParseDocument(bomb, "f"), StatusIs(kInvalid, "f:1: anchors are not allowed"));
}

TEST(DocumentTest, TagsMergeKeysAndComplexKeysAreRefused) {
  EXPECT_THAT(ParseDocument("a: !!python/object x\n", "f"), StatusIs(kInvalid, "tags"));
  EXPECT_THAT(ParseDocument("? [a, b]\n: c\n", "f"), StatusIs(kInvalid, "must be a scalar"));
  EXPECT_THAT(ParseDocument("a: *b\n", "f"), HasReason(kInvalid, reason::kFileMalformed));
}

TEST(DocumentTest, RepeatedKeyIsRefused) {
  EXPECT_THAT(ParseDocument("a: 1\nb: 2\na: 3\n", "f"), StatusIs(kInvalid, "f:3: field 'a'"));
}

TEST(DocumentTest, DepthIsBounded) {
  const std::string deep =
      std::string(kMaxDocumentDepth, '[') + std::string(kMaxDocumentDepth, ']');
  EXPECT_THAT(ParseDocument(deep, "f"), IsOk());

  EXPECT_THAT(ParseDocument("[" + deep + "]", "f"), StatusIs(kInvalid, "nested deeper"));
  EXPECT_THAT(ParseDocument(std::string(100000, '['), "f"),
              HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(ParseDocument(std::string(100000, '{'), "f"),
              HasReason(kInvalid, reason::kFileMalformed));
}

TEST(DocumentTest, FieldsKnowTheLineOfTheirKey) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DocumentNode root,
                              ParseDocument("a:\n  b: 1\nc:\n  {d: 2,\n   e: 3}\n", "f"));

  EXPECT_EQ(root.key_line, 0);
  EXPECT_EQ(root.fields[0].second.key_line, 1);
  EXPECT_EQ(root.fields[0].second.fields[0].second.key_line, 2);
  EXPECT_EQ(root.fields[1].second.key_line, 3);
  EXPECT_EQ(root.fields[1].second.fields[1].second.key_line, 5);
}

TEST(DocumentTest, LimitsAreTheCallers) {
  std::string many;
  for (int i = 0; i < 1001; ++i) absl::StrAppend(&many, "k", i, ": 1\n");
  DocumentLimits limits;
  limits.fields = 1001;

  EXPECT_THAT(ParseDocument(many, "f"), StatusIs(kInvalid, "more than 1000 fields"));
  EXPECT_THAT(ParseDocument(many, "f", limits), IsOk());
  limits.bytes = 100;
  EXPECT_THAT(ParseDocument(many, "f", limits), StatusIs(kInvalid, "at most 100"));
}

TEST(DocumentTest, SizeIsBounded) {
  EXPECT_THAT(ParseDocument("a: " + std::string(kMaxDocumentBytes, 'x'), "f"),
              StatusIs(kInvalid, "at most 262144"));
}

}  // namespace
}  // namespace niwaki
