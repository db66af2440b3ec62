#include "libs/engine/emit/c_text.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

TEST(CTextTest, ArraysAreLinesOfAtMostHundredColumns) {
  std::string text;
  AppendArray("int8_t x[3]", std::vector<int8_t>{1, -128, 127}, text);
  EXPECT_EQ(text, "int8_t x[3] = {\n    1, -128, 127,\n};\n");
  text.clear();
  AppendArray("int32_t y[50]", std::vector<int32_t>(50, -2147483647 - 1), text);
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
    EXPECT_LE(line.size(), 100);
  }
}

TEST(CTextTest, FloatLiteralsReadBackTheSame) {
  EXPECT_EQ(FloatLiteral(0.0078125F), "0.0078125f");
  EXPECT_EQ(FloatLiteral(2), "2.0f");
  EXPECT_EQ(FloatLiteral(0.1F), "0.1f");
  EXPECT_EQ(FloatLiteral(1e-20F), "1e-20f");
  const float odd = 0.023528477177023888F;
  EXPECT_EQ(std::stof(FloatLiteral(odd)), odd);
}

TEST(CTextTest, PrefixBeginsNamesOfC) {
  for (const char* good : {"model", "kws", "Net2", "a_b"}) NIWAKI_EXPECT_OK(CheckPrefix(good));
  for (const char* bad : {"", "2net", "my-net", "a b", "int", "main", "_x", "x_", "nw_net", "ü",
                          "../up", "a123456789012345678901234567890123"}) {
    EXPECT_THAT(CheckPrefix(bad), StatusIs(absl::StatusCode::kInvalidArgument, "prefix '")) << bad;
  }
}

}  // namespace
}  // namespace niwaki::engine
