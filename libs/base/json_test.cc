#include "libs/base/json.h"

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

TEST(JsonTest, KeepsOrderOfKeys) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(R"({"b":1,"a":[2]})", "x"));

  EXPECT_EQ(json.dump(), R"({"b":1,"a":[2]})");
}

TEST(JsonTest, MalformedTextNamesFileAndPlace) {
  EXPECT_THAT(ParseJson("{", "job.json"), StatusIs(absl::StatusCode::kInvalidArgument, "job.json"));
  EXPECT_THAT(ParseJson("", "job.json"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
}

TEST(JsonTest, ErrorsAreInPeoplesWords) {
  EXPECT_THAT(ParseJson("[1", "x"),
              StatusIs(absl::StatusCode::kInvalidArgument, "x: not JSON: parse error at line 1"));
  try {
    (void)Json::parse("{}").at("pid");
    FAIL();
  } catch (const Json::exception& error) {
    EXPECT_EQ(JsonErrorText(error), "key 'pid' not found");
  }
}

TEST(JsonTest, AbsurdNumbersAndDepthAreRefused) {
  const std::string deep = std::string(30000, '[') + std::string(30000, ']');

  EXPECT_THAT(ParseJson("[1e999]", "x"), StatusIs(absl::StatusCode::kInvalidArgument, "x"));
  EXPECT_THAT(ParseJson(deep, "x"), StatusIs(absl::StatusCode::kInvalidArgument, "30000 deep"));
  EXPECT_THAT(ParseJson(R"(["[[[\"[[["])", "x"), IsOk());
}

}  // namespace
}  // namespace niwaki
