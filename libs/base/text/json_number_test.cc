#include "libs/base/text/json_number.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace niwaki {
namespace {

TEST(JsonNumberTest, ReadsWholeNumbers) {
  EXPECT_EQ(Integer<int>(Json::parse("-7")), -7);
  EXPECT_EQ(Integer<int>(Json(7)), 7);
  EXPECT_EQ(Integer<int>(Json::parse("2147483647")), 2147483647);
  EXPECT_EQ(Integer<int>(Json::parse("-2147483648")), -2147483647 - 1);
  EXPECT_EQ(Integer<uint64_t>(Json::parse("18446744073709551615")), 18446744073709551615u);
  EXPECT_EQ(Integer<int64_t>(Json::parse("-9223372036854775808")),
            std::numeric_limits<int64_t>::min());
}

TEST(JsonNumberTest, RefusesEverythingElse) {
  for (const char* text : {"1.5", "1e300", "2147483648", "-2147483649", "18446744073709551615",
                           "true", "null", "\"7\"", "[7]", "-0.0"}) {
    EXPECT_THROW(Integer<int>(Json::parse(text)), Json::exception) << text;
  }
  EXPECT_THROW(Integer<uint64_t>(Json::parse("-1")), Json::exception);
  EXPECT_THROW(Integer<int64_t>(Json::parse("9223372036854775808")), Json::exception);
}

}  // namespace
}  // namespace niwaki
