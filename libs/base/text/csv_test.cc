#include "libs/base/text/csv.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

using ::testing::ElementsAre;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

TEST(CsvTest, CellsAndRowsAreSplit) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto rows, ParseCsv("a,b\n\n\"x\ny\",\r\n,z", "f"));

  EXPECT_THAT(rows,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("x\ny", ""), ElementsAre("", "z")));
}

TEST(CsvTest, OpenQuotesAreRefused) {
  EXPECT_THAT(ParseCsv("\"a", "f"), HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(ParseCsv("a,\"b\"c", "f"), StatusIs(kInvalid, "row 1"));
}

TEST(CsvTest, RandomBytesNeverCrash) {
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  Random random(kSeed);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random.Uniform(30), ' ');
    for (char& c : text) c = "a,\"\r\n"[random.Uniform(5)];
    ParseCsv(text, "f").IgnoreError();
  }
}

}  // namespace
}  // namespace niwaki
