#include "services/cli/show/table.h"

#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

TEST(TableTest, AlignsTextLeftAndNumbersRight) {
  Table table({{"NAME"}, {"SIZE", Align::kRight}, {"NOTE"}});
  table.AddRow({"a", "5", "short"});
  table.AddRow({"longer", "12345", ""});

  EXPECT_EQ(table.ToString(),
            "NAME     SIZE  NOTE\n"
            "a           5  short\n"
            "longer  12345\n");
}

TEST(TableTest, EmptyTableIsItsTitles) { EXPECT_EQ(Table({{"A"}, {"B"}}).ToString(), "A  B\n"); }

TEST(TableTest, MultiByteCharactersCountOnce) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"µs", "x"});
  table.AddRow({"abc", "y"});

  EXPECT_EQ(table.ToString(), "A    B\nµs   x\nabc  y\n");
}

TEST(TableTest, ControlCharactersBecomeBlanks) {
  Table table({{"A"}});
  table.AddRow({"x\x1b[0my\nz"});

  EXPECT_EQ(table.ToString(), "A\nx [0my z\n");
}

}  // namespace
}  // namespace niwaki::cli
