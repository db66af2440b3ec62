#include "libs/data/prepared/prepared.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::string TempPath(absl::string_view name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

struct Set {
  Metadata metadata;
  std::array<SplitColumns, kSplitCount> columns;

  std::array<SplitView, kSplitCount> Views() const {
    return {columns[0].View(), columns[1].View(), columns[2].View(), columns[3].View()};
  }
};

// Three classes of 2×3×5 pictures; byte k of the file's examples is a running number.
Set MakeSet() {
  Set set;
  set.metadata.name = "tiny";
  set.metadata.class_names = {"ant", "bee", "cow"};
  set.metadata.channels = 2;
  set.metadata.height = 3;
  set.metadata.width = 5;
  set.metadata.mean = {1.5, 0.1};
  set.metadata.stddev = {2, 1e-3};
  set.metadata.has_groups = true;
  set.metadata.attributes["origin"] = "test";
  set.metadata.sizes = {7, 2, 3, 0};
  uint8_t next = 0;
  for (int s = 0; s < kSplitCount; ++s) {
    for (int i = 0; i < set.metadata.sizes[s]; ++i) {
      set.columns[s].labels.push_back(i % 3);
      set.columns[s].groups.push_back(1000000 * s + i);
      for (int k = 0; k < 30; ++k) set.columns[s].examples.push_back(next++);
    }
  }
  return set;
}

std::string WriteSet(const Set& set, absl::string_view name) {
  const std::string path = TempPath(name);
  EXPECT_THAT(WritePrepared(path, set.metadata, set.Views()), IsOk());
  return path;
}

TEST(PreparedDataTest, ReadsBackWhatWasWritten) {
  const Set set = MakeSet();
  const std::string path = WriteSet(set, "back");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(path));

  EXPECT_EQ(data->metadata().ToJson(), set.metadata.ToJson());
  for (Split split : kAllSplits) {
    const SplitColumns& columns = set.columns[static_cast<int>(split)];
    ASSERT_EQ(data->size(split), columns.labels.size());
    for (int64_t i = 0; i < data->size(split); ++i) {
      EXPECT_EQ(data->label(split, i), columns.labels[i]);
      EXPECT_EQ(data->group(split, i), columns.groups[i]);
      EXPECT_EQ(data->example(split, i), absl::MakeConstSpan(columns.examples).subspan(i * 30, 30));
    }
  }
}

TEST(PreparedDataTest, ColumnsAreAligned) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(WriteSet(MakeSet(), "aligned")));

  for (Split split : kAllSplits) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data->view(split).examples.data()) % 64, 0);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data->view(split).labels.data()) % 64, 0);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data->view(split).groups.data()) % 64, 0);
  }
}

TEST(PreparedDataTest, DigestIsThatOfTheFile) {
  const std::string path = WriteSet(MakeSet(), "digest");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string file_digest, Sha256HexOfFile(path));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(path));

  EXPECT_EQ(data->digest(), file_digest);
}

TEST(PreparedDataTest, EqualContentGivesEqualFiles) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string a, ReadFile(WriteSet(MakeSet(), "a")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string b, ReadFile(WriteSet(MakeSet(), "b")));

  EXPECT_EQ(a, b);
}

TEST(PreparedDataTest, EveryTruncationIsDataLoss) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(WriteSet(MakeSet(), "whole")));
  const std::string path = TempPath("cut");

  for (size_t n = 1; n < whole.size(); n += 13) {
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, whole.substr(0, n)));
    EXPECT_THAT(PreparedData::Open(path),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << n;
  }
}

TEST(PreparedDataTest, EveryFlippedByteIsFound) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(WriteSet(MakeSet(), "flip")));
  const std::string path = TempPath("flipped");

  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] ^= 0x40;
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, damaged));
    EXPECT_FALSE(PreparedData::Open(path).ok()) << at;
  }
}

TEST(PreparedDataTest, ChangedPayloadIsDigestMismatch) {
  const std::string path = WriteSet(MakeSet(), "payload");
  NIWAKI_ASSERT_OK_AND_ASSIGN(std::string content, ReadFile(path));
  content[content.size() - 70] ^= 1;
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, content));

  EXPECT_THAT(PreparedData::Open(path),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
}

TEST(PreparedDataTest, NewerVersionIsRefused) {
  const std::string path = WriteSet(MakeSet(), "newer");
  NIWAKI_ASSERT_OK_AND_ASSIGN(std::string content, ReadFile(path));
  content[8] = 2;
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, content));

  EXPECT_THAT(PreparedData::Open(path),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
}

// A file whose digest is right but whose metadata asks for absurd sizes.
TEST(PreparedDataTest, HostileMetadataIsDataLoss) {
  for (const char* json :
       {"", "[]", "{}", R"({"name":"x"})",
        R"({"name":"x","classes":["a"],"shape":[64,4096,4096],"element":"float32","scale":1,)"
        R"("offset":0,"mean":[0],"stddev":[1],"groups":false,"attributes":{},)"
        R"("splits":{"train":268435456,"calibration":0,"validation":0,"test":0}})",
        R"({"name":"x","classes":["a"],"shape":[1,1,1],"element":"uint8","scale":1,)"
        R"("offset":0,"mean":[0],"stddev":[1],"groups":false,"attributes":{},)"
        R"("splits":{"train":-1,"calibration":0,"validation":0,"test":0}})",
        R"({"name":"x","classes":["a"],"shape":[1,1,1],"element":"uint8","scale":1,)"
        R"("offset":0,"mean":[0],"stddev":[1],"groups":false,"attributes":{},)"
        R"("splits":{"train":268435456,"calibration":0,"validation":0,"test":0}})"}) {
    const std::string payload = json;
    std::string content(64, '\0');
    content.replace(0, 8, "NWKDATA\n");
    content[8] = 1;
    const uint32_t metadata_bytes = payload.size();
    std::memcpy(&content[12], &metadata_bytes, 4);
    const uint64_t file_bytes = 64 + payload.size();
    std::memcpy(&content[16], &file_bytes, 8);
    content.replace(32, 32, absl::HexStringToBytes(Sha256Hex(payload)));
    const std::string path = TempPath("hostile");
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, content + payload));

    EXPECT_THAT(PreparedData::Open(path),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << json;
  }
}

TEST(PreparedDataTest, MissingFileIsNotFound) {
  EXPECT_THAT(PreparedData::Open(TempPath("nothing")), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST(WritePreparedTest, LabelOutOfRangeIsRefused) {
  Set set = MakeSet();
  set.columns[2].labels[1] = 3;

  EXPECT_THAT(WritePrepared(TempPath("label"), set.metadata, set.Views()),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(WritePreparedTest, SizesThatDisagreeAreRefused) {
  Set set = MakeSet();
  set.columns[0].examples.pop_back();

  EXPECT_THAT(WritePrepared(TempPath("sizes"), set.metadata, set.Views()),
              StatusIs(absl::StatusCode::kInvalidArgument, "splits.train: bytes of examples 209"));
}

TEST(WriteSubsetTest, KeepsFirstExamplesOfChosenSplits) {
  const Set set = MakeSet();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(WriteSet(set, "full")));
  SubsetOptions options;
  options.keep = {0, -1, 2, 100};
  const std::string path = TempPath("subset");

  NIWAKI_ASSERT_OK(WriteSubset(*data, options, path));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto subset, PreparedData::Open(path));
  EXPECT_THAT(subset->metadata().sizes, ElementsAre(0, 2, 2, 0));
  EXPECT_EQ(subset->metadata().class_names, data->metadata().class_names);
  EXPECT_EQ(subset->metadata().mean, data->metadata().mean);
  EXPECT_EQ(subset->example(Split::kValidation, 1), data->example(Split::kValidation, 1));
  EXPECT_EQ(subset->group(Split::kValidation, 1), data->group(Split::kValidation, 1));
}

TEST(PreparedDataTest, MetadataIsReadAlone) {
  const Set set = MakeSet();
  const std::string path = WriteSet(set, "alone");
  NIWAKI_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(path));
  // Of an example: Open would not have it.
  bytes[bytes.size() - 128] ^= 1;
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, bytes));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Metadata metadata, ReadMetadata(path));

  EXPECT_EQ(metadata.ToJson(), set.metadata.ToJson());
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "evaluation data"));
  EXPECT_THAT(ReadMetadata(path), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(ReadMetadata(TempPath("absent")), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST(PreparedDataTest, AdoptsOtherLabelsAndNormalisation) {
  const Set set = MakeSet();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(WriteSet(set, "adopted")));
  const std::string digest = data->digest();
  Metadata like = set.metadata;
  like.class_names = {"cow", "ant", "bee"};
  like.mean = {3, 4};

  data->Adopt(like, {1, 2, 0});

  EXPECT_THAT(data->view(Split::kTrain).labels, ElementsAre(1, 2, 0, 1, 2, 0, 1));
  EXPECT_EQ(data->label(Split::kCalibration, 1), 2);
  EXPECT_EQ(data->metadata().mean, like.mean);
  EXPECT_EQ(data->metadata().class_names, like.class_names);
  EXPECT_EQ(data->digest(), digest);
}

}  // namespace
}  // namespace niwaki::data
