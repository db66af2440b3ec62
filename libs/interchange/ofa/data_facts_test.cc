#include "libs/interchange/ofa/data_facts.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/log_mel.h"

namespace niwaki::interchange {
namespace {

train::Manifest Words() {
  train::Manifest manifest;
  manifest.data_digest = std::string(64, 'd');
  manifest.data.name = "words";
  manifest.data.class_names = {"lamp", "music"};
  manifest.data.front_end = data::LogMelOptions();
  manifest.data.channels = 1;
  manifest.data.height = manifest.data.front_end->Frames();
  manifest.data.width = manifest.data.front_end->mel_bins;
  manifest.data.scale = 0.4;
  manifest.data.offset = -96;
  manifest.data.mean = {-51.3};
  manifest.data.stddev = {12.7};
  return manifest;
}

TEST(DataFactsTest, FactsComeBackFromTheirFile) {
  const train::Manifest words = Words();
  NIWAKI_ASSERT_OK(WriteDataFacts(::testing::TempDir(), FactsOf(words)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts,
                              ReadDataFactsFile(::testing::TempDir() + "/data.json"));

  EXPECT_EQ(facts.digest, words.data_digest);
  EXPECT_TRUE(facts.class_names_known);
  EXPECT_EQ(facts.metadata.ToJson(), words.data.ToJson());
}

TEST(DataFactsTest, UnknownNamesStayUnknown) {
  train::Manifest words = Words();
  words.class_names_known = false;
  NIWAKI_ASSERT_OK(WriteDataFacts(::testing::TempDir(), FactsOf(words)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts,
                              ReadDataFactsFile(::testing::TempDir() + "/data.json"));

  EXPECT_FALSE(facts.class_names_known);
}

TEST(DataFactsTest, MalformedFilesAreRefusedByName) {
  const std::string path = ::testing::TempDir() + "/bad.json";
  for (const char* text : {"", "[]", "{}", R"({"data_digest": 7})",
                           R"({"data_digest": "", "class_names_known": true, "data": {}})"}) {
    SCOPED_TRACE(text);
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, text));

    const auto facts = ReadDataFactsFile(path);

    EXPECT_THAT(facts, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
    EXPECT_THAT(facts, StatusIs(absl::StatusCode::kInvalidArgument, "bad.json"));
  }
  EXPECT_THAT(ReadDataFactsFile("/nowhere"), StatusIs(absl::StatusCode::kNotFound, ""));
}

}  // namespace
}  // namespace niwaki::interchange
