#include "services/worker/artifact_cache.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/client/fake_artifact_service.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"

namespace niwaki::worker {
namespace {

class ArtifactCacheTest : public ::testing::Test {
 protected:
  ArtifactCacheTest() {
    rpc::ServerOptions options;
    options.services = {&service_};
    auto server = rpc::Server::Start(options);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    client_ = std::make_unique<client::ArtifactClient>(rpc::MakeChannel(server_->address()));
    folder_ = absl::StrCat(::testing::TempDir(), "/cache_", NewUuid());
    cache_ = Open();
  }

  std::unique_ptr<ArtifactCache> Open() {
    auto cache = ArtifactCache::Open(folder_, client_.get());
    EXPECT_THAT(cache, IsOk());
    return *std::move(cache);
  }

  client::FakeArtifactService service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<client::ArtifactClient> client_;
  std::string folder_;
  std::unique_ptr<ArtifactCache> cache_;
};

TEST_F(ArtifactCacheTest, ArtifactIsFetchedOnce) {
  const std::string digest = service_.Put("content");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string path, cache_->Fetch(digest));
  EXPECT_THAT(cache_->Fetch(digest), IsOkAndHolds(path));
  EXPECT_THAT(Open()->Fetch(digest), IsOkAndHolds(path));

  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("content")));
  EXPECT_EQ(service_.downloads(), 1);
}

TEST_F(ArtifactCacheTest, WorkersOfOneMachineDownloadOnce) {
  const std::string digest = service_.Put(std::string(3000000, 'x'));
  constexpr int kWorkers = 4;
  std::vector<absl::Status> statuses(kWorkers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&, i] { statuses[i] = Open()->Fetch(digest).status(); });
  }
  for (std::thread& thread : threads) thread.join();

  for (const absl::Status& status : statuses) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(service_.downloads(), 1);
}

TEST_F(ArtifactCacheTest, DamagedFileIsFetchedAnew) {
  const std::string digest = service_.Put("content");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string path, cache_->Fetch(digest));
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "damaged"));

  EXPECT_THAT(Open()->Fetch(digest), IsOkAndHolds(path));

  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("content")));
}

TEST_F(ArtifactCacheTest, WrongContentIsNeverKept) {
  const std::string digest = service_.Put("content");
  service_.Damage(digest);

  EXPECT_THAT(cache_->Fetch(digest),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_FALSE(FileExists(absl::StrCat(folder_, "/sha256/", digest)));
}

TEST_F(ArtifactCacheTest, DigestsCannotLeaveTheFolder) {
  for (const char* digest : {"", "../../etc/passwd", "abc"}) {
    EXPECT_THAT(cache_->Fetch(digest),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  }
}

TEST_F(ArtifactCacheTest, ImpossibleFolderIsAnError) {
  NIWAKI_ASSERT_OK(WriteFileAtomically(absl::StrCat(folder_, "/file"), ""));

  EXPECT_THAT(ArtifactCache::Open(absl::StrCat(folder_, "/file"), client_.get()),
              StatusIs(absl::StatusCode::kInvalidArgument, "file"));
}

}  // namespace
}  // namespace niwaki::worker
