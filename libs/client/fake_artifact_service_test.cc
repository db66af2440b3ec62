#include "libs/client/fake_artifact_service.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"

namespace niwaki::client {
namespace {

class FakeArtifactServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions options;
    options.services = {&service_};
    NIWAKI_ASSERT_OK_AND_ASSIGN(server_, rpc::Server::Start(std::move(options)));
    stub_ = v1::ArtifactService::NewStub(rpc::MakeChannel(server_->address()));
  }

  absl::StatusOr<std::string> Download(const std::string& digest, int64_t offset = 0) {
    grpc::ClientContext context;
    v1::DownloadArtifactRequest request;
    request.set_digest(digest);
    request.set_offset(offset);
    const auto reader = stub_->DownloadArtifact(&context, request);
    std::string content;
    v1::DownloadArtifactResponse response;
    while (reader->Read(&response)) content += response.chunk();
    const grpc::Status status = reader->Finish();
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return content;
  }

  absl::Status Upload(const std::string& digest, const std::string& content) {
    grpc::ClientContext context;
    v1::UploadArtifactResponse response;
    const auto writer = stub_->UploadArtifact(&context, &response);
    v1::UploadArtifactRequest request;
    request.mutable_artifact()->set_digest(digest);
    writer->Write(request);
    request.set_chunk(content);
    writer->Write(request);
    writer->WritesDone();
    return rpc::FromGrpcStatus(writer->Finish());
  }

  FakeArtifactService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::ArtifactService::Stub> stub_;
};

TEST_F(FakeArtifactServiceTest, StoresAndSendsByDigest) {
  NIWAKI_ASSERT_OK(Upload(Sha256Hex("content"), "content"));

  EXPECT_TRUE(service_.Has(Sha256Hex("content")));
  EXPECT_THAT(Download(Sha256Hex("content")), IsOkAndHolds("content"));
  EXPECT_THAT(Download(Sha256Hex("content"), 3), IsOkAndHolds("tent"));
  EXPECT_EQ(service_.downloads(), 2);
  EXPECT_EQ(service_.moved_bytes(), 7 + 7 + 4);
}

TEST_F(FakeArtifactServiceTest, OtherContentIsRefused) {
  EXPECT_THAT(Upload(Sha256Hex("content"), "other"), StatusIs(absl::StatusCode::kDataLoss, ""));
  EXPECT_FALSE(service_.Has(Sha256Hex("content")));
  EXPECT_THAT(Download(Sha256Hex("content")), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_F(FakeArtifactServiceTest, BreaksAsManyTransfersAsItIsTold) {
  const std::string digest = service_.Put(std::string(100, 'x'));
  service_.BreakTransfers(1, 0);

  EXPECT_THAT(Download(digest), StatusIs(absl::StatusCode::kUnavailable, ""));
  NIWAKI_EXPECT_OK(Download(digest));
}

TEST_F(FakeArtifactServiceTest, DamagedContentHasTheSameSize) {
  const std::string digest = service_.Put("content");
  service_.Damage(digest);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string content, Download(digest));

  EXPECT_EQ(content.size(), 7);
  EXPECT_NE(content, "content");
}

}  // namespace
}  // namespace niwaki::client
