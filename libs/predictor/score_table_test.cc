#include "libs/predictor/score_table.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

using ::testing::ElementsAre;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kLists[] =
    "image_size,d,ks,e,top1,peak\n"
    "128,3-3-3-3-2,7-3-3-7-3-7-3-5-3-5-7-5-5-7-3-3-3-3-5-7,"
    "3-3-4-4-6-3-3-3-3-6-6-6-4-6-6-6-4-3-4-3,0.682,262912\n";

arch::SearchSpace Space() { return *arch::CatalogueSpace("ofa_mbv3_w10"); }

std::string Json(const arch::SearchSpace& space) {
  return arch::ToJson(space, arch::MaxSubnet(space));
}

TEST(ScoreTableTest, ListsOfChoicesAreRead) {
  const arch::SearchSpace space = Space();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ScoreTable table, ParseScores(space, kLists, "t.csv"));

  ASSERT_EQ(table.rows(), 1);
  EXPECT_EQ(table.top1[0], 0.682);
  EXPECT_EQ(arch::ResolutionOf(space, table.subnets[0]).value, 128);
  EXPECT_EQ(arch::DepthOf(space, table.subnets[0], 5), 2);
  EXPECT_EQ(arch::KernelSizeOf(space, table.subnets[0], 1, 0), 7);
  EXPECT_EQ(arch::ExpandRatioOf(space, table.subnets[0], 2, 0), 6);
}

TEST(ScoreTableTest, CandidatesOfAJobAreRead) {
  const arch::SearchSpace space = Space();
  const std::string subnet = Json(space);
  std::string quoted;
  for (const char c : subnet) absl::StrAppend(&quoted, c == '"' ? "\"\"" : std::string(1, c));
  const std::string csv = absl::StrCat("slot,state,top1,subnet\r\n0,scored,0.5,\"", quoted,
                                       "\"\r\n1,infeasible,,\"", quoted, "\"\r\n");
  const std::string json =
      absl::StrCat(R"({"candidates":[{"subnetJson":")",
                   [&] {
                     std::string escaped;
                     for (const char c : subnet) {
                       absl::StrAppend(&escaped, c == '"' ? "\\" : "", std::string(1, c));
                     }
                     return escaped;
                   }(),
                   R"(","score":{"top1":0.5}},{"subnetJson":"?"}]})");
  const std::string list = absl::StrCat(R"([{"top1":0.5,"subnet":)", subnet, "}]");

  for (const std::string& text : {csv, json, list}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const ScoreTable table, ParseScores(space, text, "t"));
    EXPECT_THAT(table.top1, ElementsAre(0.5)) << text;
    EXPECT_THAT(table.subnets, ElementsAre(arch::MaxSubnet(space))) << text;
  }
}

TEST(ScoreTableTest, BadInputIsNamed) {
  struct Case {
    std::string text;
    std::string message;
  };
  const std::string lists = kLists;
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = lists;
    return text.replace(text.find(from), from.size(), to);
  };
  const Case cases[] = {
      {"", "columns is '', it must be with a column top1"},
      {"a,b\n1,2\n", "columns is 'a,b', it must be with a column top1"},
      {"top1,d,ks\n", "it must be with a column e, or subnet"},
      {changed("0.682", "68.2"), "t.csv row 2: top1 is '68.2', it must be a number from 0 to 1"},
      {changed("0.682", "nan"), "top1 is 'nan'"},
      {changed("0.682", "x"), "top1 is 'x'"},
      {changed(",262912", ""), "t.csv row 2: cells is '5', it must be 6"},
      {changed("3-3-3-3-2", "3-3-3-3-9"), "t.csv row 2"},
      {changed("128,3", "100,3"), "t.csv row 2"},
      {"{\"x\": 1}", "document is 'object'"},
      {"[1]", "t.csv[0]: entry is 'number', it must be an object"},
      {"[{\"top1\": 0.5}]", "t.csv[0]: subnet is '', it must be OFA's JSON"},
      {"[{\"top1\": \"high\"}]", "t.csv[0]: top1"},
      {"[{\"top1\": 0.5, \"subnet\": 3}]", "t.csv[0]"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ParseScores(Space(), c.text, "t.csv"), StatusIs(kInvalid, c.message)) << c.text;
  }
}

// What is read is fit for use; what is not is the file's fault.
TEST(ScoreTableTest, RandomChangesAreReadOrRefused) {
  const arch::SearchSpace space = Space();
  Random random(1);
  for (const std::string& good :
       {std::string(kLists), absl::StrCat(R"([{"top1":0.5,"subnet":)", Json(space), "}]")}) {
    for (int round = 0; round < 2000; ++round) {
      std::string text = good;
      text[random.Uniform(text.size())] = "0,-\"[]{}\n:e"[random.Uniform(11)];
      const auto table = ParseScores(space, text, "t");
      if (!table.ok()) {
        EXPECT_THAT(table, StatusIs(absl::StatusCode::kInvalidArgument, "")) << text;
        continue;
      }
      ASSERT_EQ(table->subnets.size(), table->top1.size()) << text;
      for (int row = 0; row < table->rows(); ++row) {
        EXPECT_THAT(arch::Validate(space, table->subnets[row]), IsOk()) << text;
        EXPECT_TRUE(table->top1[row] >= 0 && table->top1[row] <= 1) << text;
      }
    }
  }
}

TEST(ScoreTableTest, DigestDependsOnScoresAndOrder) {
  const arch::SearchSpace space = Space();
  ScoreTable table{{arch::MaxSubnet(space), arch::MinSubnet(space)}, {0.5, 0.25}};
  ScoreTable swapped{{arch::MinSubnet(space), arch::MaxSubnet(space)}, {0.25, 0.5}};
  ScoreTable other = table;
  other.top1[0] = 0.51;

  EXPECT_EQ(table.Digest(space), ScoreTable(table).Digest(space));
  EXPECT_NE(table.Digest(space), swapped.Digest(space));
  EXPECT_NE(table.Digest(space), other.Digest(space));
}

}  // namespace
}  // namespace niwaki::predictor
