#include "libs/jobfile/read_job_file.h"

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kText[] = "supernet: kws\ndevice: stm32f746\nseed: 7\n";

TEST(ReadJobFileTest, FilesAreReadFromDisk) {
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/job.yaml");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, kText));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const JobFile file, ReadJobFile(path));
  const v1::JobSpec& spec = file.spec;
  EXPECT_EQ(spec.seed(), 7);

  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "supernet: kws\nseed: x\n"));
  EXPECT_THAT(ReadJobFile(path), StatusIs(kInvalid, absl::StrCat(path, ":1: device")));
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, std::string(1 << 20, '#')));
  EXPECT_THAT(ReadJobFile(path), HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(ReadJobFile(path + ".missing"),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

TEST(ReadJobFileTest, DashIsStandardInput) {
  std::istringstream input(kText);
  std::streambuf* const before = std::cin.rdbuf(input.rdbuf());
  const auto spec = ReadJobFile("-");
  std::istringstream wrong("supernet: kws\n");
  std::cin.rdbuf(wrong.rdbuf());
  std::cin.clear();
  const auto error = ReadJobFile("-");
  std::cin.rdbuf(before);
  std::cin.clear();

  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->spec.seed(), 7);
  EXPECT_THAT(error, StatusIs(kInvalid, "standard input:1: device: is required"));
}

// Notepad's byte-order mark and line ends; UTF-16 is said to be so.
TEST(ReadJobFileTest, FilesAreReadAsEditorsWriteThem) {
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/windows.yaml");
  const std::string windows =
      "\xEF\xBB\xBFsupernet: kws\r\ndevice: stm32f746\r\nconstraints: {macs: 1e6}\r\nseed: 1e3\r\n";
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, windows));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const JobFile file, ReadJobFile(path));
  const v1::JobSpec& spec = file.spec;
  EXPECT_EQ(spec.seed(), 1000);
  EXPECT_EQ(spec.supernet(), "supernets/kws");

  std::istringstream input(windows);
  std::streambuf* const before = std::cin.rdbuf(input.rdbuf());
  const auto piped = ReadJobFile("-");
  std::cin.rdbuf(before);
  std::cin.clear();
  ASSERT_THAT(piped, IsOk());
  EXPECT_EQ(piped->spec.seed(), 1000);

  NIWAKI_ASSERT_OK(WriteFileAtomically(path, std::string("\xFF\xFEs\0u\0", 6)));
  EXPECT_THAT(ReadJobFile(path), StatusIs(kInvalid, "is UTF-16 text; save it as UTF-8"));
}

}  // namespace
}  // namespace niwaki::jobfile
