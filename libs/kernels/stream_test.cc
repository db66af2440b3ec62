#include "libs/kernels/stream.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::kernels {
namespace {

using ::testing::ElementsAre;

// What ran, in order: "operator:row", "operator:first-last".
std::vector<std::string>& Log() {
  static auto* const log = new std::vector<std::string>();
  return *log;
}

template <int kOp>
void Note(int8_t* /*arena*/, nw_rows rows) {
  std::string text = std::to_string(kOp) + ":" + std::to_string(rows.begin);
  if (rows.end > rows.begin + 1) text += "-" + std::to_string(rows.end - 1);
  Log().push_back(text);
}

std::vector<std::string> Stream(const std::vector<nw_stage>& stages,
                                const nw_image_rows* image = nullptr) {
  Log().clear();
  std::vector<nw_progress> progress(stages.size());
  int8_t arena[8] = {};
  nw_stream(stages.data(), static_cast<int32_t>(stages.size()), progress.data(), arena, image, {});
  return Log();
}

TEST(StreamTest, RowIsComputedWhenALaterOneAsksForIt) {
  // Four rows, then a window of three rows with stride 2 and one row of padding.
  EXPECT_THAT(Stream({{Note<0>, 4, 1, 1, 1, {-1, -1}, 0, 0}, {Note<1>, 2, 1, 2, 2, {0, -1}, 1, 0}}),
              ElementsAre("0:0", "0:1", "1:0", "0:2", "0:3", "1:1"));
}

TEST(StreamTest, OperandsAreAskedForInOrder) {
  // x, its window of three rows, and their sum: row 0 of x is there when the sum asks for it.
  EXPECT_THAT(Stream({{Note<0>, 2, 1, 1, 1, {-1, -1}, 0, 0},
                      {Note<1>, 2, 1, 1, 2, {0, -1}, 1, 0},
                      {Note<2>, 2, 1, 1, 1, {1, 0}, 2, 0}}),
              ElementsAre("0:0", "0:1", "1:0", "2:0", "1:1", "2:1"));
}

TEST(StreamTest, RowsThatNobodyAsksForAreComputedOnlyToBeFinished) {
  std::vector<nw_stage> stages = {{Note<0>, 4, 1, 1, 1, {-1, -1}, 0, 0},
                                  {Note<1>, 2, 1, 1, 1, {0, -1}, 1, 0}};
  EXPECT_THAT(Stream(stages), ElementsAre("0:0", "1:0", "0:1", "1:1"));
  stages[0].finish = 1;
  EXPECT_THAT(Stream(stages), ElementsAre("0:0", "1:0", "0:1", "1:1", "0:2", "0:3"));
}

TEST(StreamTest, CallsComputeAsManyRowsAsTheyMayAndAreAskedFor) {
  // Five rows, two a call; a window of three rows, three of its rows a call, and all of these.
  EXPECT_THAT(Stream({{Note<0>, 5, 2, 1, 1, {-1, -1}, 0, 0},
                      {Note<1>, 5, 3, 1, 2, {0, -1}, 1, 0},
                      {Note<2>, 5, 4, 1, 1, {1, -1}, 2, 0}}),
              ElementsAre("0:0-1", "0:2-3", "1:0-2", "0:4", "1:3", "2:0-3", "1:4", "2:4"));
}

TEST(StreamTest, RowsOfTheImageGoAroundTheirRing) {
  const nw_image_rows image = {[](void* context, int32_t row, int8_t* pixels) {
                                 static_cast<std::vector<std::string>*>(context)->push_back(
                                     "row " + std::to_string(row) + (*pixels == 7 ? " first" : ""));
                                 *pixels = 7;
                               },
                               &Log(), /*offset=*/2, /*row_bytes=*/3, /*ring_rows=*/2};
  EXPECT_THAT(Stream({{nullptr, 3, 1, 1, 1, {-1, -1}, -1, 0}, {Note<0>, 2, 1, 1, 2, {0, -1}, 0, 0}},
                     &image),
              ElementsAre("row 0", "row 1", "0:0", "row 2 first", "0:1"));
}

}  // namespace
}  // namespace niwaki::kernels
