#include "services/cli/commands/oracle/profile_plan.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/latency/signature.h"
#include "libs/measure/test_boards.h"

namespace niwaki::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Board BoardOf(const std::string& name) {
  v1::Board board;
  board.set_name(absl::StrCat("boards/", name));
  *board.mutable_description() = measure::DescriptionOf(name);
  board.set_connected(true);
  board.set_health(v1::BOARD_HEALTH_GOOD);
  return board;
}

v1::Board Emulated(const std::string& name) {
  v1::Board board = BoardOf(name);
  board.mutable_description()->clear_device();
  board.mutable_description()->set_provenance(v1::PROVENANCE_EMULATED);
  return board;
}

ProfileWish Wish() {
  ProfileWish wish;
  wish.device.set_name("devices/stm32f746");
  wish.device.set_core("cortex-m7");
  return wish;
}

latency::EmittedOp OpOf(const std::string& text) {
  const auto signature = latency::OpSignature::FromText(text);
  EXPECT_TRUE(signature.ok()) << signature.status();
  return {*signature, latency::OpForm::kWhole};
}

TEST(ProfilePlanTest, BoardsOfTheDeviceComeBeforeEmulatedOnesOfItsCore) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(ProfileBoards chosen,
                              ChooseBoards({BoardOf("a"), Emulated("b"), BoardOf("c")}, Wish()));
  EXPECT_THAT(chosen.names, ElementsAre("boards/a", "boards/c"));
  EXPECT_EQ(chosen.provenance, v1::PROVENANCE_MEASURED);
  EXPECT_EQ(chosen.spec.device(), "devices/stm32f746");
  EXPECT_EQ(chosen.spec.operators().table_device(), "devices/stm32f746");
  EXPECT_EQ(chosen.build.engine_version(), "0123456789abcdef");

  NIWAKI_ASSERT_OK_AND_ASSIGN(chosen, ChooseBoards({Emulated("b")}, Wish()));
  EXPECT_EQ(chosen.provenance, v1::PROVENANCE_EMULATED);
  EXPECT_EQ(chosen.spec.device(), "");
  EXPECT_EQ(chosen.spec.core(), "cortex-m7");
}

TEST(ProfilePlanTest, WhereNoBoardFitsEachSaysWhy) {
  v1::Board bad = BoardOf("bad");
  bad.set_health(v1::BOARD_HEALTH_BAD);
  bad.set_health_reason("drift");
  v1::Board gone = BoardOf("gone");
  gone.set_connected(false);
  v1::Board other = Emulated("other");
  other.mutable_description()->set_core("cortex-m4");
  v1::Board old = BoardOf("old");
  old.mutable_description()->clear_engine_version();

  const auto chosen = ChooseBoards({bad, gone, other, old}, Wish());

  EXPECT_THAT(chosen, HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardUnknown));
  for (const char* why : {"bad: it is out of order: drift", "gone: its service is gone",
                          "other: it is a cortex-m4", "old: its niwaki-boards"}) {
    EXPECT_THAT(std::string(chosen.status().message()), HasSubstr(why));
  }
}

TEST(ProfilePlanTest, BoardsWhoseFiguresDoNotStandTogetherAreRefused) {
  v1::Board other = BoardOf("b");
  other.mutable_description()->set_firmware_digest(std::string(64, 'e'));
  EXPECT_THAT(ChooseBoards({BoardOf("a"), other}, Wish()),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch));
  ProfileWish wish = Wish();
  wish.board = "boards/b";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProfileBoards chosen,
                              ChooseBoards({BoardOf("a"), other}, wish));
  EXPECT_THAT(chosen.names, ElementsAre("boards/b"));
}

TEST(ProfilePlanTest, RowsOfAnotherBuildAreNotThere) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProfileBoards chosen, ChooseBoards({BoardOf("a")}, Wish()));
  v1::LookupEntry row;
  row.set_provenance(v1::PROVENANCE_MEASURED);
  EXPECT_FALSE(IsOfBoards(row, chosen));
  *row.mutable_build() = chosen.build;
  EXPECT_TRUE(IsOfBoards(row, chosen));
  row.set_provenance(v1::PROVENANCE_EMULATED);
  EXPECT_FALSE(IsOfBoards(row, chosen));
  row.set_provenance(v1::PROVENANCE_MEASURED);
  row.mutable_build()->set_compiler_digest(std::string(64, 'd'));
  EXPECT_FALSE(IsOfBoards(row, chosen));
}

TEST(ProfilePlanTest, BatchesKeepToTheirLimits) {
  const latency::EmittedOp conv = OpOf("conv2d 8x8x8 8x8x16 k1 s1 relu6 int8");
  const latency::EmittedOp add = OpOf("add 8x8x8 8x8x8 k1 s1 none int8");
  EXPECT_EQ(WeightBytes(conv.signature), 128);
  EXPECT_EQ(WeightBytes(add.signature), 0);
  EXPECT_EQ(WeightBytes(OpOf("depthwise_conv2d 8x8x8 8x8x8 k3 s1 relu6 int8").signature), 72);
  EXPECT_EQ(WeightBytes(OpOf("linear 1x1x8 1x1x10 k1 s1 none int8").signature), 80);

  const auto by_count = BatchesOf({add, conv, add}, 2, 1000);
  ASSERT_EQ(by_count.size(), 2u);
  // Of one kind side by side.
  EXPECT_EQ(by_count[0][0], conv);
  EXPECT_EQ(by_count[1].size(), 1u);
  EXPECT_EQ(BatchesOf({conv, conv, conv}, 10, 256).size(), 2u);
  // One alone may be larger.
  EXPECT_EQ(BatchesOf({conv, conv}, 10, 1).size(), 2u);
  EXPECT_TRUE(BatchesOf({}, 10, 1).empty());
}

}  // namespace
}  // namespace niwaki::cli
