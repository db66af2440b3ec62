#include "services/cli/error_report.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::cli {
namespace {

absl::Status DetailedError() {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
      .Field("ks[3]")
      .Value(9)
      .Limit("{3,5,7}")
      .Message("kernel_size 9 not in {3,5,7}");
}

TEST(ErrorReportTest, TextNamesTheParts) {
  EXPECT_EQ(FormatErrorText(DetailedError()),
            "niwaki: kernel_size 9 not in {3,5,7}\n"
            "  field: ks[3]\n"
            "  value: 9\n"
            "  limit: {3,5,7}\n");
}

TEST(ErrorReportTest, TextWithoutDetailIsOneLine) {
  EXPECT_EQ(FormatErrorText(absl::UnavailableError("no answer")), "niwaki: no answer\n");
  EXPECT_EQ(FormatErrorText(absl::UnavailableError("")), "niwaki: UNAVAILABLE\n");
}

TEST(ErrorReportTest, TextNamesTheProgram) {
  EXPECT_EQ(FormatErrorText(absl::UnavailableError("no answer"), "niwaki-train"),
            "niwaki-train: no answer\n");
}

TEST(ErrorReportTest, JsonIsAskedForInTwoForms) {
  EXPECT_TRUE(AsksForJson({"jobs", "--bogus", "--output", "json"}));
  EXPECT_TRUE(AsksForJson({"--output=json"}));
  EXPECT_FALSE(AsksForJson({"json", "--output"}));
  EXPECT_FALSE(AsksForJson({"--output", "text"}));
}

TEST(ErrorReportTest, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(FormatErrorText(absl::NotFoundError("job \x1b[2J\nx")), "niwaki: job  [2J x\n");
}

TEST(ErrorReportTest, JsonHasAllParts) {
  EXPECT_EQ(FormatErrorJson(DetailedError()).dump(),
            R"({"error":{"code":"INVALID_ARGUMENT","reason":"SUBNET_INVALID","field":"ks[3]",)"
            R"("value":"9","limit":"{3,5,7}","message":"kernel_size 9 not in {3,5,7}"}})");
}

absl::Status ErrorWithItems(int count) {
  absl::Status status = absl::InvalidArgumentError("files cannot be used");
  std::vector<ErrorItem> items;
  for (int i = 0; i < count; ++i) items.push_back({absl::StrCat("f", i), "no\npicture"});
  SetErrorItems(status, items);
  return status;
}

TEST(ErrorReportTest, ItemsAreLinesOfTheText) {
  EXPECT_EQ(FormatErrorText(ErrorWithItems(2)),
            "niwaki: files cannot be used\n  f0: no picture\n  f1: no picture\n");
}

TEST(ErrorReportTest, TextIsBoundedWhereJsonHasEveryItem) {
  const std::string text = FormatErrorText(ErrorWithItems(33));
  const Json json = FormatErrorJson(ErrorWithItems(33));

  EXPECT_THAT(text,
              ::testing::HasSubstr("  f19: no picture\n  and 13 more (all with --output json)"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("f20")));
  ASSERT_EQ(json["error"]["items"].size(), 33);
  EXPECT_EQ(json["error"]["items"][32].dump(), R"({"name":"f32","problem":"no\npicture"})");
}

}  // namespace
}  // namespace niwaki::cli
