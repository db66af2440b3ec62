#include "libs/data/prepared/metadata.h"

#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

Metadata Good() {
  Metadata m;
  m.name = "words";
  m.class_names = {"yes", "nö"};
  m.channels = 1;
  m.height = 49;
  m.width = 40;
  m.scale = 0.4;
  m.offset = -96;
  m.mean = {-51.23456789012345};
  m.stddev = {0.1};
  m.front_end = LogMelOptions();
  m.attributes = {{"seed", "1"}, {"origin", "a \"test\""}};
  m.sizes = {1, 2, 3, 4};
  return m;
}

TEST(MetadataTest, FrontEndOfOlderFilesIsVersionOne) {
  std::string text = Good().ToJson();
  const std::string version = R"("version":2,)";
  ASSERT_NE(text.find(version), std::string::npos);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Metadata same, Metadata::FromJson(text));
  EXPECT_EQ(same.front_end->version, 2);
  text.erase(text.find(version), version.size());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Metadata old, Metadata::FromJson(text));
  EXPECT_EQ(old.front_end->version, 1);
}

TEST(MetadataTest, JsonKeepsEverything) {
  const Metadata m = Good();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Metadata back, Metadata::FromJson(m.ToJson()));

  EXPECT_EQ(back.ToJson(), m.ToJson());
  EXPECT_EQ(back.class_names, m.class_names);
  EXPECT_EQ(back.mean, m.mean);
  EXPECT_EQ(back.front_end, m.front_end);
  EXPECT_EQ(back.attributes, m.attributes);
  EXPECT_EQ(back.sizes, m.sizes);
}

TEST(MetadataTest, SourceKeepsNumbersAndTheFirstNames) {
  Metadata m = Good();
  m.source.emplace();
  m.source->files = 90;
  m.source->used = 50;
  m.source->passed_over = {{"hidden", 3}, {"ending .txt", 7}};
  m.source->bad_files = 30;
  for (int i = 0; i < 30; ++i) m.source->bad.push_back({std::to_string(i), "empty file"});
  m.source->duplicates = 2;
  m.source->notes = {"one"};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Metadata back, Metadata::FromJson(m.ToJson()));

  ASSERT_TRUE(back.source.has_value());
  EXPECT_EQ(back.source->files, 90);
  EXPECT_EQ(back.source->used, 50);
  EXPECT_EQ(back.source->passed_over, m.source->passed_over);
  EXPECT_EQ(back.source->bad_files, 30);
  EXPECT_EQ(back.source->bad.size(), 20);
  EXPECT_EQ(back.source->duplicates, 2);
  EXPECT_EQ(back.source->notes, m.source->notes);
  EXPECT_EQ(back.ToJson(), m.ToJson());
}

TEST(MetadataTest, FilesWithoutASourceHaveNone) {
  const std::string text = Good().ToJson();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Metadata m, Metadata::FromJson(text));

  EXPECT_FALSE(m.source.has_value());
  EXPECT_EQ(text.find("source"), std::string::npos);
}

TEST(MetadataTest, BadValuesAreRefused) {
  const auto check = [](void (*change)(Metadata&)) {
    Metadata m = Good();
    change(m);
    return m.Validate();
  };
  const auto refused = HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid);

  EXPECT_THAT(check([](Metadata&) {}), IsOk());
  EXPECT_THAT(check([](Metadata& m) { m.name = ""; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.name = "\xFF"; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.class_names.clear(); }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.class_names = {"a", "a"}; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.class_names = {std::string(257, 'a')}; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.channels = 2; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.height = 48; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.width = 0; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.scale = 0; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.offset = INFINITY; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.mean = {0, 0}; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.mean = {NAN}; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.stddev = {0}; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.sizes[2] = -1; }), refused);
  EXPECT_THAT(check([](Metadata& m) { m.front_end->stride_samples = 0; }), refused);
}

TEST(MetadataTest, WrongTypesAreMalformed) {
  for (const char* text : {R"({"name":1})", R"({"name":"x","classes":"a"})", "3", "{", "[1]"}) {
    EXPECT_THAT(Metadata::FromJson(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << text;
  }
}

TEST(SplitTest, NamesRoundTrip) {
  for (Split split : kAllSplits) EXPECT_THAT(ParseSplit(SplitName(split)), IsOkAndHolds(split));
  EXPECT_THAT(ParseSplit("Train"), StatusIs(absl::StatusCode::kInvalidArgument, "split Train"));
}

}  // namespace
}  // namespace niwaki::data
