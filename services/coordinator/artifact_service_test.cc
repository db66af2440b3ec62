// ArtifactService and SupernetService: what goes in comes out, and nothing else goes in.

#include "services/coordinator/artifact_service.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

absl::StatusOr<std::string> Download(TestCoordinator& coordinator, const std::string& digest,
                                     int64_t offset) {
  grpc::ClientContext context;
  v1::DownloadArtifactRequest request;
  request.set_digest(digest);
  request.set_offset(offset);
  const auto stream = coordinator.artifacts().DownloadArtifact(&context, request);
  std::string content;
  v1::DownloadArtifactResponse message;
  while (stream->Read(&message)) content += message.chunk();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return content;
}

TEST(ArtifactServiceTest, UploadedContentDownloadsFromAnyOffset) {
  TestCoordinator coordinator;
  std::string content;
  for (int i = 0; i < 700000; ++i) content += static_cast<char>(i * 31 >> 3);
  const std::string digest = Sha256Hex(content);
  NIWAKI_ASSERT_OK(coordinator.Upload(digest, content.size(), content, 65536));

  EXPECT_EQ(*Download(coordinator, digest, 0), content);
  EXPECT_EQ(*Download(coordinator, digest, 300001), content.substr(300001));
  EXPECT_EQ(*Download(coordinator, digest, content.size()), "");
  EXPECT_THAT(Download(coordinator, digest, content.size() + 1),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(ArtifactServiceTest, RepeatedUploadIsAnsweredAtOnce) {
  TestCoordinator coordinator;
  NIWAKI_ASSERT_OK(coordinator.Upload(Sha256Hex("abc"), 3, "abc"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact again,
                              coordinator.Upload(Sha256Hex("abc"), 3, ""));
  EXPECT_EQ(again.size_bytes(), 3);
}

TEST(ArtifactServiceTest, WrongContentIsRefusedAndNotKept) {
  TestCoordinator coordinator;
  const std::string digest = Sha256Hex("abc");
  EXPECT_THAT(coordinator.Upload(digest, 3, "abd"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(coordinator.Upload(digest, 3, "ab"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(coordinator.Upload(digest, 3, "abcd"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(coordinator.Upload("abc", 3, "abc"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(coordinator.Upload(digest, int64_t{5} << 30, ""),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));

  v1::GetArtifactRequest request;
  request.set_digest(digest);
  EXPECT_THAT(rpc::Call(coordinator.artifacts(), &v1::ArtifactService::Stub::GetArtifact, request,
                        kTimeout),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
}

TEST(ArtifactServiceTest, MessageBeyondTheLimitIsRefused) {
  TestCoordinator coordinator;
  const std::string content(20 << 20, 'x');
  EXPECT_THAT(coordinator.Upload(Sha256Hex(content), content.size(), content, content.size()),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

class SupernetServiceTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::RegisterSupernetResponse> Register(const v1::Supernet& supernet) {
    v1::RegisterSupernetRequest request;
    *request.mutable_supernet() = supernet;
    return rpc::Call(coordinator_.supernets(), &v1::SupernetService::Stub::RegisterSupernet,
                     request, kTimeout);
  }
  absl::StatusOr<v1::Supernet> Get(const std::string& name) {
    v1::GetSupernetRequest request;
    request.set_name(name);
    const auto response = rpc::Call(coordinator_.supernets(),
                                    &v1::SupernetService::Stub::GetSupernet, request, kTimeout);
    if (!response.ok()) return response.status();
    return response->supernet();
  }

  TestCoordinator coordinator_;
};

TEST_F(SupernetServiceTest, RegistrationIsIdempotentAndListed) {
  coordinator_.RegisterSupernet("kws");
  coordinator_.RegisterSupernet("kws");
  coordinator_.RegisterSupernet("cifar32");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Supernet supernet, Get("supernets/kws"));
  EXPECT_EQ(supernet.space().name(), "kws");

  v1::ListSupernetsRequest request;
  request.set_page_size(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto first, rpc::Call(coordinator_.supernets(),
                                  &v1::SupernetService::Stub::ListSupernets, request, kTimeout));
  request.set_page_token(first.next_page_token());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto second, rpc::Call(coordinator_.supernets(),
                                   &v1::SupernetService::Stub::ListSupernets, request, kTimeout));
  EXPECT_EQ(first.supernets(0).name(), "supernets/cifar32");
  EXPECT_EQ(second.supernets(0).name(), "supernets/kws");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(SupernetServiceTest, WrongRegistrationsAreRefused) {
  coordinator_.RegisterSupernet("kws");
  coordinator_.RegisterSupernet("cifar32");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Supernet kws, Get("supernets/kws"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Supernet cifar, Get("supernets/cifar32"));

  v1::Supernet wrong = kws;
  wrong.set_name("supernets/new");
  wrong.set_digest(cifar.digest());
  EXPECT_THAT(Register(wrong),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  wrong.set_digest(kws.data_digest());
  EXPECT_THAT(Register(wrong), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  wrong.set_digest(std::string(64, '0'));
  EXPECT_THAT(Register(wrong), HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  wrong = kws;
  wrong.set_data_digest(kws.digest());
  EXPECT_THAT(Register(wrong), HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  wrong = kws;
  wrong.set_name("supernets/Bad Name");
  EXPECT_THAT(Register(wrong),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  wrong = kws;
  wrong.mutable_space()->set_num_classes(0);
  EXPECT_THAT(Register(wrong),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  EXPECT_THAT(Get("supernets/new"),
              HasReason(absl::StatusCode::kNotFound, reason::kSupernetUnknown));
}

}  // namespace
}  // namespace niwaki::coordinator
