#include "libs/tensorfile/zip_writer.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/tensorfile/zip_reader.h"

namespace niwaki::tensorfile {
namespace {

TEST(ZipWriterTest, ReadsBackAligned) {
  const std::pair<std::string, std::string> entries[] = {
      {"n/a", "first"}, {"n/empty", ""}, {"n/long", std::string(1000, 'x')}};
  ZipWriter writer;
  for (const auto& [name, content] : entries) writer.Add(name, content);
  const std::string archive = std::move(writer).Finish();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(archive, "f"));

  EXPECT_EQ(zip.entries().size(), 3u);
  for (const auto& [name, content] : entries) {
    EXPECT_THAT(zip.Read(name), IsOkAndHolds(absl::string_view(content)));
    EXPECT_EQ(zip.entries().at(name).offset % 64, 0u) << name;
  }
}

TEST(ZipWriterTest, EmptyArchiveReadsBack) {
  const std::string archive = ZipWriter().Finish();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ZipReader zip, ZipReader::Parse(archive, "f"));

  EXPECT_TRUE(zip.entries().empty());
}

}  // namespace
}  // namespace niwaki::tensorfile
