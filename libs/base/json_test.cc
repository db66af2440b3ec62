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

}  // namespace
}  // namespace niwaki
