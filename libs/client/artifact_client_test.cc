#include "libs/client/artifact_client.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/client/fake_artifact_service.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"

namespace niwaki::client {
namespace {

constexpr size_t kBytes = 3500000;

std::string RandomBytes(size_t size, uint64_t seed) {
  Random random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Next());
  return bytes;
}

class ArtifactClientTest : public ::testing::Test {
 protected:
  ArtifactClientTest() {
    rpc::ServerOptions options;
    options.services = {&service_};
    auto server = rpc::Server::Start(options);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    ClientOptions client_options;
    client_options.retry.backoff.initial = absl::Milliseconds(1);
    client_options.retry.max_attempts = 3;
    client_ =
        std::make_unique<ArtifactClient>(rpc::MakeChannel(server_->address()), client_options);
    folder_ = absl::StrCat(::testing::TempDir(), "/artifacts_", NewUuid());
    EXPECT_THAT(MakeFolders(folder_), IsOk());
  }

  std::string Path(const std::string& name) { return absl::StrCat(folder_, "/", name); }

  FakeArtifactService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<ArtifactClient> client_;
  std::string folder_;
};

TEST_F(ArtifactClientTest, UploadedFileComesBack) {
  const std::string content = RandomBytes(kBytes, 1);
  NIWAKI_ASSERT_OK(WriteFileAtomically(Path("in"), content));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact artifact, client_->Upload(Path("in")));
  NIWAKI_ASSERT_OK(client_->Download(artifact.digest(), Path("out")));

  EXPECT_EQ(artifact.size_bytes(), kBytes);
  EXPECT_TRUE(*ReadFile(Path("out")) == content);
  EXPECT_FALSE(FileExists(Path("out.partial")));
}

TEST_F(ArtifactClientTest, KnownFileIsNotSentAgain) {
  NIWAKI_ASSERT_OK(WriteFileAtomically(Path("in"), "content"));
  const std::string digest = service_.Put("content");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact artifact, client_->Upload(Path("in")));

  EXPECT_EQ(artifact.digest(), digest);
  EXPECT_EQ(service_.moved_bytes(), 0);
}

TEST_F(ArtifactClientTest, BytesInMemoryAreStoredOnce) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact first, client_->UploadBytes("content"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact again, client_->UploadBytes("content"));

  EXPECT_EQ(first.digest(), Sha256Hex("content"));
  EXPECT_EQ(first.size_bytes(), 7);
  EXPECT_EQ(again.digest(), first.digest());
  EXPECT_TRUE(service_.Has(first.digest()));
  EXPECT_EQ(service_.moved_bytes(), 7);
}

TEST_F(ArtifactClientTest, ProgressGrowsToTheEnd) {
  const std::string digest = service_.Put(RandomBytes(kBytes, 2));
  std::vector<int64_t> seen;

  NIWAKI_ASSERT_OK(client_->Download(digest, Path("out"), [&seen](int64_t done, int64_t total) {
    EXPECT_EQ(total, kBytes);
    seen.push_back(done);
  }));

  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), kBytes);
}

TEST_F(ArtifactClientTest, BrokenDownloadGoesOnWhereItStopped) {
  const std::string content = RandomBytes(kBytes, 3);
  const std::string digest = service_.Put(content);
  // More breaks than attempts: each one makes progress, so none of them counts.
  service_.BreakTransfers(/*times=*/6, /*bytes=*/500000);

  NIWAKI_ASSERT_OK(client_->Download(digest, Path("out")));

  EXPECT_TRUE(*ReadFile(Path("out")) == content);
  EXPECT_LT(service_.moved_bytes(), kBytes * 3 / 2);
}

TEST_F(ArtifactClientTest, LaterCallGoesOnWithThePartialFile) {
  const std::string content = RandomBytes(kBytes, 4);
  const std::string digest = service_.Put(content);
  NIWAKI_ASSERT_OK(WriteFileAtomically(Path("out.partial"), content.substr(0, kBytes - 1000)));

  NIWAKI_ASSERT_OK(client_->Download(digest, Path("out")));

  EXPECT_TRUE(*ReadFile(Path("out")) == content);
  EXPECT_EQ(service_.moved_bytes(), 1000);
}

TEST_F(ArtifactClientTest, ForeignPartialFileIsFoundOut) {
  const std::string digest = service_.Put(RandomBytes(5000, 5));
  NIWAKI_ASSERT_OK(WriteFileAtomically(Path("out.partial"), std::string(2000, 'x')));

  EXPECT_THAT(client_->Download(digest, Path("out")),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_FALSE(FileExists(Path("out")));
  // Nothing bad is left behind: the next attempt works.
  EXPECT_THAT(client_->Download(digest, Path("out")), IsOk());
}

TEST_F(ArtifactClientTest, DamagedContentIsNeverKept) {
  const std::string digest = service_.Put(RandomBytes(5000, 6));
  service_.Damage(digest);

  EXPECT_THAT(client_->Download(digest, Path("out")),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(::testing::IsEmpty()));
}

TEST_F(ArtifactClientTest, UnknownThingsAreNotFound) {
  EXPECT_THAT(client_->Download(Sha256Hex("nothing"), Path("out")),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  EXPECT_THAT(client_->Upload(Path("missing")), StatusIs(absl::StatusCode::kNotFound, "missing"));
}

TEST_F(ArtifactClientTest, BrokenUploadIsSentAgain) {
  NIWAKI_ASSERT_OK(WriteFileAtomically(Path("in"), RandomBytes(kBytes, 7)));
  service_.BreakTransfers(/*times=*/2, /*bytes=*/1000000);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact artifact, client_->Upload(Path("in")));

  EXPECT_TRUE(service_.Has(artifact.digest()));
}

TEST_F(ArtifactClientTest, EmptyFileTravels) {
  NIWAKI_ASSERT_OK(WriteFileAtomically(Path("in"), ""));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact artifact, client_->Upload(Path("in")));
  NIWAKI_ASSERT_OK(client_->Download(artifact.digest(), Path("out")));

  EXPECT_THAT(ReadFile(Path("out")), IsOkAndHolds(std::string()));
}

TEST_F(ArtifactClientTest, GoneServerIsUnavailable) {
  const std::string digest = service_.Put("content");
  server_->Shutdown(absl::ZeroDuration());

  EXPECT_THAT(client_->Download(digest, Path("out")),
              HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
}

}  // namespace
}  // namespace niwaki::client
