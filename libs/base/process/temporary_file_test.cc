#include "libs/base/process/temporary_file.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::IsEmpty;

class TemporaryFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* before = getenv("TMPDIR");
    if (before != nullptr) before_ = before;
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
    setenv("TMPDIR", folder_.c_str(), /*overwrite=*/1);
  }
  void TearDown() override {
    if (before_.empty()) {
      unsetenv("TMPDIR");
    } else {
      setenv("TMPDIR", before_.c_str(), /*overwrite=*/1);
    }
  }

  const std::string folder_ = ::testing::TempDir() + "/" + NewUuid();
  std::string before_;
};

TEST_F(TemporaryFileTest, HoldsWhatIsWrittenAsOftenAsItIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, TemporaryFile::Create());

  NIWAKI_ASSERT_OK(WriteFileAtomically(file->path(), "for the time being"));

  EXPECT_THAT(ReadFile(file->path()), IsOkAndHolds("for the time being"));
  EXPECT_THAT(ReadFile(file->path()), IsOkAndHolds("for the time being"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto mapped, MappedFile::Open(file->path()));
  EXPECT_EQ(mapped->bytes(), "for the time being");
}

TEST_F(TemporaryFileTest, LeavesNothingInTheFolderWhateverEndsTheProcess) {
  const pid_t child = fork();
  if (child == 0) {
    const auto file = TemporaryFile::Create();
    if (file.ok() && WriteFileAtomically((*file)->path(), "x").ok()) raise(SIGKILL);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(IsEmpty()));
}

TEST_F(TemporaryFileTest, MissingFolderIsNamed) {
  setenv("TMPDIR", "/nowhere", /*overwrite=*/1);

  EXPECT_THAT(TemporaryFile::Create(),
              StatusIs(absl::StatusCode::kNotFound, "a temporary file in /nowhere"));
}

TEST_F(TemporaryFileTest, FullDiskNamesTheFolder) {
  signal(SIGXFSZ, SIG_IGN);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, TemporaryFile::Create());
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit limit = {10, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);

  const absl::Status status =
      file->Explain(WriteFileAtomically(file->path(), std::string(100, 'x')));

  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_THAT(status, HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               "a temporary file in " + folder_ + ": "));
}

}  // namespace
}  // namespace niwaki
