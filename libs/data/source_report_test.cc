#include "libs/data/source_report.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/json.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SourceReport Example() {
  SourceReport report;
  report.files = 40;
  report.used = 10;
  report.passed_over = {{"ending .txt", 2}, {"hidden", 3}};
  report.bad_files = 25;
  for (int i = 0; i < 25; ++i) report.bad.push_back({"cat/" + std::to_string(i), "empty file"});
  report.blank_examples = 1;
  report.blank = {"cat/night sky.png"};
  report.duplicates = 2;
  report.duplicates_elsewhere = 1;
  report.notes = {"one note"};
  return report;
}

TEST(SourceReportTest, JsonKeepsAllThatItIsAskedFor) {
  const SourceReport report = Example();

  const SourceReport all = SourceReportFromJson(SourceReportToJson(report, 100));
  const SourceReport some = SourceReportFromJson(SourceReportToJson(report, 3));

  EXPECT_EQ(all.bad, report.bad);
  EXPECT_EQ(all.passed_over, report.passed_over);
  EXPECT_EQ(all.blank, report.blank);
  EXPECT_EQ(all.duplicates_elsewhere, 1);
  EXPECT_THAT(all.notes, ElementsAre("one note"));
  EXPECT_EQ(some.bad.size(), 3);
  EXPECT_EQ(some.bad_files, 25);
  EXPECT_EQ(some.files, some.used + some.PassedOver() + some.bad_files);
}

TEST(SourceReportTest, TwinsAreKeptAndNamedAndOldFilesLackThem) {
  SourceReport report = Example();
  report.blank_left_out = 1;
  report.duplicate_files = {"dog/3.png (dog) = cat/1.png (cat)", "cat/2.png = cat/1.png"};
  report.across_splits = 7;
  report.across_splits_examples = {"a (test) = b (train)"};

  Json json = SourceReportToJson(report, 100);
  const SourceReport back = SourceReportFromJson(json);
  const std::string text = SourceReportText(report);
  for (const char* key : {"blank_left_out", "duplicate_files", "across_splits"}) json.erase(key);
  const SourceReport old = SourceReportFromJson(json);

  EXPECT_EQ(back.blank_left_out, 1);
  EXPECT_EQ(back.duplicate_files, report.duplicate_files);
  EXPECT_EQ(back.across_splits, 7);
  EXPECT_EQ(back.across_splits_examples, report.across_splits_examples);
  EXPECT_EQ(old.across_splits, 0);
  EXPECT_THAT(text,
              HasSubstr("duplicates  2 files have the content of another one, 1 of them under "
                        "another class: dog/3.png (dog) = cat/1.png (cat); cat/2.png = "
                        "cat/1.png\n"));
  EXPECT_THAT(text,
              HasSubstr("in 2 splits 7 examples are in another split, too, which flatters the "
                        "scores: a (test) = b (train) and 6 more\n"));
  EXPECT_THAT(text, HasSubstr("1 example silent or of one colour, left out: "));
}

TEST(SourceReportTest, WrongTypesThrowForTheCallerToCatch) {
  for (const char* text : {R"({})", R"({"files":-1})", R"({"files":1,"used":1,"passed_over":3})",
                           R"({"files":1,"used":1,"passed_over":{"x":0.5}})", R"([1])"}) {
    EXPECT_THROW(SourceReportFromJson(Json::parse(text)), Json::exception) << text;
  }
}

TEST(SourceReportTest, TextNamesTheFirstTwentyAndCountsTheRest) {
  const std::string text = SourceReportText(Example());

  EXPECT_THAT(text, HasSubstr("files       40: 10 used, 5 passed over, 25 bad\n"));
  EXPECT_THAT(text, HasSubstr("passed over 2: ending .txt\npassed over 3: hidden\n"));
  EXPECT_THAT(text, HasSubstr("bad         cat/19: empty file\nbad         and 5 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("cat/20")));
  EXPECT_THAT(text, HasSubstr("1 example silent or of one colour: \"cat/night sky.png\"\n"));
  EXPECT_THAT(text, HasSubstr("duplicates  2 files have the content of another one, 1 of them"));
  EXPECT_THAT(text, HasSubstr("note        one note\n"));
}

TEST(SourceReportTest, CommandsInProblemsCanBeRunAsTheyStand) {
  SourceReport report;
  report.bad = {{"a.gif", "this converts it: convert 'a.gif[0]'\na.png"}};
  report.bad_files = 1;

  EXPECT_THAT(SourceReportText(report),
              HasSubstr("a.gif: this converts it: convert 'a.gif[0]' a.png\n"));
}

TEST(PlainNameTest, NamesAreOneWordOnATerminal) {
  EXPECT_EQ(PlainName("größe_1.png"), "größe_1.png");
  EXPECT_EQ(PlainName("a b"), "\"a b\"");
  EXPECT_EQ(PlainName("a\nb\x1b"), "\"a\\nb\\x1b\"");
  EXPECT_EQ(PlainName(""), "\"\"");
  EXPECT_EQ(NameSome({"a", "b c", "d"}, 2), "a, \"b c\" and 1 more");
}

}  // namespace
}  // namespace niwaki::data
