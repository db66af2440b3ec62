#include "services/cli/show/networks/memory_picture.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

arch::Graph LargestKeywordNetwork() {
  const auto space = arch::CatalogueSpace("kws");
  return arch::BuildGraph(*space, arch::MaxSubnet(*space));
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(MemoryPictureTest, EveryTensorAndScratchIsARectangle) {
  const arch::Graph graph = LargestKeywordNetwork();
  const engine::MemoryPlan plan = engine::PlanMemory(graph);
  int scratch = 0;
  for (const engine::TensorPlacement& place : plan.scratch) scratch += place.size_bytes > 0;

  const std::string svg = RenderMemory(graph, plan, "kws, largest");

  EXPECT_EQ(Count(svg, "<rect class=\"tensor "), static_cast<int>(graph.tensors.size()));
  EXPECT_EQ(Count(svg, "<rect class=\"scratch\""), scratch);
  EXPECT_EQ(Count(svg, "<text class=\"op\""), static_cast<int>(graph.ops.size()));
  EXPECT_THAT(svg, HasSubstr("<title>tensor 0 (input), "));
  EXPECT_EQ(svg, RenderMemory(graph, plan, "kws, largest"));
}

TEST(MemoryPictureTest, PeakAndArenaAreNamed) {
  const arch::Graph graph = LargestKeywordNetwork();
  const engine::MemoryPlan plan = engine::PlanMemory(graph);

  const std::string svg = RenderMemory(graph, plan, "t");

  EXPECT_THAT(svg, HasSubstr("(" + std::to_string(plan.arena_bytes) + " bytes)"));
  EXPECT_THAT(svg, HasSubstr(">operator " + std::to_string(plan.peak_op) + " ("));
  EXPECT_THAT(svg, HasSubstr("holds the most"));
}

// The number behind `name="` in an element; -1 where it has none.
double NumberOf(const std::string& element, const std::string& name) {
  const size_t at = element.find(" " + name + "=\"");
  return at == std::string::npos ? -1 : std::stod(element.substr(at + name.size() + 3));
}

TEST(MemoryPictureTest, EverythingLiesInsideAndNamesDoNotOverlap) {
  // As wide as a character of a name is taken to be, and as high as its line.
  constexpr double kCharacter = 5.6;
  constexpr double kLine = 10;
  const arch::Graph graph = LargestKeywordNetwork();
  const std::string svg = RenderMemory(graph, engine::PlanMemory(graph), "kws, largest");
  const double width = NumberOf(svg, "width");
  const double height = NumberOf(svg, "height");
  struct Box {
    double left, right, top, bottom;
  };
  std::vector<Box> names;

  for (size_t at = svg.find("\n<"); at != std::string::npos; at = svg.find("\n<", at + 1)) {
    const std::string line = svg.substr(at + 1, svg.find('\n', at + 1) - at - 1);
    const double x = NumberOf(line, "x");
    const double y = NumberOf(line, "y");
    if (x < 0 || y < 0) continue;
    EXPECT_LE(x + std::max(0.0, NumberOf(line, "width")), width) << line;
    EXPECT_LE(y + std::max(0.0, NumberOf(line, "height")), height) << line;
    if (line.rfind("<text class=\"name\"", 0) != 0) continue;
    const size_t begin = line.find('>') + 1;
    const double half = (line.find('<', begin) - begin) * kCharacter / 2;
    const Box box = {x - half, x + half, y - kLine, y};
    for (const Box& other : names) {
      EXPECT_FALSE(box.left < other.right && other.left < box.right && box.top < other.bottom &&
                   other.top < box.bottom)
          << line;
    }
    names.push_back(box);
  }
  EXPECT_GT(names.size(), 3u);
}

TEST(MemoryPictureTest, ScheduleByRowsIsNamedWithItsRings) {
  const std::string path = ::testing::TempDir() + "/rows.svg";
  const arch::Graph graph = LargestKeywordNetwork();

  NIWAKI_ASSERT_OK(WriteMemoryPicture(graph, "t", path, /*sram_bytes=*/1));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string svg, ReadFile(path));
  EXPECT_THAT(svg, HasSubstr(" row by row"));
  EXPECT_THAT(svg, HasSubstr(" rows of it at a time, bytes "));
}

TEST(MemoryPictureTest, TitlesAreEscaped) {
  const arch::Graph graph = LargestKeywordNetwork();

  const std::string svg = RenderMemory(graph, engine::PlanMemory(graph), "<script>&\"\x01");

  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&amp;&quot;?"));
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
}

TEST(MemoryPictureTest, FileHoldsThePicture) {
  const std::string path = ::testing::TempDir() + "/memory.svg";
  const arch::Graph graph = LargestKeywordNetwork();

  NIWAKI_ASSERT_OK(WriteMemoryPicture(graph, "t", path));

  EXPECT_THAT(ReadFile(path), IsOkAndHolds(RenderMemory(graph, engine::PlanMemory(graph), "t")));
}

}  // namespace
}  // namespace niwaki::cli
