#include "libs/jobfile/resource_name.h"

#include "gmock/gmock.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobfile {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(ResourceNameTest, CollectionIsAdded) {
  EXPECT_THAT(ResourceName("jobs", "a-1", "job"), IsOkAndHolds("jobs/a-1"));
  EXPECT_THAT(ResourceName("jobs", "jobs/a-1", "job"), IsOkAndHolds("jobs/a-1"));
  EXPECT_EQ(ResourceId("jobs/a-1"), "a-1");
  EXPECT_EQ(ResourceId("a"), "a");
}

TEST(ResourceNameTest, OtherTextIsRefused) {
  for (const char* text : {"", "jobs/", "A", "a/b", "devices/x", "a b", "../x"}) {
    EXPECT_THAT(ResourceName("jobs", text, "job"), StatusIs(kInvalid, "jobs")) << text;
  }
  EXPECT_THAT(ResourceName("jobs", std::string(64, 'a'), "job"), StatusIs(kInvalid, ""));
}

TEST(ResourceNameTest, JobsThatTestHaveASuffix) {
  EXPECT_THAT(ResourceName("jobs", "a-1.test", "job"), IsOkAndHolds("jobs/a-1.test"));
  const std::string longest(63, 'a');
  EXPECT_THAT(ResourceName("jobs", longest + ".test", "job"),
              IsOkAndHolds("jobs/" + longest + ".test"));
  for (const char* text : {".test", "a.test.test", "a.tests"}) {
    EXPECT_THAT(ResourceName("jobs", text, "job"), StatusIs(kInvalid, "jobs")) << text;
  }
  EXPECT_THAT(ResourceName("devices", "a.test", "device"), StatusIs(kInvalid, "devices"));
}

TEST(ResourceNameTest, CandidatesHaveTwoForms) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(CandidateName name, ParseCandidateName("jobs/a/candidates/7"));
  EXPECT_EQ(name.job, "jobs/a");
  EXPECT_EQ(name.slot, 7);
  NIWAKI_ASSERT_OK_AND_ASSIGN(name, ParseCandidateName("a/12"));
  EXPECT_EQ(name.slot, 12);
  EXPECT_FALSE(name.best);
  NIWAKI_ASSERT_OK_AND_ASSIGN(name, ParseCandidateName("a/best"));
  EXPECT_EQ(name.job, "jobs/a");
  EXPECT_TRUE(name.best);
  NIWAKI_ASSERT_OK_AND_ASSIGN(name, ParseCandidateName("jobs/a/candidates/best"));
  EXPECT_TRUE(name.best);

  for (const char* text : {"", "a", "a/b", "a/-1", "jobs/a/candidates/x", "a/1/2", "A/1"}) {
    EXPECT_THAT(ParseCandidateName(text), StatusIs(kInvalid, "")) << text;
  }
}

TEST(ResourceNameTest, CollectionIsAddedOnce) {
  EXPECT_EQ(InCollection("boards", "m7"), "boards/m7");
  EXPECT_EQ(InCollection("boards", "boards/m7"), "boards/m7");
  EXPECT_EQ(InCollection("boards", "boards7"), "boards/boards7");
  EXPECT_EQ(InCollection("boards", ""), "");
}

}  // namespace
}  // namespace niwaki::jobfile
