#include "libs/rpc/status.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "proto/google/rpc/error_details.pb.h"
#include "proto/google/rpc/status.pb.h"

namespace niwaki::rpc {
namespace {

using ::testing::HasSubstr;

struct CodeCase {
  absl::StatusCode ours;
  grpc::StatusCode wire;
};

const std::vector<CodeCase>& Codes() {
  static const auto* const codes = new std::vector<CodeCase>{
      {absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED},
      {absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
      {absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
      {absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND},
      {absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
      {absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
      {absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
      {absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
      {absl::StatusCode::kAborted, grpc::StatusCode::ABORTED},
      {absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
      {absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
      {absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL},
      {absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
      {absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
      {absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
  };
  return *codes;
}

TEST(StatusTest, EveryCodeTravelsBothWays) {
  for (const CodeCase& c : Codes()) {
    const absl::Status status = Error(c.ours, reason::kJobUnknown)
                                    .Field("name")
                                    .Value("jobs/x")
                                    .Limit("a job")
                                    .Message("job jobs/x");

    const grpc::Status wire = ToGrpcStatus(status);

    EXPECT_EQ(wire.error_code(), c.wire);
    EXPECT_EQ(wire.error_message(), "job jobs/x");
    const absl::Status back = FromGrpcStatus(wire);
    EXPECT_EQ(back.code(), c.ours);
    EXPECT_EQ(back.message(), "job jobs/x");
    EXPECT_EQ(GetErrorDetail(back), GetErrorDetail(status));
  }
}

TEST(StatusTest, OkTravelsBothWays) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_THAT(FromGrpcStatus(grpc::Status::OK), IsOk());
}

TEST(StatusTest, UnknownBecomesInternal) {
  EXPECT_EQ(ToGrpcStatus(absl::UnknownError("odd")).error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNKNOWN, "odd")),
              HasReason(absl::StatusCode::kInternal, reason::kSystemError));
  // No enumerator, but a value that the enum can hold.
  EXPECT_THAT(FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(31), "odd")),
              StatusIs(absl::StatusCode::kInternal, "odd"));
}

TEST(StatusTest, WireHoldsErrorInfoAndBadRequest) {
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
                                  .Field("ks[3]")
                                  .Value(9)
                                  .Limit("{3,5,7}")
                                  .Message("kernel_size 9 not in {3,5,7}");

  google::rpc::Status wire;
  ASSERT_TRUE(wire.ParseFromString(ToGrpcStatus(status).error_details()));

  ASSERT_EQ(wire.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(wire.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "SUBNET_INVALID");
  EXPECT_EQ(info.domain(), "niwaki");
  EXPECT_EQ(info.metadata().at("value"), "9");
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(wire.details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "ks[3]");
}

TEST(StatusTest, ErrorWithoutDetailGetsAReason) {
  EXPECT_THAT(FromGrpcStatus(ToGrpcStatus(absl::InvalidArgumentError("x"))),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no route")),
              HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
  EXPECT_THAT(FromGrpcStatus(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "late")),
              HasReason(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded));
}

TEST(StatusTest, DamagedDetailsAreIgnored) {
  const grpc::Status wire(grpc::StatusCode::NOT_FOUND, "gone", "\xff\xff not a message");

  EXPECT_THAT(FromGrpcStatus(wire), HasReason(absl::StatusCode::kNotFound, reason::kSystemError));
}

TEST(StatusTest, HugeAndBinaryTextIsCutForTheHeader) {
  const absl::Status status =
      Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
          .Field("f")
          .Value(std::string(1 << 20, 'v'))
          .Message(std::string("\xc3\xa4 \xff\xed\xa0\x80 ") + std::string(1 << 20, 'm'));

  const grpc::Status wire = ToGrpcStatus(status);

  EXPECT_LE(wire.error_details().size(), 2 * kMaxMessageBytes + 4 * kMaxDetailBytes);
  EXPECT_LE(wire.error_message().size(), kMaxMessageBytes);
  EXPECT_THAT(wire.error_message(), HasSubstr("\xc3\xa4 ???? mmm"));
  EXPECT_THAT(FromGrpcStatus(wire),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
}

}  // namespace
}  // namespace niwaki::rpc
