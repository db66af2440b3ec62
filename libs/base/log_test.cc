#include "libs/base/log.h"

#include "gtest/gtest.h"

namespace niwaki {
namespace {

TEST(LogTest, LineHasEventAndFields) {
  EXPECT_EQ(FormatLogLine(Severity::kInfo, "job_created", {{"job_id", "a1"}, {"slots", 200}}),
            "INFO job_created job_id=a1 slots=200");
}

TEST(LogTest, BlanksAndLineEndsAreQuoted) {
  EXPECT_EQ(FormatLogLine(Severity::kError, "x", {{"why", "no\nroom"}}),
            "ERROR x why=\"no\\nroom\"");
}

}  // namespace
}  // namespace niwaki
