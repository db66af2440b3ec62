#include "services/cli/error_report.h"

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

}  // namespace
}  // namespace niwaki::cli
