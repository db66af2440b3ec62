#include "libs/base/error.h"

#include <errno.h>

#include <vector>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

TEST(ErrorTest, CarriesReasonFieldValueAndLimit) {
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
                                  .Field("ks[3]")
                                  .Value(9)
                                  .Limit("{3,5,7}")
                                  .Message("kernel_size 9 not in {3,5,7}");

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "kernel_size 9"));
  const ErrorDetail expected{"SUBNET_INVALID", "ks[3]", "9", "{3,5,7}"};
  EXPECT_EQ(GetErrorDetail(status), expected);
}

TEST(ErrorTest, AnnotateKeepsCodeAndDetail) {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, reason::kJobUnknown).Message("no job 7");

  const absl::Status annotated = Annotate(status, "submit");

  EXPECT_EQ(annotated.message(), "submit: no job 7");
  EXPECT_THAT(annotated, HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST(ErrorTest, ItemsOfAnyBytesSurviveAnnotation) {
  absl::Status status = Error(absl::StatusCode::kNotFound, reason::kFileUnknown).Message("files");
  const std::vector<ErrorItem> items = {{"a:1\n\x1f", "12:"}, {"", ""}, {"\xFF", "no picture"}};

  SetErrorItems(status, items);

  EXPECT_EQ(GetErrorItems(Annotate(status, "prepare")), items);
  EXPECT_TRUE(GetErrorItems(absl::InternalError("x")).empty());
}

TEST(ErrorTest, ForeignStatusHasNoDetail) {
  EXPECT_EQ(GetErrorDetail(absl::InternalError("x")), std::nullopt);
}

TEST(ErrorTest, FullDiskIsResourceExhausted) {
  EXPECT_THAT(ErrnoToStatus(ENOSPC, "jobs.db"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
}

}  // namespace
}  // namespace niwaki
