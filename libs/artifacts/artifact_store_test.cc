#include "libs/artifacts/artifact_store.h"

#include <signal.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::artifacts {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

std::string FreshRoot() { return absl::StrCat(::testing::TempDir(), "/", NewUuid()); }

absl::Status Put(const ArtifactStore& store, const std::string& content) {
  auto writer = store.Write(Sha256Hex(content), content.size());
  if (!writer.ok()) return writer.status();
  const absl::Status status = (*writer)->Append(content);
  return status.ok() ? (*writer)->Finish() : status;
}

std::vector<std::string> Partials(const std::string& root) {
  return ListFolder(root + "/partial").value();
}

TEST(ArtifactStoreTest, StoredContentReadsBack) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(FreshRoot()));
  const std::string content = "weights";

  NIWAKI_ASSERT_OK(Put(*store, content));

  EXPECT_THAT(store->SizeOf(Sha256Hex(content)), IsOkAndHolds(Eq(7)));
  EXPECT_THAT(store->Read(Sha256Hex(content), 0, 100), IsOkAndHolds(Eq("weights")));
  EXPECT_THAT(store->Read(Sha256Hex(content), 3, 2), IsOkAndHolds(Eq("gh")));
  EXPECT_THAT(store->Read(Sha256Hex(content), 7, 2), IsOkAndHolds(Eq("")));
  EXPECT_THAT(ReadFile(store->PathOf(Sha256Hex(content)).value()), IsOkAndHolds(Eq("weights")));
}

TEST(ArtifactStoreTest, EmptyAndRepeatedArtifactsAreFine) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(FreshRoot()));

  NIWAKI_EXPECT_OK(Put(*store, ""));
  NIWAKI_EXPECT_OK(Put(*store, "twice"));
  NIWAKI_EXPECT_OK(Put(*store, "twice"));

  EXPECT_THAT(store->SizeOf(Sha256Hex("")), IsOkAndHolds(Eq(0)));
}

TEST(ArtifactStoreTest, ContentSurvivesReopening) {
  const std::string root = FreshRoot();
  NIWAKI_ASSERT_OK(Put(**ArtifactStore::Open(root), "kept"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(root));

  EXPECT_THAT(store->SizeOf(Sha256Hex("kept")), IsOkAndHolds(Eq(4)));
}

TEST(ArtifactStoreTest, WrongDigestKeepsNothing) {
  const std::string root = FreshRoot();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(root));
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto writer, store->Write(Sha256Hex("abc"), 3));
    NIWAKI_ASSERT_OK(writer->Append("abd"));
    EXPECT_THAT(writer->Finish(), HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  }

  EXPECT_THAT(store->SizeOf(Sha256Hex("abc")),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  EXPECT_THAT(store->SizeOf(Sha256Hex("abd")),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  EXPECT_THAT(Partials(root), IsEmpty());
}

TEST(ArtifactStoreTest, TruncatedAndOverlongUploadsAreRefused) {
  const std::string root = FreshRoot();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(root));
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto writer, store->Write(Sha256Hex("abc"), 3));
    NIWAKI_ASSERT_OK(writer->Append("ab"));
    EXPECT_THAT(writer->Finish(), HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  }
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto writer, store->Write(Sha256Hex("abc"), 3));
    EXPECT_THAT(writer->Append("abcd"),
                HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  }

  EXPECT_THAT(Partials(root), IsEmpty());
}

TEST(ArtifactStoreTest, BadDigestsAndSizesNameTheField) {
  ArtifactStoreOptions options;
  options.max_bytes = 10;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(FreshRoot(), options));

  for (const char* digest : {"", "abc", "../../../../etc/passwd"}) {
    EXPECT_THAT(store->SizeOf(digest),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_THAT(store->Write(digest, 1),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  }
  EXPECT_THAT(store->Write(Sha256Hex("x"), 11),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  EXPECT_THAT(store->Write(Sha256Hex("x"), -1),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(ArtifactStoreTest, OffsetOutsideTheFileIsRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(FreshRoot()));
  NIWAKI_ASSERT_OK(Put(*store, "abc"));

  EXPECT_THAT(store->Read(Sha256Hex("abc"), 4, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, "offset is 4; it must be 0 to 3"));
  EXPECT_THAT(store->Read(Sha256Hex("abc"), -1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, "offset is -1; it must be 0 to 3"));
}

TEST(ArtifactStoreTest, LeftoversOfADeadProcessAreRemoved) {
  const std::string root = FreshRoot();
  NIWAKI_ASSERT_OK(ArtifactStore::Open(root));
  NIWAKI_ASSERT_OK(WriteFileAtomically(root + "/partial/half", "half"));

  NIWAKI_ASSERT_OK(ArtifactStore::Open(root));

  EXPECT_THAT(Partials(root), IsEmpty());
}

TEST(ArtifactStoreTest, FailedWriteKeepsNothing) {
  // A file size limit stands in for a full disk: both fail the write call halfway.
  signal(SIGXFSZ, SIG_IGN);
  const std::string root = FreshRoot();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto store, ArtifactStore::Open(root));
  const std::string content(100000, 'x');
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 50000;
  setrlimit(RLIMIT_FSIZE, &small);

  const absl::Status status = Put(*store, content);
  setrlimit(RLIMIT_FSIZE, &before);

  EXPECT_FALSE(status.ok());
  EXPECT_THAT(store->SizeOf(Sha256Hex(content)),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  EXPECT_THAT(Partials(root), IsEmpty());
  NIWAKI_EXPECT_OK(Put(*store, content));
}

}  // namespace
}  // namespace niwaki::artifacts
