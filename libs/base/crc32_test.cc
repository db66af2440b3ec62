#include "libs/base/crc32.h"

#include <string>

#include "gtest/gtest.h"

namespace niwaki {
namespace {

TEST(Crc32Test, AgreesWithPublishedCheckValues) {
  EXPECT_EQ(Crc32(""), 0u);
  EXPECT_EQ(Crc32("a"), 0xE8B7BE43u);
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(Crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339u);
}

TEST(Crc32Test, PartsGiveTheWhole) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 37);
  const uint32_t whole = Crc32(bytes);

  for (size_t cut = 0; cut <= bytes.size(); cut += 7) {
    const absl::string_view view = bytes;
    EXPECT_EQ(Crc32(view.substr(cut), Crc32(view.substr(0, cut))), whole) << cut;
  }
}

}  // namespace
}  // namespace niwaki
