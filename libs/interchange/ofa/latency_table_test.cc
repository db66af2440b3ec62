#include "libs/interchange/ofa/latency_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/restrict.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/space_table.h"

namespace niwaki::interchange {
namespace {

constexpr char kStem[] =
    "Conv-input:160x160x3-output:80x80x24:\n"
    "  count: 498\n"
    "  mean: 0.5\n"
    "  std: 0.01\n";
constexpr char kBlockKey[] =
    "expanded_conv-input:40x40x32-output:20x20x48-expand:96-kernel:3-stride:2-idskip:0-se:1-hs:0";

std::string WithFields(const std::string& key, const std::string& fields) {
  return absl::StrCat(kStem, key, ":\n", fields);
}

TEST(OfaTableTest, ReadsPartsInMicroseconds) {
  const std::string text = absl::StrCat(
      "# made on a phone\n", WithFields(kBlockKey, "  std: 0.002\n  count: 9\n  mean: 0.25\n"),
      "'Logits-input:1x1x1536-output:1000':\n  {count: 3, mean: 1e-1, var: 0.0004}\n",
      "AvgPool2D-input:5x5x1152-output:1x1x1152: {count: 1, mean: 0}\n");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ReadOfaTable(text, "t.yaml"));

  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].signature.ToText(), "stem 160x160x3 80x80x24 in160x160 float32");
  EXPECT_DOUBLE_EQ(entries[0].latency_us, 500);
  EXPECT_DOUBLE_EQ(entries[0].spread_us, 10);
  EXPECT_EQ(entries[0].count, 498);
  EXPECT_EQ(entries[1].signature.ToText(),
            "block 40x40x32 20x20x48 m96 k3 s2 relu se in160x160 float32");
  EXPECT_DOUBLE_EQ(entries[1].latency_us, 250);
  EXPECT_EQ(entries[2].signature.ToText(), "classifier 1x1x1536 1x1x1000 in160x160 float32");
  EXPECT_DOUBLE_EQ(entries[2].latency_us, 100);
  EXPECT_DOUBLE_EQ(entries[2].spread_us, 20);
  EXPECT_EQ(entries[3].signature.ToText(), "pool 5x5x1152 1x1x1152 in160x160 float32");
  EXPECT_DOUBLE_EQ(entries[3].spread_us, 0);
}

TEST(OfaTableTest, ProxylessKeysHaveRatios) {
  const std::string key =
      "expanded_conv-input:112x112x24-output:56x56x32-expand:6-kernel:5-stride:2-idskip:0";

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries,
                              ReadOfaTable(WithFields(key, "  count: 9\n  mean: 1\n"), "t.yaml"));

  EXPECT_EQ(entries[1].signature.ToText(),
            "block 112x112x24 56x56x32 m144 k5 s2 relu6 in160x160 float32");
  EXPECT_EQ(OfaKey(entries[1].signature), key);
}

TEST(OfaTableTest, KeysAreWrittenAsRead) {
  const std::string text = WithFields(kBlockKey, "  count: 9\n  mean: 1\n");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ReadOfaTable(text, "t.yaml"));
  EXPECT_EQ(OfaKey(entries[0].signature), "Conv-input:160x160x3-output:80x80x24");
  EXPECT_EQ(OfaKey(entries[1].signature), kBlockKey);
}

struct BadCase {
  std::string text;
  std::string message;
};

TEST(OfaTableTest, TablesAreWrittenAFileForEachResolutionAndReadBack) {
  std::vector<OfaEntry> entries;
  for (const int side : {160, 176}) {
    OfaEntry& stem = entries.emplace_back();
    stem.signature.part = latency::BlockPart::kStem;
    stem.signature.network_height = side;
    stem.signature.network_width = side;
    stem.signature.input = {side, side, 3};
    stem.signature.output = {side / 2, side / 2, 24};
    stem.latency_us = 495.5 + side;
    stem.spread_us = 1.0 / 3;
    stem.count = 498;
  }

  const std::vector<NamedText> files = WriteOfaTables(entries);

  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "160x160.yaml");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto again, ReadOfaTables(files));
  ASSERT_EQ(again.size(), 2u);
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].signature, entries[i].signature);
    EXPECT_NEAR(again[i].latency_us, entries[i].latency_us, 1e-9);
    EXPECT_NEAR(again[i].spread_us, entries[i].spread_us, 1e-9);
    EXPECT_EQ(again[i].count, 498);
  }
}

TEST(OfaTableTest, ErrorsNameLineFieldAndLimit) {
  const std::string good = "  count: 9\n  mean: 1\n";
  const BadCase cases[] = {
      {"", "t.yaml: is empty"},
      {"{}", "t.yaml: holds no entries"},
      {"  count: 3\n", "t.yaml:1: 'count' is a scalar, not a map of mean, std and count"},
      {"Conv\n", "t.yaml:1: the table is a scalar, not a map of keys"},
      {"[1]", "t.yaml:1: the table is a list, not a map of keys"},
      {WithFields(kBlockKey, "  mean: [1]\n"), "t.yaml:6: mean is a list, not a number"},
      {WithFields(kBlockKey, "  count: 9\n"), "t.yaml:5: mean '' is not set for expanded_conv"},
      {WithFields(kBlockKey, "  mean: 9\n  count: 1.5\n"), "count '1.5' is not a whole number"},
      {WithFields(kBlockKey, "  count: 9\n  mean: -1\n"),
       "t.yaml:7: mean '-1' is not a number of "
       "milliseconds from 0 to 10000"},
      {WithFields(kBlockKey, "  count: 9\n  mean: .nan\n"),
       "t.yaml:7: mean '.nan' is not a number"},
      {WithFields(kBlockKey, "  count: 9\n  mean: nan\n"), "t.yaml:7: mean 'nan' is not a number"},
      {WithFields(kBlockKey, "  count: 9\n  mean: inf\n"), "t.yaml:7: mean 'inf' is not a number"},
      {WithFields(kBlockKey, "  count: 9\n  mean: 250 us\n"),
       "mean '250 us' is not a number of "
       "milliseconds"},
      {WithFields(kBlockKey, "  count: 9\n  mean: 250000\n"),
       "mean '250000' is not a number of "
       "milliseconds from 0 to 10000"},
      {WithFields(kBlockKey, "  count: 9\n  mean_us: 250\n"), "field 'mean_us' is not count, mean"},
      {WithFields(kBlockKey, "  count: 0\n  mean: 1\n"),
       "t.yaml:6: count '0' is not a whole number "
       "from 1"},
      {WithFields(kBlockKey, "  count: 9\n  mean: 1\n  mean: 2\n"),
       "t.yaml:8: field 'mean' stands twice"},
      {WithFields(kBlockKey, "  count: 9\n  mean: 1\n  std: -2\n"), "std '-2' is not"},
      {WithFields(kBlockKey, "  what\n"), "' is a scalar, not a map of mean"},
      {WithFields("Conv_3-input:1x1x1-output:1x1x1", good), "is not one of Conv, expanded_conv"},
      {WithFields("Logits-input:1x1x0-output:1000", good), "t.yaml:5: input '1x1x0' is not HxWxC"},
      {WithFields("Logits-input:1x1x9", good), "is not one with a part 'output:'"},
      {WithFields("Logits-input:1x1x9-output:3-hs:1", good), "without an unknown part 'hs'"},
      {WithFields("Logits-input:1x1x9-output:3-output:3", good), "one with a single output"},
      {WithFields("expanded_conv-input:4x4x3-output:4x4x3-expand:6-stride:1-idskip:0", good),
       "is not one with a part 'kernel:'"},
      {WithFields("Conv-input:164x164x3-output:82x82x24", good),
       "t.yaml:5: key "
       "'Conv-input:164x164x3"},
      {absl::StrCat(kBlockKey, ":\n", good), "no Conv-input:HxWx3-output:... says the resolution"},
  };
  for (const BadCase& bad : cases) {
    const auto entries = ReadOfaTable(bad.text, "t.yaml");
    EXPECT_THAT(entries, StatusIs(absl::StatusCode::kInvalidArgument, bad.message)) << bad.text;
  }
}

TEST(OfaTableTest, DuplicateKeysNameTheirLines) {
  const std::string block = absl::StrCat(kBlockKey, ":\n  count: 9\n  mean: 1\n");
  EXPECT_THAT(ReadOfaTable(absl::StrCat(kStem, block, block), "t.yaml"),
              StatusIs(absl::StatusCode::kInvalidArgument, "t.yaml:8: field 'expanded_conv-input"));
  // One part in two spellings.
  const auto entries =
      ReadOfaTable(absl::StrCat(kStem,
                                "Logits-input:1x1x9-output:3: {mean: 1}\nLogits-input:9-output:3: "
                                "{mean: 1}\n"),
                   "t.yaml");
  EXPECT_THAT(entries,
              StatusIs(absl::StatusCode::kInvalidArgument, "given once; it stands at t.yaml:5"));
  EXPECT_EQ(GetErrorDetail(entries.status())->reason, reason::kArgumentInvalid);
}

// All that a YAML library takes for one table.
TEST(OfaTableTest, ReadsEverySpellingOfYaml) {
  const std::string key = kBlockKey;
  const std::string spellings[] = {
      WithFields(key, "  mean: 0.25\n  std: 0.002\n  count: 9\n"),
      // Flow over lines, with comments.
      absl::StrCat(kStem, key, ": {count: 9, # runs\n   mean: 0.25,\n   std: 0.002}\n"),
      absl::StrCat(kStem, key, ":\n  {count: 9,\n   mean:\n     0.25, std: 0.002\n  }\n"),
      // JSON, with tabs; numbers in quotes.
      absl::StrCat("{\n\t\"Conv-input:160x160x3-output:80x80x24\": {\"count\": 498, \"mean\": 0.5, "
                   "\"std\": 0.01},\n\t\"",
                   key, "\":\n\t\t{\"mean\": \"0.25\", \"std\": 2e-3, \"count\": 9}\n}\n"),
      absl::StrCat("---\n", kStem, "? \"", key,
                   "\"\n: mean: '0.25'\n  std: \"0.002\"\n  count: '9'\n...\n"),
      absl::StrCat(kStem, "'", key, "':\n      mean: +.25\n      std: 0.002\n      count: 9.0\n"),
  };
  for (const std::string& text : spellings) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ReadOfaTable(text, "t.yaml"));
    ASSERT_EQ(entries.size(), 2u) << text;
    EXPECT_DOUBLE_EQ(entries[0].latency_us, 500);
    EXPECT_EQ(OfaKey(entries[1].signature), key);
    EXPECT_DOUBLE_EQ(entries[1].latency_us, 250);
    EXPECT_DOUBLE_EQ(entries[1].spread_us, 2);
    EXPECT_EQ(entries[1].count, 9);
  }
}

TEST(OfaTableTest, CountMayBeAbsent) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries,
                              ReadOfaTable(WithFields(kBlockKey, "  mean: 1\n"), "t.yaml"));

  EXPECT_EQ(entries[1].count, 1);
}

// The latency of every part of one network of the space.
latency::BlockLatencies LatenciesOfLargest(const arch::SearchSpace& space) {
  latency::BlockLatencies latencies;
  const auto parts = latency::BlocksOf(arch::BuildGraph(space, arch::MaxSubnet(space)));
  EXPECT_THAT(parts, IsOk());
  for (const latency::BlockOfGraph& part : *parts) latencies[part.signature] = 1;
  return latencies;
}

TEST(OfaTableTest, MissingPartsAreCountedAndTheFamilyNamed) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto wide, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto narrow, arch::CatalogueSpace("ofa_mbv3_w10"));
  latency::BlockLatencies latencies;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto one, arch::WithResolutions(wide, {192}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto none, latency::SpaceTable::FindMissing(one, latencies));
  for (const latency::BlockOfGraph& part : none.missing) latencies[part.signature] = 1;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto asked, arch::WithResolutions(narrow, {192}));

  NIWAKI_EXPECT_OK(SpaceTableOf(one, latencies).status());
  const absl::Status status = SpaceTableOf(asked, latencies).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(
      std::string(status.message()),
      ::testing::AllOf(
          ::testing::ContainsRegex("the latency table lacks [0-9]+ of the [0-9]+ parts of the "
                                   "networks of 'ofa_mbv3_w10': "),
          ::testing::HasSubstr("stem at resolution 192x192: Conv-input:192x192x3-output:96x96x16"),
          ::testing::ContainsRegex("; and [0-9]+ more"),
          ::testing::HasSubstr(absl::StrCat("; the table is likely that of 'ofa_mbv3_w12': it has ",
                                            none.total, " of its ", none.total, " parts"))));
  EXPECT_LT(status.message().size(), 1500u);
}

TEST(OfaTableTest, TablesOfOtherResolutionsAreSaidToBeSo) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto kws, arch::CatalogueSpace("kws"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto mobile, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto small, arch::WithResolutions(mobile, {128}));

  const auto covered = CoveredSpace(kws, LatenciesOfLargest(small));

  EXPECT_THAT(covered, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(covered, StatusIs(absl::StatusCode::kInvalidArgument,
                                "the latency tables are for inputs of 128x128; space 'kws' has "
                                "25x40, 49x40; its blocks are those of MobileNetV3 (se and hs)"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto same, CoveredSpace(mobile, LatenciesOfLargest(small)));
  ASSERT_EQ(same.resolutions().size(), 1u);
  EXPECT_EQ(same.resolutions()[0].value, 128);
}

TEST(OfaTableTest, TwoFilesOfOneResolutionAreRefused) {
  EXPECT_THAT(ReadOfaTables({{"a.yaml", kStem}, {"b.yaml", kStem}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "b.yaml: resolution '160x160' is not given once; it is that of "
                       "a.yaml"));
}

TEST(OfaTableTest, RefusesLongText) {
  EXPECT_THAT(ReadOfaTable(std::string(kMaxOfaTableBytes + 1, '#'), "t.yaml"),
              StatusIs(absl::StatusCode::kInvalidArgument, "at most 4194304"));
}

}  // namespace
}  // namespace niwaki::interchange
