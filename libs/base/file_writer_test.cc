#include "libs/base/file_writer.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FileWriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
    path_ = folder_ + "/out";
  }

  absl::Status Write(const std::string& path, absl::string_view content) {
    auto file = FileWriter::Create(path);
    if (!file.ok()) return file.status();
    const absl::Status status = (*file)->Append(content);
    return status.ok() ? (*file)->Commit() : status;
  }

  // Root ignores permissions: `work` without the capabilities to do so.
  absl::Status WithoutPrivilege(const std::function<absl::Status()>& work) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct before[_LINUX_CAPABILITY_U32S_3];
    EXPECT_EQ(syscall(SYS_capget, &header, before), 0);
    __user_cap_data_struct without[] = {before[0], before[1]};
    without[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    EXPECT_EQ(syscall(SYS_capset, &header, without), 0);
    absl::Status status = work();
    EXPECT_EQ(syscall(SYS_capset, &header, before), 0);
    return status;
  }

  mode_t ModeOf(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 07777;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(FileWriterTest, PiecesAppearAsOneFileOnCommit) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, FileWriter::Create(path_));
  NIWAKI_ASSERT_OK(file->Append("one "));
  NIWAKI_ASSERT_OK(file->Append("two"));
  EXPECT_FALSE(FileExists(path_));

  NIWAKI_ASSERT_OK(file->Commit());

  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("one two"));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("out")));
}

TEST_F(FileWriterTest, WithoutCommitTheOldContentStaysAndNothingIsLeft) {
  NIWAKI_ASSERT_OK(Write(path_, "old"));

  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, FileWriter::Create(path_));
    NIWAKI_ASSERT_OK(file->Append("new"));
  }

  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("old"));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("out")));
}

TEST_F(FileWriterTest, KilledProcessLeavesNothing) {
  NIWAKI_ASSERT_OK(Write(path_, "old"));
  const int probe = open(folder_.c_str(), O_WRONLY | O_TMPFILE, 0600);
  // A file system without such files leaves a named one.
  if (probe < 0) return;
  close(probe);

  const pid_t child = fork();
  if (child == 0) {
    const auto file = FileWriter::Create(path_);
    if (file.ok() && (*file)->Append("new").ok()) raise(SIGKILL);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("old"));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("out")));
}

TEST_F(FileWriterTest, WriteProtectedFileIsNotReplaced) {
  NIWAKI_ASSERT_OK(Write(path_, "guarded"));
  ASSERT_EQ(chmod(path_.c_str(), 0444), 0);

  NIWAKI_EXPECT_OK(WithoutPrivilege([&] { return Write(folder_ + "/beside", "fine"); }));

  const absl::Status status = WithoutPrivilege([&] { return Write(path_, "other"); });

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied, path_));
  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("guarded"));
}

TEST_F(FileWriterTest, FolderWithoutPermissionIsToldBeforeTheWork) {
  ASSERT_EQ(chmod(folder_.c_str(), 0555), 0);

  EXPECT_THAT(WithoutPrivilege([&] { return CheckWritable(path_); }),
              StatusIs(absl::StatusCode::kPermissionDenied, path_));
  EXPECT_THAT(WithoutPrivilege([&] { return CheckWritableFolder(folder_ + "/new"); }),
              StatusIs(absl::StatusCode::kPermissionDenied, folder_ + "/new"));

  chmod(folder_.c_str(), 0755);
}

TEST_F(FileWriterTest, MissingFolderIsToldBeforeTheWork) {
  const auto file = FileWriter::Create(folder_ + "/missing/out");

  EXPECT_THAT(file, HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  EXPECT_THAT(file, StatusIs(absl::StatusCode::kNotFound,
                             absl::StrCat("there is no folder ", folder_, "/missing")));
  EXPECT_THAT(FileWriter::Create(""), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_F(FileWriterTest, FolderAsTargetIsRefusedBeforeTheWork) {
  EXPECT_THAT(FileWriter::Create(folder_), StatusIs(absl::StatusCode::kInvalidArgument, folder_));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(IsEmpty()));
}

TEST_F(FileWriterTest, FolderThatGoesDuringTheWorkIsAnErrorOfCommit) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, FileWriter::Create(path_));
  NIWAKI_ASSERT_OK(MakeFolders(path_));

  EXPECT_THAT(file->Commit(), StatusIs(absl::StatusCode::kInvalidArgument, path_));
}

TEST_F(FileWriterTest, ReplacedFileKeepsItsPermissionBits) {
  NIWAKI_ASSERT_OK(Write(path_, "secret"));
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);

  NIWAKI_ASSERT_OK(Write(path_, "other secret"));

  EXPECT_EQ(ModeOf(path_), 0600);
}

TEST_F(FileWriterTest, NewFileIsReadableByAllAsFarAsTheUmaskAllows) {
  const mode_t before = umask(0027);
  NIWAKI_EXPECT_OK(Write(path_, "x"));
  umask(before);

  EXPECT_EQ(ModeOf(path_), 0640);
}

TEST_F(FileWriterTest, SymbolicLinkIsFollowed) {
  NIWAKI_ASSERT_OK(MakeFolders(folder_ + "/inner"));
  NIWAKI_ASSERT_OK(Write(folder_ + "/inner/real", "old"));
  ASSERT_EQ(symlink("inner/link", path_.c_str()), 0);
  ASSERT_EQ(symlink("real", (folder_ + "/inner/link").c_str()), 0);

  NIWAKI_ASSERT_OK(Write(path_, "new"));

  EXPECT_THAT(ReadFile(folder_ + "/inner/real"), IsOkAndHolds("new"));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("inner", "out")));
  EXPECT_THAT(ListFolder(folder_ + "/inner"), IsOkAndHolds(ElementsAre("link", "real")));
}

TEST_F(FileWriterTest, LinkToNothingMakesTheFileThatItNames) {
  const std::string real = folder_ + "/real";
  ASSERT_EQ(symlink(real.c_str(), path_.c_str()), 0);

  NIWAKI_ASSERT_OK(Write(path_, "new"));

  EXPECT_THAT(ReadFile(real), IsOkAndHolds("new"));
}

TEST_F(FileWriterTest, CircleOfLinksIsRefused) {
  ASSERT_EQ(symlink("out", path_.c_str()), 0);

  EXPECT_THAT(FileWriter::Create(path_), StatusIs(absl::StatusCode::kFailedPrecondition, path_));
}

TEST_F(FileWriterTest, DeviceIsWrittenToAndStays) {
  NIWAKI_EXPECT_OK(Write("/dev/null", "gone"));

  struct stat info;
  ASSERT_EQ(stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_F(FileWriterTest, FullDiskIsNamedWithTheFile) {
  const absl::Status status = Write("/dev/full", "does not fit");

  EXPECT_THAT(status, HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "/dev/full: No space left"));
}

TEST_F(FileWriterTest, ErrorOfAppendIsThatOfCommitToo) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, FileWriter::Create("/dev/full"));
  EXPECT_FALSE(file->Append("does not fit").ok());

  EXPECT_THAT(file->Append(""), StatusIs(absl::StatusCode::kResourceExhausted, "/dev/full"));
  EXPECT_THAT(file->Commit(), StatusIs(absl::StatusCode::kResourceExhausted, "/dev/full"));
}

TEST_F(FileWriterTest, PipeIsWrittenToAndStays) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string read_back(3, '\0');
  std::thread reader([&] {
    const int fd = open(path_.c_str(), O_RDONLY);
    EXPECT_EQ(read(fd, read_back.data(), read_back.size()), 3);
    close(fd);
  });

  NIWAKI_EXPECT_OK(Write(path_, "one"));

  reader.join();
  EXPECT_EQ(read_back, "one");
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_TRUE(S_ISFIFO(info.st_mode));
}

TEST_F(FileWriterTest, PipeWhoseReaderLeftIsAnError) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  const int reader = open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, FileWriter::Create(path_));
  close(reader);

  EXPECT_THAT(file->Append("nobody reads"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "Broken pipe"));
}

TEST_F(FileWriterTest, OpenFileOfTheProcessIsAppendedTo) {
  NIWAKI_ASSERT_OK(Write(path_, "first "));
  const int fd = open(path_.c_str(), O_WRONLY);
  ASSERT_GE(fd, 0);
  struct stat before;
  ASSERT_EQ(fstat(fd, &before), 0);

  NIWAKI_EXPECT_OK(Write(absl::StrCat("/dev/fd/", fd), "second"));

  struct stat after;
  ASSERT_EQ(stat(path_.c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("first second"));
  close(fd);
}

TEST_F(FileWriterTest, CheckBeforehandHasTheErrorsAndLeavesNothing) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);

  NIWAKI_EXPECT_OK(CheckWritable(path_));
  NIWAKI_EXPECT_OK(CheckWritable("/dev/null"));
  // Does not wait for a reader.
  NIWAKI_EXPECT_OK(CheckWritable(pipe));
  EXPECT_THAT(CheckWritable(folder_ + "/missing/out"),
              StatusIs(absl::StatusCode::kNotFound, "missing"));
  EXPECT_THAT(CheckWritable(folder_), StatusIs(absl::StatusCode::kInvalidArgument, folder_));
  EXPECT_THAT(CheckWritable("/dev/full"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));

  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("pipe")));
}

TEST_F(FileWriterTest, FolderOfFilesIsCheckedWhereItIsToBeMade) {
  NIWAKI_ASSERT_OK(Write(path_, "a file"));

  NIWAKI_EXPECT_OK(CheckWritableFolder(folder_));
  NIWAKI_EXPECT_OK(CheckWritableFolder(folder_ + "/one/two/"));
  EXPECT_THAT(CheckWritableFolder(path_), StatusIs(absl::StatusCode::kInvalidArgument, path_));
  EXPECT_THAT(CheckWritableFolder(path_ + "/inner"),
              StatusIs(absl::StatusCode::kInvalidArgument, path_));
  EXPECT_THAT(CheckWritableFolder(""), StatusIs(absl::StatusCode::kNotFound, ""));

  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("out")));
}

TEST_F(FileWriterTest, DashIsNoFile) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, "/dev/stdout");

  EXPECT_THAT(FileWriter::Create("-").status(), refused);
  EXPECT_THAT(CheckWritable("-"), refused);
  EXPECT_THAT(CheckWritableFolder("-"), refused);
  EXPECT_FALSE(IsStream("-"));
}

TEST_F(FileWriterTest, StreamsAreTold) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ASSERT_EQ(symlink("pipe", (folder_ + "/link").c_str()), 0);
  NIWAKI_ASSERT_OK(Write(path_, "a file"));

  EXPECT_TRUE(IsStream(pipe));
  EXPECT_TRUE(IsStream(folder_ + "/link"));
  EXPECT_TRUE(IsStream("/dev/null"));
  EXPECT_FALSE(IsStream(path_));
  EXPECT_FALSE(IsStream(folder_ + "/new"));
  EXPECT_FALSE(IsStream(folder_));
}

TEST_F(FileWriterTest, NameMayBeAsLongAsTheSystemTakes) {
  const std::string longest = folder_ + "/" + std::string(255, 'n');

  NIWAKI_ASSERT_OK(Write(longest, "x"));

  EXPECT_THAT(ReadFile(longest), IsOkAndHolds("x"));
  EXPECT_THAT(FileWriter::Create(longest + "n"),
              StatusIs(absl::StatusCode::kInvalidArgument, "name too long"));
}

TEST_F(FileWriterTest, DurableRenameReplacesWhatHasTheName) {
  NIWAKI_ASSERT_OK(Write(path_, "old"));
  NIWAKI_ASSERT_OK(Write(path_ + ".next", "new"));

  NIWAKI_ASSERT_OK(RenameDurably(path_ + ".next", path_));

  EXPECT_THAT(ReadFile(path_), IsOkAndHolds("new"));
  EXPECT_THAT(RenameDurably(folder_ + "/none", path_),
              StatusIs(absl::StatusCode::kNotFound, path_));
}

}  // namespace
}  // namespace niwaki
