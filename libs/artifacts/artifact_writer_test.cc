#include "libs/artifacts/artifact_writer.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::artifacts {
namespace {

constexpr char kContent[] = "weights of a network";

class ArtifactWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = absl::StrCat(::testing::TempDir(), "/", NewUuid());
    NIWAKI_ASSERT_OK(MakeFolders(folder));
    target_ = {Sha256Hex(kContent), sizeof kContent - 1, folder + "/partial", folder + "/blob"};
  }

  absl::Status Write(const std::string& content) {
    auto writer = ArtifactWriter::Create(target_);
    if (!writer.ok()) return writer.status();
    const absl::Status status = (*writer)->Append(content);
    return status.ok() ? (*writer)->Finish() : status;
  }

  ArtifactWriter::Target target_;
};

TEST_F(ArtifactWriterTest, FinishedArtifactIsVisibleAndThePartialFileGone) {
  NIWAKI_ASSERT_OK(Write(kContent));

  EXPECT_THAT(ReadFile(target_.blob_path), IsOkAndHolds(kContent));
  EXPECT_FALSE(FileExists(target_.partial_path));
}

TEST_F(ArtifactWriterTest, NothingIsVisibleBeforeTheEnd) {
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto writer, ArtifactWriter::Create(target_));
    NIWAKI_ASSERT_OK(writer->Append(kContent));
    EXPECT_FALSE(FileExists(target_.blob_path));
  }

  EXPECT_FALSE(FileExists(target_.blob_path));
  EXPECT_FALSE(FileExists(target_.partial_path));
}

TEST_F(ArtifactWriterTest, WrongContentIsADigestMismatch) {
  std::string damaged = kContent;
  damaged[3] ^= 1;
  for (const std::string& content :
       {damaged, std::string("short"), absl::StrCat(kContent, " and more"), std::string()}) {
    EXPECT_THAT(Write(content), HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch))
        << content;
    EXPECT_FALSE(FileExists(target_.blob_path));
    EXPECT_FALSE(FileExists(target_.partial_path));
  }
}

TEST_F(ArtifactWriterTest, PartialFileOfAnotherUploadIsLeftAlone) {
  NIWAKI_ASSERT_OK(WriteFileAtomically(target_.partial_path, "another's"));

  EXPECT_THAT(ArtifactWriter::Create(target_), StatusIs(absl::StatusCode::kAlreadyExists, ""));

  EXPECT_THAT(ReadFile(target_.partial_path), IsOkAndHolds("another's"));
}

}  // namespace
}  // namespace niwaki::artifacts
