#include "services/program/output_check.h"

#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/status_matchers.h"

namespace niwaki::program {
namespace {

TEST(CheckOutputTest, ErrorNamesTheOptionAndHasThePathAsItsValue) {
  const std::string folder = std::getenv("TEST_TMPDIR");

  const absl::Status status = CheckOutput("--svg", folder);

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "--svg: " + folder + ": Is a directory: name a file in it"));
  EXPECT_EQ(GetErrorDetail(status)->field, "--svg");
  EXPECT_EQ(GetErrorDetail(status)->value, folder);
  EXPECT_THAT(CheckOutput("--out", folder + "/none/x"),
              StatusIs(absl::StatusCode::kNotFound, "--out: "));
  NIWAKI_EXPECT_OK(CheckOutput("--out", folder + "/x"));
}

}  // namespace
}  // namespace niwaki::program
