#include "services/cli/show/plots/svg_text.h"

#include <string>

#include "gtest/gtest.h"

namespace niwaki::cli {
namespace {

TEST(SvgTextTest, MarkupIsText) {
  EXPECT_EQ(SvgText("a<b> & \"c\""), "a&lt;b&gt; &amp; &quot;c&quot;");
}

TEST(SvgTextTest, LinesStayApartAndControlsAreSeen) {
  EXPECT_EQ(SvgText("one\ntwo\x1b\xff"), "one&#10;two??");
}

TEST(SvgTextTest, LongTextIsCut) { EXPECT_EQ(SvgText(std::string(1000, 'x')).size(), 300); }

}  // namespace
}  // namespace niwaki::cli
