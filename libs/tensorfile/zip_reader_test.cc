#include "libs/tensorfile/zip_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/tensorfile/pytorch_fixture.h"
#include "libs/tensorfile/pytorch_writer.h"

namespace niwaki::tensorfile {
namespace {

constexpr size_t kEndBytes = 22;

// An archive of data.pkl, byteorder, data/0, data/1 and version in folder "n", without zip64.
std::string Archive() {
  static const std::string* const data = new std::string(16, 'x');
  return *SerializeStateDict({{"a", {Dtype::kF32, {4}, *data}}, {"b", {Dtype::kF32, {4}, *data}}},
                             "", "n");
}

// Where the directory entry of `name` begins; the name itself lies 46 bytes further.
size_t DirectoryEntry(const std::string& archive, const std::string& name) {
  return archive.rfind(name) - 46;
}

std::string With(std::string archive, size_t at, absl::string_view bytes) {
  archive.replace(at, bytes.size(), bytes.data(), bytes.size());
  return archive;
}

TEST(ZipReaderTest, ReadsEntries) {
  const std::string archive = Archive();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(archive, "f"));

  EXPECT_EQ(zip.entries().size(), 5u);
  EXPECT_THAT(zip.Read("n/version"), IsOkAndHolds(absl::string_view("3\n")));
  EXPECT_THAT(zip.Read("n/data/1"), IsOkAndHolds(absl::string_view("xxxxxxxxxxxxxxxx")));
  EXPECT_THAT(zip.Read("n/data/2"), StatusIs(absl::StatusCode::kDataLoss, "n/data/2 is missing"));
}

TEST(ZipReaderTest, ReadsZip64) {
  const std::string archive = FixtureCheckpoint();
  ASSERT_NE(archive.find("PK\x06\x06"), std::string::npos);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(archive, "f"));

  EXPECT_EQ(zip.entries().size(), 9u);
  EXPECT_THAT(zip.Read("archive/version"), IsOkAndHolds(absl::string_view("3\n")));
}

// The sizes of one entry moved into a zip64 field of the directory.
TEST(ZipReaderTest, ReadsZip64SizesOfAnEntry) {
  std::string archive = Archive();
  const size_t entry = DirectoryEntry(archive, "n/version");
  const std::string field("\1\0\x10\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 20);
  archive = With(archive, entry + 20, std::string(8, '\xFF'));
  archive = With(archive, entry + 30, std::string("\x14\0", 2));
  archive.insert(archive.size() - kEndBytes, field);
  archive[archive.size() - kEndBytes + 12] += 20;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(archive, "f"));

  EXPECT_THAT(zip.Read("n/version"), IsOkAndHolds(absl::string_view("3\n")));
}

TEST(ZipReaderTest, ReadsAnArchiveWithAComment) {
  std::string archive = Archive();
  archive = With(archive, archive.size() - 2, std::string("\5\0", 2)) + "hello";

  EXPECT_THAT(ZipReader::Parse(archive, "f"), IsOk());
}

TEST(ZipReaderTest, DamagedContentIsAnError) {
  std::string archive = Archive();
  archive[archive.find("xxxx")] = 'y';
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(archive, "f"));

  EXPECT_THAT(zip.Read("n/data/0"), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(zip.Read("n/data/0"), StatusIs(absl::StatusCode::kDataLoss, "CRC-32"));
}

struct BadCase {
  const char* name;
  std::string archive;
  const char* message;
};

class ZipBadTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(ZipBadTest, IsRefused) {
  const auto zip = ZipReader::Parse(GetParam().archive, "f");

  EXPECT_THAT(zip, HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(zip, StatusIs(absl::StatusCode::kDataLoss, GetParam().message));
}

std::string WithEntry(const std::string& name, size_t at, absl::string_view bytes) {
  const std::string archive = Archive();
  return With(archive, DirectoryEntry(archive, name) + at, bytes);
}

std::string WithEnd(size_t at, absl::string_view bytes) {
  const std::string archive = Archive();
  return With(archive, archive.size() - kEndBytes + at, bytes);
}

// `to` in place of a name in both headers; of the same length.
std::string Renamed(const std::string& from, absl::string_view to) {
  std::string archive = Archive();
  for (size_t at = archive.find(from); at != std::string::npos; at = archive.find(from, at + 1)) {
    archive = With(archive, at, to);
  }
  return archive;
}

// The fixture with the record of its zip64 end changed.
std::string WithZip64End(size_t at, absl::string_view bytes) {
  const std::string archive = FixtureCheckpoint();
  return With(archive, archive.find("PK\x06\x06") + at, bytes);
}

const std::string kFull32(4, '\xFF');
const std::string kFull64(8, '\xFF');

INSTANTIATE_TEST_SUITE_P(
    Archives, ZipBadTest,
    ::testing::Values(
        BadCase{"Empty", "", "no end of a zip archive"},
        BadCase{"Text", std::string(100, 'a'), "no end of a zip archive"},
        BadCase{"Leading", "x" + Archive(), "does not end at byte"},
        BadCase{"Trailing", Archive() + "x", "no end of a zip archive"},
        BadCase{"ManyEntries", WithEnd(8, kFull32), "65535 zip entries"},
        BadCase{"FewerEntries", WithEnd(8, std::string("\4\0\4\0", 4)), "directory ends at"},
        BadCase{"Disks", WithEnd(4, std::string("\1\0", 2)), "a part of several"},
        BadCase{"DirectorySize", WithEnd(12, kFull32), "4294967295 bytes"},
        BadCase{"DirectoryOffset", WithEnd(16, kFull32), "at byte 4294967295"},
        BadCase{"Compressed", WithEntry("n/data/0", 10, std::string("\x08\0", 2)), "is compressed"},
        BadCase{"Encrypted", WithEntry("n/data/0", 8, std::string("\1\0", 2)), "is encrypted"},
        BadCase{"OtherDisk", WithEntry("n/data/0", 34, std::string("\1\0", 2)), "another file"},
        BadCase{"PackedSize", WithEntry("n/data/0", 20, std::string("\1\0", 2)), "bytes stored"},
        BadCase{"Size", WithEntry("n/data/0", 20, kFull64), "4294967295 bytes at byte"},
        BadCase{"NameLength", WithEntry("n/version", 28, std::string("\xFF\0", 2)), "cut short"},
        BadCase{"ExtraLength", WithEntry("n/data/0", 30, std::string("\1\0", 2)), "at byte"},
        BadCase{"Offset", WithEntry("n/data/0", 42, kFull32), "no header at byte 4294967295"},
        BadCase{"OffsetOfAnother", WithEntry("n/data/0", 42, std::string(4, '\0')),
                "another header at byte 0"},
        BadCase{"Overlap", WithEntry("n/data/0", 20, std::string("\x30\0\0\0\x30\0\0\0", 8)),
                "overlap"},
        BadCase{"Twice", Renamed("n/data/1", "n/data/0"), "n/data/0 stands twice"},
        BadCase{"Parent", Renamed("n/data/1", "n/../../"), "not allowed"},
        BadCase{"Absolute", Renamed("n/data/1", "/n/data1"), "not allowed"},
        BadCase{"Backslash", Renamed("n/data/1", "n\\data\\1"), "not allowed"},
        BadCase{"Control", Renamed("n/data/1", "n/\ndata1"), "n/\\ndata1 has a name"},
        BadCase{"Zip64Entries", WithZip64End(24, kFull64 + kFull64), "zip entries in a directory"},
        BadCase{"Zip64Size", WithZip64End(40, kFull64), "does not end at byte"},
        BadCase{"Zip64Offset", WithZip64End(48, kFull64), "does not end at byte"},
        BadCase{"Zip64Record", WithZip64End(4, kFull64), "zip64 end record of"},
        BadCase{"Zip64Locator", WithZip64End(56 + 8, kFull64), "no zip64 end record at byte"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace niwaki::tensorfile
