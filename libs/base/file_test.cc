#include "libs/base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::ElementsAre;

std::string FreshFolder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "/" + name;
  NIWAKI_EXPECT_OK(MakeFolders(folder));
  return folder;
}

TEST(FileTest, WriteThenReadGivesTheContent) {
  const std::string path = FreshFolder("write") + "/a";

  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "one"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "two"));

  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("two")));
}

TEST(FileTest, FailedWriteLeavesNothingBehind) {
  const std::string folder = FreshFolder("failed");
  NIWAKI_ASSERT_OK(MakeFolders(folder + "/taken/inside"));

  EXPECT_FALSE(WriteFileAtomically(folder + "/taken", "x").ok());

  EXPECT_THAT(ListFolder(folder), IsOkAndHolds(ElementsAre("taken")));
}

TEST(FileTest, TooLargeFileNamesTheLimit) {
  const std::string path = FreshFolder("large") + "/a";
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "12345"));

  EXPECT_THAT(ReadFile(path, 4),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(FileTest, PipeIsReadToItsEnd) {
  const std::string path = FreshFolder("pipe") + "/fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string content(300000, 'x');
  const auto read_from_writer = [&](int64_t limit) {
    std::thread writer([&] {
      const int fd = open(path.c_str(), O_WRONLY);
      size_t written = 0;
      while (written < content.size()) {
        const ssize_t part = write(fd, content.data() + written, content.size() - written);
        if (part < 0) break;
        written += part;
      }
      close(fd);
    });
    auto read = ReadFile(path, limit);
    writer.join();
    return read;
  };
  signal(SIGPIPE, SIG_IGN);

  EXPECT_THAT(read_from_writer(int64_t{1} << 20), IsOkAndHolds(content));
  EXPECT_THAT(read_from_writer(1000),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  signal(SIGPIPE, SIG_DFL);
}

TEST(FileTest, FileThatHidesItsSizeIsReadToItsEnd) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string name, ReadFile("/proc/self/comm"));

  EXPECT_FALSE(name.empty());
}

TEST(FileTest, EndlessDeviceStopsAtTheLimit) {
  EXPECT_THAT(ReadFile("/dev/zero", 1000),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(FileTest, OnlyFilesAreMapped) {
  const std::string folder = FreshFolder("no_file");
  const std::string path = folder + "/fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  // Or opening would wait for a writer.
  const int writer = open(path.c_str(), O_RDWR);

  EXPECT_THAT(MappedFile::Open(path),
              StatusIs(absl::StatusCode::kFailedPrecondition, path + " is a pipe or a device"));
  EXPECT_THAT(MappedFile::Open(folder), StatusIs(absl::StatusCode::kInvalidArgument, folder));
  EXPECT_THAT(ReadFile(folder), StatusIs(absl::StatusCode::kInvalidArgument, folder));
  close(writer);
}

TEST(FileTest, MissingFileIsNotFound) {
  EXPECT_THAT(ReadFile("/no/such"), StatusIs(absl::StatusCode::kNotFound, "/no/such"));
  EXPECT_THAT(MappedFile::Open("/no/such"), StatusIs(absl::StatusCode::kNotFound, "/no/such"));
}

TEST(FileTest, MappedFileShowsTheBytes) {
  const std::string path = FreshFolder("map") + "/a";
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "bytes"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto mapped, MappedFile::Open(path));

  EXPECT_EQ(mapped->bytes(), "bytes");
}

}  // namespace
}  // namespace niwaki
